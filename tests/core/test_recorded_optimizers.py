"""Optimizers beside recorded runs of the libraries that have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.declaration import find
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import Constant, Rule
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.experiment.optimizer_presets import OPTIMIZER_PRESETS, find_optimizer_preset
from lrstudio.engine.training.averages import averaged
from lrstudio.engine.training.simulation import Simulation

FOLDER = Path(__file__).parents[1] / "reference"
RECORD, VARIANTS = (
    json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("optimizers.json", "optimizer_variants.json")
)
KEPT = RECORD["kept"]


def simulated(case: dict[str, Any], precision: Any = "float64", steps: int = KEPT[-1]) -> Simulation:
    optimizer = find(OPTIMIZERS, case["optimizer"], "optimizer")(**case["values"])
    problem = find(PROBLEMS, case["problem"], "problem")()
    start = {"parabola": (1.0,)}.get(case["problem"])
    schedule = Rule(text="lr = lr0*min(1, t/5)") if "warmup" in case else Constant()
    run = Run(lr=case["lr"], optimizer=optimizer, start=start, schedule=schedule)
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=KEPT[-1], precision=precision))
    simulation.advance(steps)
    return simulation


@pytest.mark.parametrize(
    "case",
    [*RECORD["cases"], *VARIANTS["cases"]],
    ids=lambda case: f"{case['optimizer']} {case['values']} {case['problem']}",
)
def test_a_run_is_that_of_the_library(case: dict[str, Any]) -> None:
    for precision, rtol, atol in (("float64", 1e-9, 1e-12), ("float32", 0.1, 1e-2)):
        ours = simulated(case, precision).trace.read("params")[KEPT, 0]
        np.testing.assert_allclose(ours, case["rows"], rtol=rtol, atol=atol)


@pytest.mark.parametrize("case", VARIANTS["presets"], ids=lambda case: case["preset"])
def test_an_optimizer_with_the_defaults_of_another_library_is_that_of_the_library(case: dict[str, Any]) -> None:
    preset = find_optimizer_preset(case["preset"])
    assert preset is not None
    run = Run(lr=case["lr"], optimizer=preset.optimizer)
    problem = find(PROBLEMS, "rosenbrock", "problem")()
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=KEPT[-1]))
    simulation.advance(KEPT[-1])
    np.testing.assert_allclose(simulation.trace.read("params")[VARIANTS["kept"], 0], case["rows"], rtol=1e-12)


def test_every_preset_of_keras_and_optax_is_recorded() -> None:
    others = {preset.key for preset in OPTIMIZER_PRESETS if preset.library != "torch"}
    assert {case["preset"] for case in VARIANTS["presets"]} == others


@pytest.mark.parametrize("case", [case for case in RECORD["cases"] if "averaged" in case][::2], ids=str)
def test_the_weights_for_evaluation_are_those_of_the_library(case: dict[str, Any]) -> None:
    for step, weights in zip(KEPT[1::3], case["averaged"][1::3], strict=True):
        simulation = simulated(case, steps=step)
        found = averaged(simulation, 0)
        assert found is not None
        np.testing.assert_allclose(found[0], weights, rtol=1e-9, atol=1e-12)
        assert found[1] == pytest.approx(float(simulation.objective.loss(np.array([weights]))[0]), rel=1e-6)
    assert averaged(simulated(case, steps=0), 0) is None
