"""Runs side by side, against numbers that are worked out here step by step."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam, Newton
from lrstudio.core.problems import Digits, NoisyLine, Parabola, Problem, Proportional, Rosenbrock
from lrstudio.engine.compare.comparison import ROUNDING, Comparison, LossHistory, Standing
from lrstudio.engine.compare.fairness import Caveat, caveats
from lrstudio.engine.compare.seeds import Spread, depends_on_seed, over_seeds, seeds_from
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace


def experiment(problem: Problem, *rates: float, steps: int = 60, **given: Any) -> Experiment:
    return Experiment(problem=problem, runs=tuple(Run(lr=rate) for rate in rates), steps=steps, **given)


def trained(described: Experiment) -> Simulation:
    simulation = Simulation(described)
    simulation.advance(described.steps)
    return simulation


def standings(described: Experiment, step: int | None = None) -> tuple[Standing, ...]:
    found = Comparison(described, trained(described).trace).at(described, step)
    assert found is not None
    return found


def by_hand(losses: list[float], eps: float = np.finfo(float).eps) -> tuple[int, int, float, float, float]:
    """falls, rises, fallen, risen, best of one run's losses, one after another."""
    falls = rises = 0
    fallen = risen = 0.0
    for before, after in pairwise(losses):
        if not abs(after - before) > ROUNDING * eps * max(abs(before), abs(losses[0])):
            continue
        if after < before:
            falls, fallen = falls + 1, fallen + before - after
        else:
            rises, risen = rises + 1, risen + after - before
    return falls, rises, fallen, risen, min(losses)


def trace_of(losses: np.ndarray) -> Trace:
    """A trace (n, R) with nothing but losses."""
    trace = Trace(losses.shape[1], ())
    trace.write("loss", 0, losses)
    trace.publish(len(losses))
    return trace


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 129, 1000])
def test_ups_and_downs_are_those_of_the_losses_one_by_one(rows: int) -> None:
    losses = np.random.default_rng(3).normal(size=(1000, 4096)).cumsum(axis=0)[:, :4096]
    tally = LossHistory(trace_of(losses), float(np.finfo(float).eps))
    way = tally.at(rows - 1)
    assert way is not None
    for run in (0, 17, 4095):
        falls, rises, fallen, risen, best = by_hand(losses[:rows, run].tolist())
        assert (way.falls[run], way.rises[run], way.best[run]) == (falls, rises, best)
        assert (way.fallen[run], way.risen[run]) == pytest.approx((fallen, risen), rel=1e-12)


def test_it_is_the_same_in_whatever_order_steps_are_asked_for() -> None:
    losses = np.random.default_rng(5).normal(size=(2000, 3000))
    asked = [1999, 3, 700, 701, 86, 87, 88, 0, 1999, 1200]
    tally = LossHistory(trace_of(losses), 1e-16)
    for row in asked:
        again, fresh = tally.at(row), LossHistory(trace_of(losses), 1e-16).at(row)
        assert again is not None
        assert fresh is not None
        assert again.row == row
        assert (again.falls == fresh.falls).all()
        assert (again.fallen == fresh.fallen).all()


def test_a_tally_can_be_stopped() -> None:
    assert LossHistory(trace_of(np.zeros((3, 1))), 1e-16).at(2, lambda: True) is None


def test_changes_that_are_rounding_count_for_nothing() -> None:
    losses = np.array([[1.0], [0.5], [0.5 + 1e-16], [1e-17], [3e-17], [0.25], [0.125]])
    way = LossHistory(trace_of(losses), float(np.finfo(float).eps)).at(6)
    assert way is not None
    assert (way.falls[0], way.rises[0]) == (3, 1)


def test_a_run_that_only_falls_is_smooth_one_that_jumps_to_and_fro_is_not() -> None:
    slow, cycling, diverged = standings(experiment(Parabola(), 0.1, 1.0, 1.1))
    assert slow.smoothness == 1
    assert math.isnan(cycling.smoothness)  # the same loss on both sides
    assert diverged.smoothness == 0
    assert [found.key for found in (slow, cycling, diverged)] == ["arrived", "cycling", "diverged"]


def test_before_there_is_evidence_a_run_has_no_verdict_unless_it_has_ended() -> None:
    given = experiment(Parabola(), 0.1, 1e200)
    for step in range(4):
        assert [found.key for found in standings(given, step)] == [None, "diverged"]
    assert [found.key for found in standings(given, 4)] == ["converging", "diverged"]


def test_momentum_rises_and_falls_as_its_losses_do() -> None:
    described = Experiment(problem=Parabola(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.9)),), steps=80)
    losses = trained(described).trace.read("loss")[:, 0].tolist()
    found = standings(described)[0]
    falls, rises, fallen, risen, best = by_hand(losses)
    assert 0 < rises < falls
    assert found.smoothness == falls / (falls + rises)
    assert (found.fallen, found.risen) == pytest.approx((fallen, risen), rel=1e-12)
    assert found.best_loss == best
    assert losses[0] - found.fallen + found.risen == pytest.approx(losses[-1], abs=1e-12)


def test_steps_to_target_are_those_of_the_geometric_series() -> None:
    """(w+1)^2 from w=2: the distance 3 shrinks by 1 - 2 lr at each step."""
    described = experiment(Parabola(), 0.01, 0.1, 0.45, steps=200, target_loss=1e-3)
    start = described.starts()[0][0] + 1
    for run, found in zip(described.runs, standings(described), strict=True):
        least = math.log(math.sqrt(1e-3) / abs(start)) / math.log(1 - 2 * run.lr)
        expected = math.ceil(least)
        assert found.steps_to_target == (expected if expected <= found.step else None)


