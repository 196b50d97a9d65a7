"""The zones of all rates of a run: what is good, where it diverges, which rate is best."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import SGD, Adam, Lion, Newton, Optimizer
from lrstudio.core.problems import Classification, NoisyLine, Parabola, Problem, Proportional, Quadratic, Rosenbrock
from lrstudio.core.schedules import Exponential
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.sweep.survey import POINTS, Survey
from lrstudio.engine.sweep.theory import Theory
from lrstudio.engine.sweep.zones import RateKey, Zone, Zones, borders_of, zones
from lrstudio.engine.training.simulation import Simulation


def never() -> bool:
    return False


def experiment(problem: Problem | None = None, optimizer: Optimizer | None = None, **given: Any) -> Experiment:
    run = Run(lr=0.01, optimizer=optimizer or SGD())
    return Experiment(problem=problem or Parabola(), runs=(run,), **({"steps": 100} | given))


def surveyed(given: Experiment, low: int = -6, high: int = 1) -> Zones:
    return list(Survey(given, 0, low, high).pictures(never))[-1]


def words(zones: Zones) -> list[str]:
    return [zone.key for zone in zones.zones]


def test_neighbours_with_one_key_make_a_zone_and_zones_are_in_their_order() -> None:
    keys: list[RateKey] = ["too_slow", "too_slow", "arrived", "diverged", "diverged", "arrived"]
    borders = borders_of(10.0 ** np.arange(6))
    np.testing.assert_allclose(np.log10(borders), [0, 0.5, 1.5, 2.5, 3.5, 4.5, 5])
    assert zones(borders, keys) == (
        Zone(borders[0], borders[2], "too_slow", 0, 1),
        Zone(borders[2], borders[3], "arrived", 2, 2),
        Zone(borders[3], borders[5], "diverged", 3, 4),
        Zone(borders[5], borders[6], "arrived", 5, 5),
    )
    assert zones(borders[:0], []) == ()


def test_the_parabola_is_too_slow_then_good_then_swings_then_diverges() -> None:
    zones = surveyed(experiment())
    assert words(zones) == ["too_slow", "converging", "oscillating", "diverged"]
    assert zones.complete and zones.done and len(zones.rates) == POINTS
    assert zones.zones[0].low == pytest.approx(1e-6) and zones.zones[-1].high == pytest.approx(10)
    for one, other in zip(zones.zones, zones.zones[1:], strict=False):
        assert one.high == other.low
    assert zones.zones[2].low == pytest.approx(0.73, rel=0.05)
    assert zones.zones[2].high == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("condition", [1.0, 20.0])
def test_the_limit_is_that_of_theory_and_sharper_than_the_grid(
    momentum: float, nesterov: bool, condition: float
) -> None:
    optimizer = SGD(momentum=momentum, nesterov=nesterov and momentum > 0)
    zones = surveyed(experiment(Quadratic(condition=condition), optimizer, steps=800))
    assert zones.theory.exact
    low, high = zones.limit
    assert high / low < 1.005
    assert low / 1.01 <= zones.theory.limit <= high * 1.01


def test_theory_near_a_minimum_is_called_so_and_of_batches_schedules_networks_and_adam_there_is_none() -> None:
    found = surveyed(experiment(Rosenbrock(), steps=200)).theory
    assert not found.exact
    assert found.limit == pytest.approx(2 / 1001.6, rel=1e-3)
    decaying = experiment().with_run(0, schedule=Exponential())
    for other in (experiment(NoisyLine(), batch_size=5), decaying, experiment(optimizer=Adam())):
        assert surveyed(other).theory == Theory()


def test_the_best_rate_is_the_one_that_ends_at_0() -> None:
    zones = surveyed(experiment(steps=20))
    assert zones.best is not None and zones.best.rule == "least"
    assert zones.best.text == "0.5" and zones.best.summary.final_loss == 0  # one step and it is there


def test_an_optimizer_that_declares_no_theory_is_said_to_have_none() -> None:
    assert surveyed(experiment(optimizer=Lion())).theory == Theory(known=False)


def test_of_an_uneven_bowl_the_best_rate_is_the_one_of_theory() -> None:
    zones = surveyed(experiment(Quadratic(condition=30.0, angle=20.0), steps=300))
    bent = np.linalg.eigvalsh(_hessian(Quadratic(condition=30.0, angle=20.0)))
    assert zones.best is not None
    assert zones.best.rate == pytest.approx(2 / (bent[0] + bent[-1]), rel=0.03)  # between the rates of the ruler


def _hessian(problem: Problem) -> np.ndarray:
    objective = Simulation(experiment(problem)).objective
    return np.asarray(objective.hessian(np.zeros((1, 2)))[0], float)


def test_with_a_target_the_best_rate_has_it_first() -> None:
    given = experiment(Proportional(), target_loss=1e-3, steps=300)
    zones = surveyed(given)
    assert zones.best is not None and zones.best.rule == "target"

    rates = [zones.best.rate, *np.geomspace(1e-3, 0.12, 40).tolist()]
    simulation = Simulation(replace(given, target_loss=0.0, runs=tuple(Run(lr=rate) for rate in rates)))
    simulation.advance(300)
    there = simulation.trace.read("loss", 0, 301) <= 1e-3
    steps = np.where(there.any(axis=0), there.argmax(axis=0), 10**6)
    assert zones.best.summary.steps_to_target == steps[0] <= steps.min()


def test_with_batches_the_best_rate_ends_lowest() -> None:
    zones = surveyed(experiment(NoisyLine(), batch_size=4))
    assert zones.best is not None and zones.best.rule == "least"
    least, begin = np.nanmin(zones.summary.final_loss), zones.summary.final_loss[0]
    assert zones.best.summary.final_loss - least < 1e-3 * (begin - least)


def test_where_every_rate_diverges_or_none_does_there_is_no_limit() -> None:
    zones = surveyed(experiment(), 1, 3)
    assert words(zones) == ["diverged"]
    assert zones.limit[0] == 0 and zones.best is None
    assert surveyed(experiment(), -6, -3).limit[1] == np.inf


def test_measured_slopes_that_vanish_are_shown_as_stuck() -> None:
    given = experiment(precision="float32", gradient=Gradient(mode="forward"), steps=200)
    assert words(surveyed(given))[-1] == "stuck"


@pytest.mark.parametrize("key", ["proportional", "parabola", "six_rates", "momentum_limit", "rosenbrock"])
def test_a_zone_says_what_the_verdict_of_a_run_there_says(key: str) -> None:
    given = next(example.experiment for example in EXAMPLES if example.key == key)
    zones = surveyed(replace(given, target_loss=None))
    for index in range(0, len(zones.rates), 12):
        opened = replace(given, runs=(replace(given.runs[0], lr=float(zones.rates[index])),))
        simulation = Simulation(opened)
        simulation.advance(opened.steps)
        found = judge_run(opened, simulation.trace, 0, simulation.objective).key
        shown = zones.key_of(float(zones.rates[index]))
        if shown == "oscillating":
            assert found in ("oscillating", "arrived", "converging") and (
                found == "oscillating" or zones.oscillates(index)
            )
        else:
            assert shown == {"arrived": "converging"}.get(found, found)


def test_coarse_pictures_come_first_and_say_so() -> None:
    pictures = list(Survey(experiment(Proportional(), Newton(), steps=1000), 0, -6, 1).pictures(never))
    known = [len(picture.rates) for picture in pictures]
    assert known[0] < 40 and known == sorted(known)
    assert not pictures[0].complete and not pictures[0].done
    assert [picture.done for picture in pictures] == [False] * (len(pictures) - 1) + [True]


@pytest.mark.skipif(not available(), reason="no kernel runs here")
def test_a_kernel_knows_all_rates_in_the_first_picture() -> None:
    pictures = list(Survey(experiment(Proportional(), steps=2000), 0, -6, 1).pictures(never))
    assert all(len(picture.rates) == picture.requested and picture.complete for picture in pictures)
    assert [picture.done for picture in pictures] == [False, True]


def test_of_very_many_steps_the_first_ones_are_judged_and_it_is_said() -> None:
    pictures = list(Survey(experiment(steps=10_000_000), 0, -6, 1, seconds=0.5).pictures(never))
    last = pictures[-1]
    assert last.done and not last.complete
    assert last.steps < last.planned == 10_000_000
    assert words(last)[-1] == "diverged" and words(last)[0] == "converging"  # slow, but there is time enough


def test_a_network_is_known_coarsely_soon() -> None:
    given = Experiment(problem=Classification(), runs=(Run(lr=0.1),), steps=400)
    first = next(Survey(given, 0, -6, 1).pictures(never))
    assert first.steps < 400 and len(first.rates) < 40
    assert set(words(first)) & {"too_slow", "converging"}


def test_it_ends_at_once_when_it_is_stopped() -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    assert list(Survey(experiment(Proportional(), steps=100_000), 0, -6, 1).pictures(stop)) == []
    assert asked < 200


def test_rules_that_need_more_than_the_gradient_are_swept_too() -> None:
    zones = surveyed(experiment(Rosenbrock(), Newton(), steps=50))
    assert zones.best is not None
    assert zones.key_of(1.0) == "converging"
    assert zones.key_of(1e-8) is None and zones.key_of(11.0) is None


def test_the_sharper_limit_is_a_border_and_a_rate_in_it_is_at_the_limit() -> None:
    zones = surveyed(experiment())
    low, high = zones.limit
    assert zones.zones[2].high == pytest.approx(np.sqrt(low * high))
    assert zones.key_of(low * 0.9999) == "oscillating" and zones.key_of(high * 1.0001) == "diverged"
    assert zones.at_limit(1.0) and not zones.at_limit(0.9) and not zones.at_limit(1.1)
