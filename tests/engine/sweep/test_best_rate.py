"""One criterion finds the best rate wherever one is shown, and no luck of a phase or of a grid decides it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import ARRIVED, CYCLING, DIVERGED, STUCK, TOO_SLOW, Key
from lrstudio.core.optimizers import SGD, Adam, Optimizer, Rprop
from lrstudio.core.problems import Formula, NoisyLine, Parabola, Problem, Proportional, Quadratic
from lrstudio.engine.compare.best_run import best_run, best_standing
from lrstudio.engine.compare.comparison import Comparison
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best, best_rate
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import Theory, theoretical_limit
from lrstudio.engine.sweep.zones import rate_keys
from lrstudio.engine.training.simulation import Simulation

GRIDS = [(1e-6, 10.0, 257), (1e-4, 10.0, 256), (1e-3, 3.0, 97)]


def made(problem: Problem, optimizer: Optimizer | None = None, **given: Any) -> Experiment:
    start = given.pop("start", None)
    run = Run(lr=1.0, optimizer=optimizer or SGD(), start=start)
    return Experiment(problem=problem, runs=(run,), **given)


def found(experiment: Experiment, rates: np.ndarray, *, between: bool = True) -> Best:
    summary = Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]).run()
    best = best_rate(experiment, rates, summary, between=between, theory=theoretical_limit(experiment))
    assert best is not None
    return best


def last_losses(experiment: Experiment, rate: float, rows: int) -> np.ndarray:
    simulation = Simulation(experiment.with_run(0, lr=rate))
    simulation.advance(experiment.steps)
    return simulation.trace.read("loss", experiment.steps + 1 - rows, experiment.steps + 1)[:, 0]


CASES = [
    pytest.param(made(Formula(loss="4*(w+1)^2"), start=(5.0,), steps=30), 0.125, 0.0, id="1/λ of one weight"),
    pytest.param(made(Proportional(), steps=1000), 0.1177, 0.02, id="y = 3x: 2 / (least + greatest curvature)"),
    pytest.param(made(Parabola(), steps=20), 0.5, 0.0, id="the parabola's loss is exactly 0"),
    pytest.param(made(NoisyLine(), steps=100), 0.72, 0.03, id="the soonest at the floor"),
    pytest.param(made(Parabola(), Adam(), steps=1000), 0.3, 0.5, id="Adam ends at 0 from 0.09 to 8"),
    pytest.param(made(Parabola(), Adam(), steps=100), 0.9, 0.5, id="Adam still swings after 100 steps"),
]


@pytest.mark.parametrize(("experiment", "expected", "spread"), CASES)
def test_it_is_nearly_the_same_whatever_the_spacing(experiment: Experiment, expected: float, spread: float) -> None:
    bests = [found(experiment, np.geomspace(*grid)) for grid in GRIDS]
    for best in bests:
        assert best.rule == "least" and best.steps <= experiment.steps
        assert best.rate == pytest.approx(expected, rel=max(spread, 1e-12))
        assert float(best.text) == best.rate  # what is said is what was tried


def test_of_rates_that_were_named_one_of_them_is_the_best() -> None:
    assert found(made(Parabola(), steps=20), np.array([0.1, 0.25, 2.0]), between=False).text == "0.25"
    best = found(made(Parabola(), steps=20), np.linspace(0.1, 0.9, 9))
    assert best.text == "0.5" and best.summary.final_loss == 0


@pytest.mark.parametrize("steps", [99, 100, 101])
def test_the_phase_of_a_swing_makes_no_rate_the_best(steps: int) -> None:
    experiment = made(Formula(loss="abs(a)"), start=(3.03,), steps=steps)
    best = found(experiment, np.geomspace(1e-3, 3.0, 150))
    assert last_losses(experiment, best.rate, 10).max() <= 0.1  # 0.25 has 0.24, and now and then 0


def test_it_is_never_above_the_limit_and_cycles_only_where_nothing_else_is_as_good() -> None:
    experiment = made(Formula(loss="(1+a^2)^0.5-1"), steps=100)
    best = found(experiment, np.geomspace(1e-3, 10.0, 120))
    assert best.rate < 2 and best.summary.final_loss == 0
    line = made(Proportional(), steps=1000)
    limit = theoretical_limit(line)
    assert np.isfinite(limit.limit) and found(line, np.geomspace(1e-4, 10, 60)).rate < limit.limit


NO_LIMIT = Theory()


def table(verdicts: list[int], late_losses: list[float], hits: list[int] | None = None) -> Summary:
    summary = Summary.empty((len(verdicts),))
    summary.verdict[:] = verdicts
    for column in (summary.final_loss, summary.late_loss, summary.best_loss):
        column[:] = late_losses
    summary.steps_to_target[:] = -1 if hits is None else hits
    return summary


def chosen(summary: Summary, theory: Theory = NO_LIMIT) -> float | None:
    rates = np.arange(1.0, len(summary.verdict) + 1)
    best = best_rate(made(Parabola(), steps=100), rates, summary, between=False, theory=theory)
    return None if best is None else best.rate


def test_diverged_stuck_and_cycling_rates_give_way() -> None:
    assert chosen(table([DIVERGED] * 3, [1.0] * 3)) is None
    assert chosen(table([TOO_SLOW, ARRIVED, STUCK, DIVERGED], [9.0, 1.0, 0.0, 0.0])) == 2
    assert chosen(table([STUCK, STUCK], [9.0, 9.0])) is not None
    assert chosen(table([TOO_SLOW, ARRIVED, CYCLING, DIVERGED], [9.0, 1.0, 0.9, 0.0])) == 2
    assert chosen(table([TOO_SLOW, CYCLING, DIVERGED], [9.0, 0.1, 0.0])) == 2
    assert chosen(table([TOO_SLOW, ARRIVED, ARRIVED], [9.0, 1.0, 0.1]), Theory(2.5, exact=True)) == 2


@pytest.mark.parametrize(
    ("loss", "start", "expected"), [("3*(a-2)^2", (5.0,), 1 / 6), ("3*(a-2)^2+b^2", (1.0, 1.0), 1 / 4)]
)
def test_among_rates_that_all_end_at_a_loss_of_0_the_soonest_is_the_best(
    loss: str, start: tuple[float, ...], expected: float
) -> None:
    experiment = made(Formula(loss=loss), start=start, steps=1000)
    for grid in GRIDS:
        best = found(experiment, np.geomspace(*grid))
        assert best.rate == pytest.approx(expected, rel=0.03) and best.steps < experiment.steps


@pytest.mark.parametrize("loss", ["0*a", "0*a + 3"])
@pytest.mark.parametrize("target", [None, 5.0])
def test_where_no_rate_changes_the_loss_none_is_the_best(loss: str, target: float | None) -> None:
    rates = np.geomspace(1e-3, 10, 17)
    experiment = made(Formula(loss=loss), steps=50, target_loss=target)
    summary = Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]).run()
    assert best_rate(experiment, rates, summary) is None
    *_, zones = Survey(experiment, 0, -3, 1).pictures(lambda: False)
    assert zones.best is None


def test_with_a_target_the_fewest_steps_count() -> None:
    summary = table([ARRIVED] * 5, [5.0, 4.0, 3.0, 2.0, 0.0], [-1, 9, 5, 7, 8])
    assert chosen(summary) == 3
    best = found(made(Proportional(), steps=300, target_loss=1e-3), np.geomspace(1e-3, 1, 60))
    assert best.rule == "target" and best.summary.steps_to_target <= 72  # 72 at 0.1127 to 0.1143


@pytest.mark.parametrize(
    ("experiment", "others"),
    [
        pytest.param(made(Proportional(), steps=300), (0.05, 0.1, 0.117), id="y = 3x"),
        pytest.param(made(NoisyLine(), steps=100), (0.1, 0.7, 1.01), id="all data"),
        pytest.param(made(NoisyLine(), steps=200, batch_size=4), (0.001, 0.1, 0.3), id="batches"),
        pytest.param(made(Quadratic(condition=100), SGD(momentum=0.9), steps=300), (0.002, 0.012, 0.03), id="momentum"),
        pytest.param(made(Parabola(), steps=20), (0.01, 0.49, 0.99), id="(w + 1)^2"),
        pytest.param(made(Parabola(), steps=60, target_loss=1e-3), (0.01, 0.3, 0.99), id="with a target"),
    ],
)
def test_compared_as_runs_it_is_the_best_or_as_good(experiment: Experiment, others: tuple[float, ...]) -> None:
    best = found(experiment, np.geomspace(1e-4, 3.0, 65))
    runs = tuple(replace(experiment.runs[0], lr=rate) for rate in (*others, best.rate))
    together = replace(experiment, runs=runs)
    simulation = Simulation(together)
    simulation.advance(together.steps)
    standings = Comparison(together, simulation.trace).at(together)
    assert standings is not None
    result = best_standing(together, standings)
    assert result is not None and result.rule == best.rule
    assert len(others) in result.runs + result.as_good
    assert result.rule == "target" or standings[len(others)].verdict.numbers["late_loss"] == pytest.approx(
        float(best.summary.late_loss), rel=1e-9, abs=1e-25
    )
    late_losses = [standing.verdict.numbers["late_loss"] for standing in standings]
    least = [run for run, loss in enumerate(late_losses) if loss == min(late_losses)]
    assert result.rule == "target" or set(least) & set(result.runs)


def verdict_of(key: Key, late_loss: float, base: float = 0.0, begin: float = 36.0) -> Verdict:
    return Verdict(key, "", {"late_loss": late_loss, "base": base, "begin": begin, "steps": 40.0})


def test_the_best_run_is_one_that_comes_down_and_stays() -> None:
    def told(*verdicts: Verdict | None, hits: tuple[int | None, ...] = ()) -> tuple[str, tuple[int, ...]] | None:
        given = dict(enumerate(verdicts))
        best = best_run(made(Parabola()), given, dict(enumerate(hits)))
        return None if best is None else (best.rule, best.runs)

    slow, good, gone = verdict_of("too_slow", 9.0), verdict_of("converging", 0.1), verdict_of("diverged", 1e-3)
    assert told(slow, good, gone) == ("least", (1,))
    assert told(slow, good, gone, hits=(None, None, 3)) == ("least", (1,))  # the target, and then away from it
    assert told(slow, good, gone, hits=(30, 31, 3)) == ("target", (0,))
    assert told(slow, good, verdict_of("stuck", 0.01)) == ("least", (1,))
    assert told(slow, good, verdict_of("cycling", 0.09)) == ("least", (1,))
    assert told(slow, None) is told(gone, gone) is told(good) is told(good, good) is None


def test_as_good_is_at_most_twice_as_far_above_the_minimum() -> None:
    losses = [0.08 + 1e-5, 0.08 + 1.9e-5, 0.08 + 2.1e-5, 3.0]
    best = best_run(made(Parabola()), {n: verdict_of("converging", x, 0.08) for n, x in enumerate(losses)}, {})
    assert best is not None and (best.runs, best.as_good, best.value) == ((0,), (1,), losses[0])
    tall = [0.3, 0.55, 2.3]  # twice as much, but far from it on the way down from 2.3
    best = best_run(made(Parabola()), {n: verdict_of("converging", x, 0, 2.3) for n, x in enumerate(tall)}, {})
    assert best is not None and best.as_good == ()


@pytest.mark.parametrize(("loss", "steps"), [("min(a,b)*1e307", 40), ("1e308*w^2", 1)])
def test_losses_up_to_the_largest_number_have_a_best_rate(loss: str, steps: int) -> None:
    experiment = Experiment(problem=Formula(loss=loss), runs=(Run(lr=1.0, optimizer=Rprop()),), steps=steps)
    rates = np.geomspace(1e-8, 1e6, 120)
    result = Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]).run()
    assert best_rate(experiment, rates, result, between=False, theory=theoretical_limit(experiment)) is not None


def test_losses_that_are_further_apart_than_floats_reach_tell_no_best_run() -> None:
    far = {n: verdict_of("converging", x, x, x) for n, x in enumerate([1.5e308, -1.5e308, 1.0])}
    assert best_run(made(Parabola()), far, {}) is None


def test_a_loss_is_called_the_least_only_where_it_is() -> None:
    rates = np.geomspace(1e-3, 1.0, 60)
    for experiment in (made(Proportional(), steps=100), made(Parabola(), steps=20), made(NoisyLine(), steps=100)):
        best = found(experiment, rates)
        least = Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]).run().late_loss.min()
        assert not best.strict or float(best.summary.late_loss) <= least * (1 + 1e-5)


def test_a_slow_rate_above_one_that_comes_further_is_too_large() -> None:
    summary = table([TOO_SLOW, ARRIVED, TOO_SLOW, DIVERGED], [9.0, 0.1, 8.0, 1e9])
    keys = rate_keys(np.array([1.0, 2.0, 3.0, 4.0]), summary)
    assert keys == ["too_slow", "arrived", "too_large", "diverged"]
    alone = table([TOO_SLOW, TOO_SLOW], [9.0, 8.0])
    assert rate_keys(np.array([1.0, 2.0]), alone) == ["too_slow", "too_slow"]
    assert rate_keys(np.array([1.0, 2.0]), alone, limit=1.5) == ["too_slow", "too_large"]


def test_nothing_on_a_ruler_is_too_slow_beyond_the_limit() -> None:
    zones = list(Survey(made(Proportional(), steps=60), 0, -6, 1).pictures(lambda: False))[-1]
    keys = [zone.key for zone in zones.zones]
    assert keys.count("too_slow") == 1 and all(one != other for one, other in pairwise(keys))


def test_the_largest_losses_are_compared_without_a_warning() -> None:
    slow = table([TOO_SLOW, TOO_SLOW, TOO_SLOW], [1.7e308, 1.5e308, 1e308])
    assert rate_keys(np.array([1.0, 2.0, 3.0]), slow) == ["too_slow", "too_slow", "too_slow"]