def numbers(one: Standing) -> tuple[object, ...]:
    return one.final_loss, one.best_loss, one.steps_to_target, one.falls, one.rises, one.gradients


def test_the_past_is_as_it_was_then() -> None:
    described = experiment(Parabola(), 0.1, 1.1, steps=40, target_loss=1e-3)
    trace = trained(described).trace
    comparison = Comparison(described, trace)
    for step in (0, 1, 7, 39):
        found = comparison.at(described, step)
        assert found is not None
        cut = standings(replace(described, steps=max(step, 1)))
        if step:
            assert list(map(numbers, found)) == list(map(numbers, cut))
        assert [one.step for one in found] == [step, step]


def test_a_run_that_overflowed_stays_where_it_was_and_the_others_go_on() -> None:
    described = experiment(Parabola(), 0.001, 5.0, steps=1000)
    slow, broken = standings(described)
    assert slow.step == 1000
    assert slow.diverged_at is None
    assert broken.diverged_at == broken.step + 1 < 1000
    assert broken.gradients == broken.diverged_at
    assert math.isfinite(broken.final_loss)
    before = standings(described, 5)[1]
    assert before.diverged_at is None
    assert before.step == 5


def test_with_mini_batches_the_final_loss_is_over_all_data() -> None:
    described = experiment(NoisyLine(), 0.05, steps=37, batch_size=3)
    trace = trained(described).trace
    data = described.problem.data(0)
    w, b = trace.read("params")[-1, 0]
    expected = float(np.mean((w * data["x"] + b - data["y"]) ** 2))
    found = standings(described)[0]
    assert found.final_loss == pytest.approx(expected, rel=1e-12)
    assert found.final_loss != trace.read("loss")[-1, 0]
    ends = [*range(0, 37, math.ceil(len(data["x"]) / 3)), 37]
    losses = [
        float(np.mean((w * data["x"] + b - data["y"]) ** 2))
        for w, b in (trace.read("params")[step, 0] for step in ends)
    ]
    assert found.best_loss == pytest.approx(min(losses), rel=1e-12)
    assert found.best_loss > trace.read("loss")[:, 0].min()


def test_with_batches_of_a_network_it_is_over_all_training_data() -> None:
    described = experiment(Digits(n=200), 0.05, steps=12, batch_size=40)
    simulation = trained(described)
    assert simulation.trace.snapshots is not None
    weights = simulation.trace.snapshots.at(12)[1]
    expected = simulation.objective.loss(weights)[0]
    assert standings(described)[0].final_loss == pytest.approx(float(expected), rel=1e-12)
    middle = Comparison(described, simulation.trace).at(described, 11)
    assert middle is not None
    assert middle[0].final_loss == simulation.trace.judged(8)[0]  # 160 images for training: an epoch has four steps


def test_it_says_what_speaks_against_counting_steps() -> None:
    plain = experiment(Proportional(), 0.01, 0.1, target_loss=1.0)
    assert caveats(plain, Trace(2, ())) == ()
    measured = replace(plain, gradient=Gradient(mode="central"), target_loss=None)
    assert caveats(measured, Trace(2, ())) == (Caveat("measured", (), 5), Caveat("no_target"))
    mixed = replace(plain, runs=(Run(lr=1, optimizer=Newton(), start=(1, 1)), Run(lr=0.1)), batch_size=2)
    assert caveats(mixed, Trace(2, ())) == (Caveat("starts"), Caveat("hessian", (0,)), Caveat("batches"))
    simulation = Simulation(plain)
    simulation.advance(3)
    simulation.amend(plain.with_run(1, lr=0.05))
    assert caveats(simulation.experiment, simulation.trace) == (Caveat("rates", (1,)),)


def test_a_seed_matters_where_data_weights_or_batches_are_drawn() -> None:
    assert depends_on_seed(experiment(NoisyLine(), 0.1))
    assert depends_on_seed(experiment(Digits(), 0.1))
    assert depends_on_seed(experiment(Proportional(), 0.1, batch_size=2))
    assert not depends_on_seed(experiment(Proportional(), 0.1))
    assert not depends_on_seed(experiment(Rosenbrock(), 0.1))


def test_over_seeds_every_run_stands_as_it_does_alone_with_that_seed() -> None:
    described = Experiment(
        problem=NoisyLine(), runs=(Run(lr=0.05), Run(lr=0.05, optimizer=Adam())), steps=30, batch_size=4, seed=7
    )
    shares: list[float] = []
    seeds = seeds_from(described.seed, 5)
    assert seeds == (7, 8, 9, 10, 11)
    found = list(over_seeds(described, seeds, progress=shares.append))
    assert found == [standings(replace(described, seed=seed)) for seed in seeds]
    assert len({one[0].final_loss for one in found}) == 5
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_repeating_ends_when_it_is_told_to() -> None:
    described = experiment(NoisyLine(), 0.05, steps=30)
    assert list(over_seeds(described, (0, 1), stop=lambda: True)) == []


def test_what_is_too_long_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="too many to be repeated"):
        next(over_seeds(experiment(NoisyLine(), 0.05, steps=10_000_000), (0, 1)))


def test_the_spread_is_that_of_the_numbers_that_are_known() -> None:
    values = [3.0, 5.0, math.nan, 10.0, math.inf]
    assert Spread.of(values) == Spread(6.0, pytest.approx(math.sqrt((9 + 1 + 16) / 2)), 3)  # type: ignore[arg-type]
    assert Spread.of([4.0]).mean == 4.0
    assert math.isnan(Spread.of([4.0]).deviation)
    assert math.isnan(Spread.of([]).mean)


def test_the_greatest_seed_is_followed_by_the_first() -> None:
    assert seeds_from(2**63 - 1, 3) == (2**63 - 1, 0, 1)
