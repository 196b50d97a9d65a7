"""The kernel of sweeps gives the same bits as NumPy's evaluation."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, Muon, Newton, Optimizer, Rprop, Rule
from lrstudio.core.problems import PROBLEMS, Formula, NoisyLine, Problem, Proportional, Quadratic, Rosenbrock
from lrstudio.core.schedules import SCHEDULES, Exponential, Plateau
from lrstudio.engine.experiment import GRADIENT_MODES, PRECISIONS, Experiment, Gradient, Run
from lrstudio.engine.sweep import sweep as sweeps
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.structure import Structure
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.sweep_kernel import SweepKernel, stretches

pytestmark = pytest.mark.skipif(not available(), reason="no kernel runs here")

RATES = Axis("lr", tuple(np.geomspace(1e-5, 30, 23).tolist()))
"""An odd number of runs, some of which diverge."""
FORMULAS = [entry() for entry in PROBLEMS if entry().network is None]


def experiment(problem: Problem, optimizer: Optimizer | None = None, **given: Any) -> Experiment:
    run = Run(lr=0.1, optimizer=optimizer or SGD(), schedule=given.pop("schedule", Run(lr=1.0).schedule))
    return Experiment(problem=problem, runs=(run,), **({"steps": 150, "target_loss": 0.7} | given))


def assert_same_bits(given: Experiment, *axes: Axis, steps: int | None = None) -> None:
    found = Sweep(given, axes).run(steps=steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SweepKernel, "supports", lambda *_: False)
        expected = Sweep(given, axes).run(steps=steps)
    for column in fields(Summary):
        np.testing.assert_array_equal(getattr(found, column.name), getattr(expected, column.name), column.name)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("problem", FORMULAS, ids=[problem.key for problem in FORMULAS])
def test_every_problem(problem: Problem, precision: Any) -> None:
    assert_same_bits(experiment(problem, Adam(), precision=precision), RATES)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("entry", [entry for entry in OPTIMIZERS if entry not in (Newton, Muon)])
def test_every_optimizer(entry: type[Optimizer], precision: Any) -> None:
    assert_same_bits(experiment(Rosenbrock(), entry(), precision=precision), RATES)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    "optimizer", [SGD(momentum=0.9), Adam(clip_norm=1.0), Rprop()], ids=lambda optimizer: optimizer.key
)
def test_two_vectors_at_once(optimizer: Optimizer, precision: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.engine.sweep.sweep_kernel.WORTH_COPIES", 0)
    assert_same_bits(experiment(Rosenbrock(), optimizer, precision=precision), RATES)
    starts = Axis("start.x", (-2.0, 1e200, 0.5, 1e30, 1.0))
    assert_same_bits(experiment(Rosenbrock(), optimizer, schedule=Exponential(), precision=precision), RATES, starts)
    given = experiment(Formula(loss="where(a > 1.5, 2, a^2*log(a)) + b^2"), optimizer, precision=precision)
    assert_same_bits(replace(given, gradient=Gradient(mode="forward")), RATES)


def test_a_large_sweep_is_the_same_as_its_parts() -> None:
    rates = np.geomspace(1e-5, 30, 16_384)
    given = experiment(Rosenbrock(), Adam())
    whole, parts = (Sweep(given, [Axis("lr", tuple(rates[::stride].tolist()))]).run() for stride in (1, 64))
    for column in fields(Summary):
        found = getattr(whole, column.name)[::64]
        np.testing.assert_array_equal(found, getattr(parts, column.name), column.name)


@pytest.mark.parametrize("mode", GRADIENT_MODES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_gradient(mode: Any, precision: Any) -> None:
    assert_same_bits(experiment(Proportional(), gradient=Gradient(mode=mode), precision=precision), RATES)


@pytest.mark.parametrize("schedule", [entry for entry in SCHEDULES if not entry.follows_loss])
def test_every_schedule_that_is_known_ahead(schedule: Any) -> None:
    assert_same_bits(experiment(Rosenbrock(), Adam(), schedule=schedule(), steps=90), RATES)
    starts = Axis("start.x", (-2.0, 0.5, 1e200))
    assert_same_bits(experiment(Rosenbrock(), Adam(), schedule=schedule(), steps=90), starts)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    ("problem", "batch_size"), [(NoisyLine(), 7), (NoisyLine(), 3), (NoisyLine(), 100), (Proportional(), 3)]
)
def test_mini_batches(problem: Problem, batch_size: int, precision: Any) -> None:
    for optimizer in (SGD(momentum=0.5), Rprop()):
        given = experiment(problem, optimizer, batch_size=batch_size, seed=3, precision=precision, target_loss=1.0)
        assert_same_bits(replace(given, steps=333, horizon=100), RATES)
        assert_same_bits(replace(given, steps=40, target_loss=None), RATES)


@pytest.mark.parametrize(
    ("given", "axis"),
    [
        (experiment(Proportional()), Axis("optimizer.momentum", (0.0, 0.5, 0.9))),
        (experiment(Rosenbrock(), Adam()), Axis("optimizer.beta1", (0.5,))),
        (experiment(Rosenbrock(), Adam(), schedule=Exponential()), Axis("schedule.gamma", (0.9, 0.99))),
        (experiment(Rosenbrock()), Axis("start.x", (0.5, float("1e200")))),
        (experiment(NoisyLine(), batch_size=4), Axis("batch_size", (5.0, 9.0))),
        (experiment(NoisyLine(), batch_size=4), Axis("seed", (5.0, 9.0))),
        (experiment(Quadratic()), Axis("problem.condition", (5.0, 9.0))),
    ],
    ids=lambda value: value.name if isinstance(value, Axis) else "",
)
def test_every_kind_of_axis(given: Experiment, axis: Axis) -> None:
    assert_same_bits(given, RATES, axis)
    assert_same_bits(given, axis, Axis("lr", (0.01,)))


@pytest.mark.parametrize("steps", [8, 9, 15, 63, 64, 65, 100, 127, 128, 131, 2100, 4500])
def test_any_number_of_steps(steps: int) -> None:
    assert_same_bits(experiment(Rosenbrock(), steps=5000, target_loss=1e-3), RATES, steps=steps)


def test_a_gradient_that_is_nan_while_loss_and_weights_are_finite() -> None:
    rule = Rule(text="w = w - lr*where(g == g, g, 1)")
    assert_same_bits(experiment(Formula(loss="where(a > 1.5, 2, a^2*log(a)) + b^2"), rule), RATES)


def test_a_nan_that_the_next_step_would_hide_ends_a_run() -> None:
    found = experiment(Formula(loss="(a - 1)^2"), Rule(text="w = where(w > 1.9, 0, w - lr*g)"), target_loss=None)
    assert_same_bits(replace(found, steps=70), RATES, Axis("start.a", (0.0, 1e200)))


def test_losses_follow_the_kernel_only_where_there_is_one() -> None:
    def has_kernel(given: Experiment, steps: int = 100) -> bool:
        return Structure(given, steps).has_kernel

    assert has_kernel(experiment(Rosenbrock()))
    assert not has_kernel(experiment(Rosenbrock()), steps=7)
    assert not has_kernel(experiment(Rosenbrock(), Newton()))
    assert not has_kernel(experiment(Rosenbrock(), schedule=Plateau()))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_number_of_threads_changes_no_bit(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Axis("lr", tuple(np.geomspace(1e-4, 1, 40_001).tolist()))
    given = experiment(Rosenbrock(), steps=30)
    monkeypatch.setattr(sweeps, "threads", lambda: count)
    found, seen = Sweep(given, [rates]).run(), Sweep(given, [rates]).chunks(np.arange(40_001))
    assert [members[0] for members, _ in seen] == [0, 16_384, 32_768]
    monkeypatch.setattr(sweeps, "threads", lambda: 1)
    expected = Sweep(given, [rates]).run()
    for column in fields(Summary):
        np.testing.assert_array_equal(getattr(found, column.name), getattr(expected, column.name), column.name)


def test_stretches_cover_every_row_once() -> None:
    for steps in [*range(8, 140), 1000, 10**6]:
        found = stretches(steps, (steps, 50))
        assert found[0].first == 0 and found[-1].last == steps
        assert all(before.last == after.first for before, after in pairwise(found))
        assert found[-1].last - found[-1].first == 1  # the loss before the last one is kept
