from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.drawing.axis import GROWTH, Axis, Span

SPAN = Span(0, 10, -1000, 500)


def test_a_range_stays_while_the_data_fit() -> None:
    assert SPAN.covering(2, 9) == (0, 10)
    assert SPAN.covering(float("nan"), float("nan")) == (0, 10)


@pytest.mark.parametrize("low", [0, -1e-300, -0.1, -3, -77, -999])
@pytest.mark.parametrize("high", [10, 10.01, 13, 14, 200, 500])
def test_a_range_covers_the_data_and_at_most_a_growth_step_more(low: float, high: float) -> None:
    bottom, top = SPAN.covering(low, high)
    assert -1000 <= bottom <= low + 1e-6 and high - 1e-6 <= top <= 500
    assert top - 10 <= (high - 10) * GROWTH + 10 * (GROWTH - 1) + 1e-6


def test_a_range_never_exceeds_its_limits() -> None:
    assert SPAN.covering(-1e308, 1e308) == (-1000, 500)
    assert SPAN.covering(float("-inf"), float("inf")) == (-1000, 500)


def test_a_logarithmic_axis_over_any_number_of_decades_has_few_ticks(qtbot: QtBot) -> None:
    axis = Axis("left")
    axis.setLogMode(False, True)
    axis.resize(60, 300)
    for low, high in ((-3.0, 2.0), (0.0, 308.0), (-5e11, 5e11), (-1e15, 1e300)):
        ticks = [tick for _, level in axis.tickValues(low, high, 300) for tick in level]
        assert len(ticks) <= 60 and all(low <= tick <= high for tick in ticks)


def test_labels_that_are_too_wide_for_the_axis_are_powers_of_ten(qtbot: QtBot) -> None:
    axis = Axis("left")
    axis.resize(70, 300)
    axis.setRange(-4e6, 4e6)
    assert axis.tickStrings([-2e6, 0.0, 2e6], 1, 2e6) == ["−2·10⁶", "0", "2·10⁶"]
    axis.setRange(0, 2e6)
    assert axis.tickStrings([0.0, 5e5, 1e6, 1.5e6], 1, 5e5) == ["0", "5·10⁵", "1·10⁶", "1.5·10⁶"]
    axis.setRange(0, 4000)
    assert axis.tickStrings([0.0, 2000.0], 1, 2000) == ["0", "2000"]
