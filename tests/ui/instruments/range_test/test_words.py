"""The texts of the range test's window for losses with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.core.analysis.cycle_bounds import CycleBounds
from lrstudio.core.analysis.verdict import CONVERGING, DIVERGED, TOO_SLOW
from lrstudio.engine.sweep.range_test import RangeTest, curve_of
from lrstudio.engine.sweep.summary import Summary
from lrstudio.ui.instruments.range_test import words as range_words
from lrstudio.ui.instruments.range_test.job import Swept

RATES = np.array([0.001, 0.01, 0.1, 1.0, 10.0])


@pytest.fixture
def swept(qtbot: QtBot) -> Swept:
    """The loss falls from 10 to about 1 with the rates 0.1 and 1; the largest rate diverges."""
    summary = Summary.empty((5,))
    summary.verdict[:] = [CONVERGING] * 4 + [DIVERGED]
    summary.final_loss[:] = [9.0, 5.0, 1.0, 1.1, 1e200]
    return Swept(RATES, summary)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (0.001, "The test is 100 times too careful: valley says 0.001, which ends at the loss 9. "),
        (0.02, "The test is 5 times too careful: valley says 0.02, which ends at the loss 5. "),
        (0.1, "The test is right: valley says 0.1. "),
        (10.0, "The test misleads: valley says 10, but trained with it the run diverges. "),
    ],
)
def test_the_text_compares_the_suggestion_with_the_good_rates(swept: Swept, rate: float, expected: str) -> None:
    truth = "Trained for 100 steps, constant rates from 0.1 to 1 are good; the best, 0.1, ends at 1."
    good = swept.good(10.0)
    assert range_words.compared("valley", rate, *swept.near(rate), good, 100) == expected + truth
    assert range_words.compared("best", 0.1, *swept.near(0.1), good, 100) == truth


def test_a_rate_that_is_too_slow_is_not_called_right(swept: Swept) -> None:
    swept.summary.verdict[1], swept.summary.final_loss[1] = TOO_SLOW, 1.15
    text = range_words.compared("valley", 0.01, *swept.near(0.01), swept.good(10.0), 100)
    assert text.startswith("The test is 10 times too careful: valley says 0.01") and "rates from 0.1 to 1" in text


def test_a_rate_that_is_too_large_but_converges_is_called_too_bold(swept: Swept) -> None:
    swept.summary.verdict[4], swept.summary.final_loss[4] = CONVERGING, 7.0
    text = range_words.compared("steep", 10.0, *swept.near(10.0), swept.good(10.0), 30)
    assert text.startswith(
        "The test is 10 times too bold: steep says 10, which ends at the loss 7. Trained for 30 steps, "
    )


def test_the_text_says_that_no_rate_is_good(swept: Swept) -> None:
    text = range_words.compared("valley", 0.1, *swept.near(0.1), swept.good(0.5), 100)
    assert text == "The sweep: no constant rate brings the loss down in 100 steps."


@pytest.mark.parametrize(
    ("losses", "ended", "expected"),
    [
        ([4.0, 3.0, 2.0], "end", "All 3 rates were tried; the raw loss never rose above 4 × the best."),
        ([4.0, 1.0, 5.0], "loss", "Ended at iteration 2, rate 1: the raw loss 5 is above 4 × the best, 1."),
        ([-4.0, -2.0, -1.0], "end", "All 3 rates were tried; the raw loss never rose too far above the best."),
        ([4.0, 1.0], "overflow", "Ended after iteration 1, rate 0.1: the numbers overflowed."),
        ([4.0, 1.0], "running", "2 of 3 rates"),
        ([], "overflow", "The loss at the start is no number: there is nothing to test."),
    ],
)
def test_the_text_says_why_the_test_ended(qtbot: QtBot, losses: list[float], ended: str, expected: str) -> None:
    curve = curve_of(RangeTest(start_lr=0.01, end_lr=1.0, num=2), losses, ended)
    assert range_words.ended(curve) == expected


def test_for_losses_below_zero_the_limit_is_a_multiple_of_their_spread(qtbot: QtBot) -> None:
    losses = [*np.linspace(-1, -5, 12).tolist(), 20.0]
    curve = curve_of(RangeTest(stop_on="smoothed", smooth=0.0), losses, "loss")
    assert curve.limit == 7
    assert range_words.ended(curve).endswith(
        "the smoothed loss 20 is above 7: the best, −5, plus 3 × the spread of the losses before, 4."
    )


def test_a_falling_test_names_no_factor(qtbot: QtBot) -> None:
    falling = curve_of(RangeTest(start_lr=1.0, end_lr=0.1, num=2), [4.0, 9.0, 1e9], "end")
    assert range_words.ended(falling) == "All 3 rates were tried."


def test_the_text_counts_too_few_losses(qtbot: QtBot) -> None:
    curve = curve_of(RangeTest(), [4.0, 1.0, 50.0], "loss")
    assert range_words.too_few(curve) == "No suggestion: 3 losses are too few, the rules need 21."


def test_the_text_names_an_unlucky_batch(qtbot: QtBot) -> None:
    curve = curve_of(RangeTest(), [4.0, 1.0, 5.0], "loss")
    assert "unlucky batch" in range_words.ended(curve, harmless=True)
    assert "unlucky batch" not in range_words.ended(curve)


@pytest.mark.parametrize(
    ("losses", "ended", "expected"),
    [
        ([10.0, 500.0, 400.0], "end", "throw the loss from 10 up to 500"),
        ([10.0, 4.0, 3.0], "end", "do all the work"),
        ([10.0, 1e300], "overflow", "until the numbers overflow"),
    ],
)
def test_the_text_says_why_the_rate_must_rise(qtbot: QtBot, losses: list[float], ended: str, expected: str) -> None:
    rising = curve_of(RangeTest(start_lr=0.01, end_lr=1.0, num=2), [10.0, 8.0, 6.0], "end")
    falling = curve_of(RangeTest(start_lr=1.0, end_lr=0.01, num=2), losses, ended)
    text = range_words.falling(rising, falling)
    assert expected in text and "from 1 on" in text and text.endswith("it must rise.")


def test_the_text_says_how_the_rates_of_a_cycle_are_chosen(qtbot: QtBot) -> None:
    assert "base_lr 0.01, where the loss has begun to fall" in range_words.cycle(CycleBounds(0.01, 0.5))
    assert "base_lr 0.125, a quarter" in range_words.cycle(CycleBounds(0.125, 0.5, is_measured=False))
    assert range_words.cycle(None).startswith("No cycle")


def test_numbers_have_three_digits_and_typographic_signs() -> None:
    assert [range_words.number(value) for value in (0.04467, 1234.5, 1e-5, 1.5e30)] == [
        "0.0447", "1\u202f234", "1e−05", "1.5e+30",
    ]  # fmt: skip
