"""The kernel gives the bits of NumPy's arithmetic, whatever is trained."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, Muon, Newton, Optimizer, RMSprop
from lrstudio.core.optimizers import Rule as OwnRule
from lrstudio.core.problems import PROBLEMS, NoisyLine, Parabola, Problem, Proportional, Rosenbrock
from lrstudio.core.schedules import SCHEDULES, Cosine, Plateau
from lrstudio.core.schedules import Rule as OwnSchedule
from lrstudio.engine.experiment import GRADIENT_MODES, PRECISIONS, Experiment, Gradient, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from tests.engine.training.conftest import Both

pytestmark = pytest.mark.skipif(not available(), reason="no kernel runs here")

FORMULAS = [problem for problem in PROBLEMS if problem().network is None]
RATES = 0.003, 0.2, 40.0
"""One of them creeps, one explodes."""
VARIANTS = cycle([(precision, mode) for precision in PRECISIONS for mode in GRADIENT_MODES])


def assert_same(one: Simulation, other: Simulation) -> None:
    assert_same_trace(one.trace, other.trace)
    for mine, theirs in zip(one.states(), other.states(), strict=True):
        alive = one.trace.ends > one.trace.length
        for name, values in mine.items():
            if len(values) == len(alive):
                np.testing.assert_array_equal(values[alive], theirs[name][alive], err_msg=name)


def assert_same_trace(one: Trace, other: Trace) -> None:
    assert one.length == other.length
    np.testing.assert_array_equal(one.ends, other.ends)
    np.testing.assert_array_equal(one.hits, other.hits)
    for column in one.columns:
        np.testing.assert_array_equal(one.read(column), other.read(column), err_msg=column)
    if one.full is not None and other.full is not None:
        np.testing.assert_array_equal(one.full.steps(), other.full.steps())
        np.testing.assert_array_equal(one.full.losses(0, one.full.count), other.full.losses(0, other.full.count))
        np.testing.assert_array_equal(one.full.final, other.full.final)


def runs_of(optimizer: Optimizer) -> tuple[Run, ...]:
    return tuple(Run(lr=rate, optimizer=optimizer) for rate in RATES)


@pytest.mark.parametrize("optimizer", [kind for kind in OPTIMIZERS if kind not in (Newton, Muon)])
@pytest.mark.parametrize("problem", FORMULAS)
def test_every_optimizer_on_every_formula(problem: type[Problem], optimizer: type[Optimizer], both: Both) -> None:
    precision, mode = next(VARIANTS)
    plain = Experiment(problem=problem(), runs=runs_of(optimizer()), steps=24)
    assert_same(*both(plain))
    assert_same(*both(replace(plain, precision=precision, gradient=Gradient(mode=mode)), 1, 23))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule(schedule: type[Any], both: Both) -> None:
    runs = (Run(lr=0.1, schedule=schedule()), Run(lr=0.05, optimizer=Adam(), schedule=schedule()))
    assert_same(*both(Experiment(problem=Proportional(), runs=runs, steps=90), 40, 50))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("batch", [1, 7, 10, 25, 100])
def test_mini_batches(batch: int, precision: str, both: Both) -> None:
    made = Experiment(problem=NoisyLine(), runs=runs_of(SGD(momentum=0.5)), steps=64, batch_size=batch)
    assert_same(*both(made.changed("precision", precision), 13, 1, 50))


@pytest.mark.parametrize("n", [2, 7, 8, 9, 15, 16, 127, 128, 129, 255, 1000])
def test_any_number_of_data_points(n: int, both: Both) -> None:
    assert_same(*both(Experiment(problem=NoisyLine(n=n), runs=runs_of(SGD()), steps=30)))


@pytest.mark.parametrize("batch", [None, 10])
def test_the_target_ends_it_at_the_same_step(batch: int | None, both: Both) -> None:
    made = Experiment(problem=NoisyLine(), runs=runs_of(Adam())[1:], steps=2000, batch_size=batch, target_loss=0.3)
    kernel, plain = both(made)
    assert kernel.step == plain.step < 2000
    assert_same(kernel, plain)


def test_runs_of_different_kinds_side_by_side(both: Both) -> None:
    runs = (
        Run(lr=0.1, optimizer=SGD(momentum=0.9), schedule=Plateau(patience=3)),
        Run(lr=0.05, optimizer=Adam(amsgrad=True), schedule=Cosine()),
        Run(lr=0.02, schedule=OwnSchedule(text="lr = lr0/(1 + 0.1*t)")),
        Run(lr=0.01, optimizer=RMSprop(centered=True), schedule=Plateau(patience=8, factor=0.5)),
        Run(lr=0.3, schedule=Plateau(patience=2)),
        Run(lr=0.3, optimizer=OwnRule(text="v = 0.8*v + g; w = w - lr*v/(1 + abs(v))"), start=(2.0,)),
    )
    made = Experiment(problem=Parabola(), runs=runs, steps=150)
    assert_same(*both(made, 100, 50))


def test_rates_changed_on_the_way(both: Both) -> None:
    runs = (Run(lr=0.001, schedule=Plateau(patience=3)), Run(lr=0.002, optimizer=Adam()))
    made = Experiment(problem=Rosenbrock(), runs=runs, steps=120)
    simulations = both(made, 60)
    for simulation in simulations:
        simulation.amend(made.with_run(0, lr=0.0005).with_run(1, lr=0.01))
        simulation.advance(60)
    assert_same(*simulations)


@pytest.mark.parametrize("schedule", [Cosine(), Plateau(patience=3)])
def test_a_saved_run_goes_on_as_if_never_stopped(schedule: Any, both: Both) -> None:
    made = Experiment(problem=NoisyLine(), runs=(Run(lr=0.05, optimizer=Adam(), schedule=schedule),), steps=90)
    half, _ = both(made, 41)
    resumed = Simulation(made, half.trace, half.states())
    resumed.advance(49)
    assert_same_trace(resumed.trace, both(made)[1].trace)
