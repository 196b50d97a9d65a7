"""Fifty runs recorded from torch 2.13, as far as the catalogue goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.declaration import find
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

RECORDED = Path(__file__).parents[1] / "reference" / "torch_trajectories.json"
OPTIMIZER_KEYS = {optimizer.key for optimizer in OPTIMIZERS}
SCHEDULE_KEYS = {schedule.key for schedule in SCHEDULES}


def recorded() -> list[dict[str, Any]]:
    cases = json.loads(RECORDED.read_text(encoding="utf-8"))["cases"]
    return [case for case in cases if case["optimizer"] in OPTIMIZER_KEYS and case["schedule"] in SCHEDULE_KEYS]


def name(case: dict[str, Any]) -> str:
    options = [f"{key}={value}" for key, value in (case["kwargs"] | case["schedule_kwargs"]).items()]
    return " ".join([case["problem"], case["optimizer"], case["schedule"], *options])


def test_at_least_44_recorded_runs_are_covered() -> None:
    assert len(recorded()) >= 44


@pytest.mark.parametrize("case", recorded(), ids=name)
def test_a_run_is_that_of_torch(case: dict[str, Any]) -> None:
    run = Run(
        lr=case["lr"],
        start=tuple(case["start"]),
        optimizer=find(OPTIMIZERS, case["optimizer"], "optimizer")(**case["kwargs"]),
        schedule=find(SCHEDULES, case["schedule"], "schedule")(**case["schedule_kwargs"]),
    )
    problem = find(PROBLEMS, case["problem"], "problem")()
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=case["steps"]))
    simulation.advance(case["steps"])
    trace = simulation.trace
    rows = np.array(case["rows"])
    assert len(rows) == case["steps"] == trace.length - 1
    ours = np.column_stack([trace.read("params")[:-1, 0], trace.read("loss")[:-1, 0], trace.read("lr")[:-1, 0]])
    np.testing.assert_allclose(ours, rows, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(trace.read("params")[-1, 0], case["final"], rtol=1e-9, atol=1e-12)
