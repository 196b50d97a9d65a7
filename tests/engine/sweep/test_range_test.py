"""The range test against the same thing written as a plain loop, as text 5 prints it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.suggestions import RULES
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.declaration import find
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import PROBLEMS, Digits, Formula, NoisyLine, Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.range_test import RangeCurve, RangeTest, Stopping, limit, range_test, trained
from lrstudio.engine.sweep.summary import UNKNOWN
from lrstudio.engine.training.batch_runner import MiniBatches, begin, compiled
from lrstudio.engine.training.simulation import Simulation

LINE = Experiment(problem=NoisyLine(), runs=(Run(lr=0.5),), batch_size=10)


def by_hand(start: float, end: float, num: int, seed: int = 0, stop: float = 4) -> tuple[list[float], list[float]]:
    """Text 5's loop on the noisy line, with the experiment's own batches."""
    data = NoisyLine().data(seed)
    w, b, lr, best = -1.0, 1.0, start, np.inf
    factor = (end / start) ** (1 / num)
    rates, losses = [], []
    order = np.array([])
    for step in range(num + 1):
        if step % 10 == 0:
            source = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(step // 10,)))
            order = source.permutation(100)
        rows = order[10 * (step % 10) : 10 * (step % 10) + 10]
        x, y = data["x"][rows], data["y"][rows]
        miss = w * x + b - y
        loss = float(np.mean(miss**2))
        rates.append(lr)
        losses.append(loss)
        best = min(best, loss)
        if loss > stop * best:
            break
        w, b = w - lr * float(np.mean(2 * miss * x)), b - lr * float(np.mean(2 * miss))
        lr *= factor
    return rates, losses


@pytest.mark.parametrize(("start", "end", "num"), [(1e-5, 1.0, 100), (1e-3, 10.0, 300), (1e-4, 0.1, 50)])
def test_it_is_the_loop_of_text_5(start: float, end: float, num: int) -> None:
    found = range_test(LINE, RangeTest(start_lr=start, end_lr=end, num=num))
    rates, losses = by_hand(start, end, num)
    assert found.lr == pytest.approx(rates, rel=1e-10)
    assert found.loss == pytest.approx(losses, rel=1e-9)
    assert len(found.lr) == len(found.smoothed)


def test_without_trouble_it_goes_from_the_start_to_the_end() -> None:
    calm = Experiment(problem=Parabola(), runs=(Run(lr=1.0),))
    found = range_test(calm, RangeTest(start_lr=1e-5, end_lr=0.1, num=40))
    assert (len(found.lr), found.ended) == (41, "end")
    assert (found.lr[0], found.lr[-1]) == (1e-5, pytest.approx(0.1))
    line = range_test(calm, RangeTest(start_lr=0.1, end_lr=0.3, num=4, growth="linear"))
    assert line.lr == pytest.approx([0.1, 0.15, 0.2, 0.25, 0.3])


def test_it_stops_at_the_first_loss_above_the_factor_times_the_best() -> None:
    found = range_test(LINE, RangeTest(start_lr=1e-3, end_lr=100, num=200))
    assert found.ended == "loss"
    best = np.minimum.accumulate(found.loss)
    assert (found.loss[:-1] <= 4 * best[:-1]).all() and found.loss[-1] > 4 * best[-1]
    further = range_test(LINE, RangeTest(start_lr=1e-3, end_lr=100, num=200, stop_factor=1e9))
    assert len(further.lr) > len(found.lr)
    assert further.loss[: len(found.loss)].tolist() == found.loss.tolist()


BOWL = "(a - 2)^2"
FELL = RangeTest(start_lr=1e-3, end_lr=30, num=120)


def bowl(constant: str, **asked: Any) -> RangeCurve:
    """A test of a bowl with a constant added to its loss."""
    problem = Formula(loss=BOWL + constant)
    return range_test(Experiment(problem=problem, runs=(Run(lr=1.0),)), replace(FELL, **asked))


def test_below_zero_it_stops_by_the_spread_of_the_losses_whatever_constant_they_have() -> None:
    found = [bowl(constant) for constant in ("-0.5", "-5", "-1000")]
    assert {(curve.ended, len(curve.loss)) for curve in found} == {("loss", len(found[0].loss))}
    for curve in found:
        best, worst = curve.loss[:-1].min(), curve.loss[:-1].max()
        assert best < 0 and curve.loss[-1] > curve.limit == best + 3 * (worst - best)
    crossing, below = found[0].loss, found[2].loss
    assert crossing[0] == 0.5 and below.max() < -900
    assert len(bowl("-5", stop_factor=1e4).loss) > len(found[1].loss)


def test_above_zero_the_limit_is_a_multiple_of_the_best_as_in_text_5() -> None:
    curve = bowl("+1")
    assert curve.ended == "loss" and curve.limit == 4 * curve.loss[:-1].min() < curve.loss[-1]
    assert limit(4, 2.0, 100.0, 1) == 8


def test_a_few_noisy_losses_below_zero_do_not_end_it() -> None:
    noisy = Experiment(problem=NoisyLine(), runs=(Run(lr=0.5),), batch_size=5)
    losses = range_test(noisy, RangeTest(stop_factor=1e9)).loss - 50.0
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(40)  # losses at rates that change nothing
        stopping = Stopping(RangeTest())
        assert not any(stopping.at(loss) for loss in losses[:40][order].tolist())


@pytest.mark.parametrize("loss", ["styblinski_tang", "easom"])
def test_problems_whose_losses_are_negative_are_tested_to_where_they_rise(loss: str) -> None:
    start = {"easom": (2.5, 2.5), "styblinski_tang": (0.5, 0.5)}[loss]
    problem = find(PROBLEMS, loss, "problem")()
    found = range_test(Experiment(problem=problem, runs=(Run(lr=1.0, start=start),)), RangeTest(end_lr=10.0))
    assert len(found.loss) > 70 and found.loss.min() < -0.9
    assert all(known.lr is not None for known in found.suggestions())


def test_it_stops_on_the_smoothed_loss_where_fastai_does() -> None:
    recorded = json.loads((Path(__file__).parents[2] / "reference" / "lr_finders.json").read_text())["cases"]
    for case in recorded:
        losses = case["losses"]
        num = RangeTest(**case["test"]).num
        stopping = Stopping(RangeTest(stop_on="smoothed"))
        raw = Stopping(RangeTest())
        ends = [next((i + 1 for i, loss in enumerate(losses) if one.at(loss)), num) for one in (stopping, raw)]
        if min(losses) > 0:
            assert min(ends[0], len(losses)) == case["fastai_stops_after"]
            assert ends[1] <= ends[0]
    assert any(case["fastai_stops_after"] == 1 for case in recorded)  # fastai's rule below 0


def test_a_suggestion_is_trained_as_a_run_of_its_own_is() -> None:
    line = replace(LINE, steps=30)
    rates = (0.01, 0.7, 3.0)
    seen: list[float] = []
    found = trained(line, rates, progress=seen.append)
    for index, lr in enumerate(rates):
        losses = trained(line, (lr,)).final_loss
        assert found.final_loss[index] == losses[0]
    assert [VERDICTS[code] for code in found.verdict[1:]] == [VERDICTS[found.verdict[1]], "diverged"]
    assert seen[-1] == 1 and seen == sorted(seen)
    assert trained(line, rates, stop=lambda: True).verdict.tolist() == [UNKNOWN] * 3
    assert trained(line, ()).verdict.shape == (0,)


def test_overflow_ends_it_before_the_loss_is_no_number() -> None:
    wild = Experiment(problem=Parabola(), runs=(Run(lr=1.0),))
    found = range_test(wild, RangeTest(start_lr=10, end_lr=1e6, num=300, stop_factor=1e308))
    assert found.ended == "overflow"
    assert np.isfinite(found.loss).all()


def test_the_loss_shows_what_the_rate_before_has_done() -> None:
    plain = Experiment(problem=Parabola(), runs=(Run(lr=1.0),))
    found = range_test(plain, RangeTest(start_lr=0.1, end_lr=0.4, num=2))
    w = 5.0
    for lr, loss in zip(found.lr, found.loss, strict=True):
        assert loss == pytest.approx((w + 1) ** 2)
        w -= lr * 2 * (w + 1)


def test_several_batches_a_rate_are_trained_with_it_and_averaged() -> None:
    plain = Experiment(problem=Parabola(), runs=(Run(lr=1.0),))
    found = range_test(plain, RangeTest(start_lr=0.1, end_lr=0.4, num=2, batches=3))
    w = 5.0
    for lr, loss in zip(found.lr, found.loss, strict=True):
        losses = []
        for _ in range(3):
            losses.append((w + 1) ** 2)
            w -= lr * 2 * (w + 1)
        assert loss == pytest.approx(np.mean(losses))


def test_the_loss_on_validation_data_is_that_of_a_training_with_these_rates() -> None:
    steady = RangeTest(start_lr=0.1, end_lr=0.1, num=4, batches=3, monitor="val_loss")
    experiment = Experiment(problem=Digits(hidden=(8,), n=200), runs=(Run(lr=0.1),), batch_size=16, steps=12)
    training = Simulation(experiment)
    training.advance(12)
    found = range_test(experiment, steady)
    assert found.loss == pytest.approx(training.trace.read("val_loss")[::3, 0], rel=1e-12)


def test_without_validation_data_their_loss_is_refused() -> None:
    with pytest.raises(ValueError, match="noisy_line has no validation data"):
        range_test(LINE, RangeTest(monitor="val_loss"))


def test_a_falling_test_shows_why_it_must_rise() -> None:
    found = range_test(LINE, RangeTest(start_lr=2.0, end_lr=1e-4, num=100))
    assert found.ended == "end"
    assert found.loss.argmax() > 3 and found.loss.max() > 100 * found.loss[0]
    assert [suggestion.lr for suggestion in found.suggestions()] == [None] * len(RULES)
    assert range_test(LINE, RangeTest(start_lr=2.0, end_lr=1e-4, num=100, stop_factor=4)).ended == "loss"


def test_several_seeds_are_averaged() -> None:
    test = RangeTest(start_lr=1e-4, end_lr=0.1, num=60, seeds=3, stop_factor=1e9)
    found = range_test(LINE, test)
    alone = [by_hand(1e-4, 0.1, 60, seed, 1e9)[1] for seed in range(3)]
    assert found.loss == pytest.approx(np.mean(alone, axis=0), rel=1e-9)


def test_momentum_and_a_start_of_its_own_take_part() -> None:
    run = Run(lr=1.0, optimizer=SGD(momentum=0.9), start=(3.0,))
    plain = Experiment(problem=Parabola(), runs=(Run(lr=1.0), run))
    found = range_test(plain, RangeTest(start_lr=0.01, end_lr=0.1, num=20), run=1)
    w, buffer = 3.0, 0.0
    for lr, loss in zip(found.lr, found.loss, strict=True):
        assert loss == pytest.approx((w + 1) ** 2)
        buffer = 0.9 * buffer + 2 * (w + 1)
        w -= lr * buffer


def test_it_can_be_stopped_and_says_how_far_it_is() -> None:
    seen: list[float] = []
    found = range_test(LINE, RangeTest(num=50), stop=lambda: len(seen) == 7, progress=seen.append)
    assert (found.ended, len(found.lr)) == ("stopped", 7)
    assert seen == [pytest.approx((index + 1) / 51) for index in range(7)]


def test_the_suggestions_of_the_noisy_line_are_rates_that_work() -> None:
    found: RangeCurve = range_test(LINE, RangeTest(start_lr=1e-4, end_lr=10, num=100, seeds=5))
    rates = {suggestion.rule: suggestion.lr for suggestion in found.suggestions()}
    assert all(lr is not None and 1e-4 <= lr < 1 for lr in rates.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_lr": 0.0},
        {"end_lr": float("inf")},
        {"num": 0},
        {"stop_factor": 1.0},
        {"smooth": 1.0},
        {"seeds": 0},
        {"stop_on": "mean"},
    ],
)
def test_what_cannot_be_asked_for_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RangeTest(**wrong)


def test_digits_are_tested_as_text_5_does_it_with_their_network() -> None:
    digits = Experiment(problem=Digits(), runs=(Run(lr=0.1),), batch_size=64, seed=3)
    found = range_test(digits, RangeTest())
    objective = compiled(digits)
    weights, lr, best = begin(digits)[None].copy(), 1e-5, np.inf
    batches = MiniBatches(objective.size, 64, 3)
    for step in range(101):
        loss, slope = objective.loss_and_gradient(weights, batches.rows(step))
        assert found.lr[step] == pytest.approx(lr, rel=1e-10)
        assert found.loss[step] == pytest.approx(float(loss[0]), rel=1e-9)
        best = min(best, float(loss[0]))
        assert loss[0] <= 4 * best
        weights = weights - lr * slope
        lr *= (1 / 1e-5) ** (1 / 100)
    assert found.ended == "end"
