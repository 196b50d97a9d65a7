"""What a diagnosis says of runs made of formulas, and that no run makes it fail."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.analysis.suggestions import RULES
from lrstudio.core.array import Array
from lrstudio.engine.diagnosis.diagnosis import Diagnosis, diagnosed
from lrstudio.engine.diagnosis.finding import KEYS, sure
from lrstudio.engine.diagnosis.measures import left
from lrstudio.engine.diagnosis.recorded import MOST_ROWS, recorded

STEP = np.arange(200.0)


def of(loss: Array, rate: Array | float | None = 0.1, val: Array | None = None) -> Diagnosis:
    at = np.arange(float(len(loss)))
    rates = None if rate is None else np.broadcast_to(np.asarray(rate, float), len(loss))
    return diagnosed(recorded(at, loss, None if rate is None else at, rates, None if val is None else at, val))


def noisy(loss: Array, share: float = 0.2, seed: int = 0) -> Array:
    return np.asarray(loss * (1 + share * np.random.default_rng(seed).normal(size=len(loss))))


@pytest.mark.parametrize("lasting", [0.5, 1.0, 3.0, 8.0])
def test_the_share_that_is_left_is_that_of_an_exponential_descent(lasting: float) -> None:
    spent = np.linspace(0, 1, 4001)
    loss = 2 + np.exp(-lasting * spent)
    assert left(loss, spent) == pytest.approx(np.exp(-lasting), rel=0.15, abs=0.004)


def test_a_schedule_of_steps_that_each_end_a_plateau_has_not_ended_early() -> None:
    rate = np.repeat([0.1, 0.01, 0.001], [60, 60, 80])
    level = np.repeat([0.5, 0.2, 0.15], [60, 60, 80]) + 2 * np.exp(-STEP / 6)
    said = of(noisy(level, 0.05), rate)
    assert said.main.key == "plateau_ended"
    assert [round(drop.at) for drop in said.drops] == [60, 120]
    assert said.drops[0].gain == pytest.approx(0.6, abs=0.05) and said.drops[1].gain == pytest.approx(0.25, abs=0.06)
    assert said.main.numbers["after"] == 0.01 and "ended a plateau" in said.said[0].sentence
    assert said.said[0].advice is not None and 20 < said.said[0].advice.numbers["sooner"] < 40


def test_a_divergence_tells_the_step_and_the_rate_that_was_passed() -> None:
    rate = np.minimum(0.8, 0.005 * (1 + STEP))
    loss = np.where(STEP < 120, np.exp(-STEP / 40), np.exp(-3 + 0.3 * (STEP - 120)))
    said = of(loss, rate)
    assert said.main.key == "diverged" and said.main.reason == "grew_rising"
    assert 128 <= said.main.numbers["at"] <= 133 and said.main.numbers["rate"] == pytest.approx(0.66, abs=0.02)
    assert said.said[0].advice is not None and said.said[0].advice.numbers["stable"] == pytest.approx(0.6, abs=0.02)


def test_a_leap_while_the_rate_changes_is_a_matter_of_the_warm_up_alone() -> None:
    loss = 0.2 + 2 * np.exp(-STEP / 30)
    loss[8:20] *= 3
    for rate, key in ((0.1 * (1 - STEP / 200), "warmup_short"), (0.1, "oscillating")):
        keys = [said.finding.key for said in of(loss, rate).said]
        assert [each for each in keys if each in ("warmup_short", "oscillating")] == [key]


def test_overfitting_is_not_the_fault_of_the_rate() -> None:
    val = 0.5 + np.exp(-STEP / 20) + np.maximum(0, STEP - 80) / 400
    said = of(noisy(np.exp(-STEP / 50)), val=val)
    assert said.main.key == "overfitting" and "not the fault of the rate" in said.said[0].sentence
    assert said.main.numbers["at"] == pytest.approx(80, abs=12)
    assert said.main.numbers["rise"] == pytest.approx(val[-1] / val.min() - 1, rel=0.1)


def test_a_rising_rate_gets_the_suggestions_of_a_range_test() -> None:
    rate = np.geomspace(1e-5, 1, 100)
    said = of(2.3 - 1.5 / (1 + (0.01 / rate) ** 2) + 5 * np.maximum(0, rate - 0.3), rate)
    assert said.main.key == "range_test" and len(said.suggestions) == len(RULES)
    valley = next(each.lr for each in said.suggestions if each.rule == "valley")
    assert said.said[0].advice is not None and said.said[0].advice.numbers == {"valley": valley}


def test_a_range_test_that_ends_too_early_or_begins_too_late_asks_for_other_rates() -> None:
    rate = np.geomspace(1e-4, 1e-2, 60)
    (falls,) = of(2.3 - 0.4 * np.log(rate / 1e-4), rate).said
    assert "still falls at its end" in falls.sentence and falls.sureness == ""
    assert falls.advice is not None and falls.advice.numbers["try"] == pytest.approx(0.1)
    (rises,) = of(1.5 + 400 * rate, rate).said
    assert "nowhere lower than at its beginning" in rises.sentence
    assert rises.advice is not None and rises.advice.numbers["try"] == pytest.approx(1e-6)


def test_without_rates_no_sentence_speaks_of_one() -> None:
    said = of(np.append(np.exp(-STEP / 40), np.nan), None)
    assert said.main.key == "diverged" and "rate" not in said.said[0].sentence and said.said[0].try_next == ""


def test_a_run_in_full_tells_the_same_as_its_means() -> None:
    step = np.arange(1_000_000.0)
    loss = noisy(0.2 + 2 * np.exp(-step / 50_000), 0.3)
    run = recorded(step, loss, step[:1], np.array([0.1]))
    assert len(run.loss) <= MOST_ROWS and run.total == 1_000_000
    assert diagnosed(run).main.key in ("noise_floor", "plateau")
    assert np.isnan(recorded(step, np.append(loss[:-1], np.nan)).loss[-1])


def test_how_sure_it_is_grows_with_the_distance_from_the_bound() -> None:
    assert sure(1.0) == 0.5 and sure(2.0) == pytest.approx(0.8) and sure(4.0) > 0.9 and sure(4.0, 1.0) == 0.5


SCALES = (0.0, 1e-300, 1e-9, 1.0, -1.0, 1e25, 1e200, np.inf, np.nan)


@pytest.mark.parametrize("seed", range(150))
def test_no_run_makes_it_fail(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.choice([0, 1, 2, 3, 5, 6, 7, 11, 12, 40, 300]))
    scale = float(random.choice(SCALES))
    loss = random.choice([np.ones(count), random.normal(size=count), np.arange(count) + 0.0, np.exp(-np.arange(count))])
    with np.errstate(all="ignore"):
        loss = loss * scale
        loss[random.random(count) < 0.05] = random.choice(SCALES)
        rate = random.choice([np.zeros(count), random.random(count), np.full(count, np.nan), -np.ones(count)])
        val = random.random(int(random.choice([0, 1, 4, 5, 30]))) * scale
    at = np.arange(float(count))
    said = diagnosed(recorded(at, loss, at, rate, np.arange(float(len(val))), val))
    assert said.said and said.main.key in KEYS
    for each in said.said:
        assert 0 <= each.finding.sure <= 1 and each.sentence and "{" not in each.sentence + each.try_next
