"""Schedules against the rates that PyTorch's gave (tests/reference/record_schedules.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.declaration import find
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import Formula, Parabola
from lrstudio.core.schedules import SCHEDULES, Plateau, Schedule, Warmup
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

RECORDED = json.loads((Path(__file__).parents[1] / "reference" / "torch_schedules.json").read_text(encoding="utf-8"))
STEPS = RECORDED["steps"]


def typed(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def recorded(case: dict[str, Any]) -> Schedule:
    kind = find(SCHEDULES, case["schedule"], "schedule")
    return kind.from_texts({name: typed(value) for name, value in case["values"].items()})


def name(case: dict[str, Any]) -> str:
    values = [f"{key}={value}" for key, value in case["values"].items()]
    return " ".join([case.get("schedule", "plateau"), *values])[:90]


def simulation(schedules: list[Schedule], lr: float, start: float = 5.0, above: float = 0.0) -> Simulation:
    runs = tuple(Run(lr=lr, start=(start,), schedule=schedule) for schedule in schedules)
    problem = Formula(loss=f"(w + 1)^2 + {above}") if above else Parabola()
    return Simulation(Experiment(problem=problem, runs=runs, steps=STEPS))


@pytest.mark.parametrize("case", RECORDED["schedules"], ids=name)
def test_the_rates_are_those_of_torch(case: dict[str, Any]) -> None:
    found = simulation([recorded(case)], case["lr"]).runner.rates.at(np.arange(STEPS))[:, 0]
    np.testing.assert_allclose(found, case["rates"], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("case", RECORDED["in_epochs"], ids=name)
def test_stepped_once_an_epoch_the_rates_are_those_of_torch(case: dict[str, Any]) -> None:
    found = recorded(case).rates(STEPS, case["lr"], per_epoch=case["per_epoch"])
    np.testing.assert_allclose(found, case["rates"], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("case", RECORDED["followed"], ids=name)
def test_rates_that_follow_given_losses_are_those_of_torch(case: dict[str, Any]) -> None:
    schedule: Schedule = Plateau(**case["values"])
    if case["warmup"]:
        after = f"plateau({','.join(f'{key}={value}' for key, value in case['values'].items())})"
        schedule = Warmup(total_iters=case["warmup"], start_factor=0.25, after=after)
    schedule = schedule.changed("unit", "step" if case["per_epoch"] == 1 else "epoch")
    found = schedule.rates(STEPS, case["lr"], case["losses"], per_epoch=case["per_epoch"])
    np.testing.assert_allclose(found, case["rates"], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("case", RECORDED["cycled"], ids=name)
def test_a_momentum_that_moves_against_the_rate_is_that_of_torch(case: dict[str, Any]) -> None:
    optimizer = find(OPTIMIZERS, case["optimizer"], "optimizer")(**case["options"])
    run = Run(lr=case["lr"], start=(case["start"],), optimizer=optimizer, schedule=recorded(case))
    plain = Run(lr=case["lr"], start=(case["start"],), optimizer=optimizer)
    simulation = Simulation(Experiment(problem=Parabola(), runs=(run, plain), steps=STEPS))
    simulation.advance(STEPS)
    found = np.column_stack([simulation.trace.read(column)[:-1, 0] for column in ("params", "lr")])
    np.testing.assert_allclose(found, case["rows"], rtol=1e-9, atol=1e-12)


def test_they_are_the_same_beside_one_another() -> None:
    cases = [case for case in RECORDED["schedules"] if case["lr"] == 0.2]
    assert len(cases) > 20
    found = simulation([recorded(case) for case in cases], 0.2).runner.rates.at(np.arange(STEPS))
    np.testing.assert_allclose(found.T, [case["rates"] for case in cases], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("blocks", [(STEPS,), (1,) * STEPS, (7, 50, 63)], ids=["whole", "single", "three"])
@pytest.mark.parametrize("case", RECORDED["plateaus"] + RECORDED["hard_plateaus"], ids=name)
def test_a_plateau_falls_where_torch_falls(case: dict[str, Any], blocks: tuple[int, ...]) -> None:
    run = simulation([Plateau(**case["values"])], case["lr"], case["start"], case.get("above", 0.0))
    for block in blocks:
        assert run.advance(block) == block
    trace = run.trace
    ours = np.column_stack([trace.read(column)[:-1, 0] for column in ("params", "loss", "lr")])
    np.testing.assert_allclose(ours, case["rows"], rtol=1e-9, atol=1e-12)


def test_the_recorded_plateaus_do_fall() -> None:
    falls = [len({row[2] for row in case["rows"]}) - 1 for case in RECORDED["plateaus"]]
    assert sum(fall > 0 for fall in falls) >= 8 and max(falls) > 10
    hard = [len({row[2] for row in case["rows"]}) - 1 for case in RECORDED["hard_plateaus"]]
    assert min(hard) == 0 and sum(fall > 0 for fall in hard) >= 10
