"""The rules, written once more in plain Python from their descriptions, and beside what the libraries suggest."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.suggestions import (
    FEWEST,
    RULES,
    fewest,
    lightning,
    lightning_average,
    minimum,
    slide,
    smoothed,
    steep,
    suggest,
    valley,
)
from lrstudio.engine.sweep.range_test import RangeTest


def plain_valley(lrs: list[float], losses: list[float]) -> float:
    """The longest strictly falling subsequence that ends first; from its length back, a third and half a third on."""
    best_end, best = 0, 1
    lengths: list[int] = []
    for i, loss in enumerate(losses):
        length = 1
        for j in range(i):
            if losses[j] > loss and lengths[j] + 1 > length:
                length = lengths[j] + 1
        lengths.append(length)
        if length > best:
            best_end, best = i, length
    start = best_end - best if best_end else 0
    third = (best_end - start) / 3
    return lrs[start + math.floor(third) + math.floor(third / 2)]


def slopes_of(values: list[float]) -> list[float]:
    inner = [(values[i + 1] - values[i - 1]) / 2 for i in range(1, len(values) - 1)]
    return [values[1] - values[0], *inner, values[-1] - values[-2]]


def plain_slide(lrs: list[float], losses: list[float]) -> float:
    """Slide the ruler left from the right end while the slopes at its feet differ by more than 0.005."""
    slopes = slopes_of(losses)
    right, left = len(losses) - 1, len(losses) - 16
    found = lrs[left]
    while left >= 0 and abs(slopes[right] - slopes[left]) > 0.005:
        found = lrs[left]
        left, right = left - 1, right - 1
    return found


def plain_minimum(lrs: list[float], losses: list[float]) -> float:
    return lrs[losses.index(min(losses))] / 10


def plain_steep(lrs: list[float], losses: list[float]) -> float:
    falls = [(losses[i + 1] - losses[i]) / (math.log(lrs[i + 1]) - math.log(lrs[i])) for i in range(len(lrs) - 1)]
    return lrs[falls.index(min(falls))]


def plain_lightning(lrs: list[float], losses: list[float]) -> float | None:
    """The steepest fall against the rate of an average whose weights sum to less than one at first."""
    average = []
    for i in range(len(losses)):
        weighed = sum(0.02 * 0.98 ** (i - j) * losses[j] for j in range(i + 1))
        average.append(weighed / (1 - 0.98 ** (i + 2)))
    kept = [(lr, loss) for lr, loss in zip(lrs, average, strict=True) if math.isfinite(loss)][10:]
    kept = kept[:-1] if len(kept) == len(lrs) - 10 else kept
    if len(kept) < 2:
        return None
    falls = np.gradient([loss for _, loss in kept], [lr for lr, _ in kept]).tolist()
    return kept[falls.index(min(falls))][0]


def curve(seed: int, count: int, growth: float = 1.0) -> tuple[list[float], list[float]]:
    """A loss that is level, falls, and blows up, with noise, as range tests look."""
    source = random.Random(seed)
    lrs = [1e-5 * 10 ** (5 * i / count) for i in range(count)]
    bend, width = source.uniform(-3.5, -1.5), source.uniform(0.2, 0.7)
    losses = []
    for lr in lrs:
        x = math.log10(lr)
        falling = 2.3 - 1.5 / (1 + math.exp(-(x - bend) / width))
        losses.append(falling + growth * math.exp(4 * (x + 0.7)) + source.gauss(0, 0.05))
    return lrs, losses


CURVES = [curve(seed, count, growth) for seed in range(12) for count in (30, 100, 101, 257) for growth in (0.0, 1.0)]
CURVES += [([10.0**-k for k in range(40, 0, -1)], [float(k) for k in range(40)])]
CURVES += [([10.0**-k for k in range(40, 0, -1)], [-float(k) for k in range(40)])]
CURVES += [([10.0**-k for k in range(40, 0, -1)], [3.0] * 40)]


@pytest.mark.parametrize("place", range(len(CURVES)))
def test_the_rules_are_the_published_ones(place: int) -> None:
    lrs, losses = CURVES[place]
    rates, values = np.array(lrs), np.array(losses)
    assert valley(rates, values) == plain_valley(lrs, losses)
    assert slide(rates, values) == plain_slide(lrs, losses)
    assert minimum(rates, values) == plain_minimum(lrs, losses)
    assert steep(rates, values) == pytest.approx(plain_steep(lrs, losses), rel=1e-12)
    assert lightning(rates, values) == plain_lightning(lrs, losses)


def plain_smooth(losses: list[float], beta: float) -> list[float]:
    """A weighted mean of all losses so far; each weighs beta times what its successor does."""
    found = []
    for i in range(len(losses)):
        weights = [beta ** (i - j) for j in range(i + 1)]
        found.append(sum(w * loss for w, loss in zip(weights, losses, strict=False)) / sum(weights))
    return found


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.98])
def test_smoothing_is_a_weighted_mean_with_bias_correction(beta: float) -> None:
    _, losses = curve(3, 60)
    assert smoothed(np.array(losses), beta) == pytest.approx(plain_smooth(losses, beta), rel=1e-12)


def test_a_gap_in_the_losses_is_a_gap_in_the_smoothed_ones() -> None:
    found = smoothed(np.array([1.0, np.nan, 3.0, np.inf]), 0.5)
    assert found[[0, 2]] == pytest.approx([1.0, (3 + 0.5 * 1) / 1.5])
    assert np.isnan(found[[1, 3]]).all()


RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "reference" / "lr_finders.json").read_text())


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["options"])
def test_the_rules_say_what_their_libraries_say(case: dict[str, Any]) -> None:
    test, losses = RangeTest(**case["test"]), np.array(case["losses"])
    found = suggest(test.rates[: len(losses)], losses, num=test.num)
    recorded = {**case["fastai"], "lightning": case["lightning"], "torch_lr_finder": case["torch_lr_finder"]}
    assert {known.rule: known.lr for known in found} == {
        rule: None if lr is None else pytest.approx(lr, rel=1e-5) for rule, lr in recorded.items()
    }
    assert lightning_average(losses)[:3] == pytest.approx(case["lightning_first"]["loss"], rel=1e-7)
    assert test.rates[[0, 2, 3]] == pytest.approx(case["lightning_first"]["lr"])


def test_lightning_says_what_was_recorded_of_it_elsewhere() -> None:
    said = [float(f"{case['lightning']:.3g}") for case in RECORDED["cases"][:5]]
    assert said == [0.00398, 0.00126, 0.0224, 3.98e-05, 0.00631]


@pytest.mark.parametrize("place", [1, 40, 60])
def test_of_a_curve_of_another_origin_all_is_read(place: int) -> None:
    lrs, losses = CURVES[place]
    found = {suggestion.rule: suggestion.lr for suggestion in suggest(np.array(lrs), np.array(losses))}
    kept = slice(len(lrs) // 10, -5)
    smooth = plain_smooth(losses, 0.98)
    assert tuple(found) == RULES
    assert found["valley"] == plain_valley(lrs[kept], smooth[kept])
    assert found["slide"] == plain_slide(lrs[kept], smooth[kept])
    assert found["minimum"] == plain_minimum(lrs[kept], smooth[kept])
    assert found["steep"] == plain_steep(lrs[kept], smooth[kept])
    assert found["lightning"] == plain_lightning(lrs, losses)


def test_the_rules_see_the_curve_up_to_the_first_nan() -> None:
    lrs, losses = curve(5, 100)
    broken = losses.copy()
    broken[70:] = [math.nan] * 30
    found = {suggestion.rule: suggestion.lr for suggestion in suggest(np.array(lrs), np.array(broken))}
    smooth = plain_smooth(losses, 0.98)
    assert found["valley"] == plain_valley(lrs[10:70], smooth[10:70])
    assert found["steep"] == plain_steep(lrs[10:70], smooth[10:70])
    assert found["lightning"] == plain_lightning(lrs, broken)


@pytest.mark.parametrize("num", [10, 60, 100, 300])
def test_from_too_few_losses_nothing_is_suggested(num: int) -> None:
    lrs, losses = np.geomspace(1e-5, 1, num + 1), np.linspace(2, 1, num + 1)
    says = []
    for count in range(num + 1):
        found = suggest(lrs[:count], losses[:count], num=num)
        assert all((known.lr is None) == known.too_few for known in found)
        says.append(any(known.lr is not None for known in found))
    assert says == [count >= fewest(num) for count in range(num + 1)]
    assert fewest(100) == 10 + 1 + FEWEST


def test_curves_without_a_finite_loss_suggest_nothing() -> None:
    found = suggest(np.geomspace(1e-5, 1, 50), np.full(50, np.nan))
    assert [suggestion.lr for suggestion in found] == [None] * len(RULES)
    assert all(suggestion.meaning for suggestion in found)


@pytest.mark.parametrize("offset", [-7.0, 7.0])
def test_of_fastais_rules_none_minds_a_constant_in_the_loss(offset: float) -> None:
    lrs, losses = curve(4, 100)
    rates, values = np.array(lrs), np.array(losses)
    plain, moved = suggest(rates, values), suggest(rates, values + offset)
    assert [known.lr for known in plain[:4]] == [known.lr for known in moved[:4]]


def test_the_longest_falling_chain_is_found_as_by_looking_at_every_pair() -> None:
    source = np.random.default_rng(0)
    for count in (2, 3, 7, 50, 120):
        for _ in range(20):
            losses = source.integers(0, 30, count).astype(float) - 0.2 * np.arange(count)
            lrs = np.geomspace(1e-5, 1, count)
            chain = np.ones(count, int)
            for place in range(count):
                for before in range(place):
                    if losses[before] > losses[place]:
                        chain[place] = max(chain[place], chain[before] + 1)
            end = int(chain.argmax())
            begin = end - int(chain[end]) if end else 0
            third = (end - begin) / 3
            assert valley(lrs, losses) == lrs[begin + int(third) + int(third / 2)]


def test_a_curve_of_a_hundred_thousand_losses_is_read_at_once() -> None:
    count = 100_000
    losses = np.random.default_rng(1).normal(2, 0.1, count) - np.arange(count) / count
    assert all(known.lr is not None for known in suggest(np.geomspace(1e-6, 1, count), losses))
