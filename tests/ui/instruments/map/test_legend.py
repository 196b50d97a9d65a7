"""What stands beside a bar of colours, and at scales that are enlarged."""

from __future__ import annotations

import math

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.drawing.axis import Axis, number_text
from lrstudio.ui.instruments.map.colors import Scale
from lrstudio.ui.instruments.map.legend import MapLegend, bar_ticks
from lrstudio.ui.look.theme import LIGHT

NONE = (0,) * 8


def test_decades_have_ticks_at_their_values() -> None:
    ticks = bar_ticks(Scale("final_loss", 1e-6, 100.0, NONE), 20)
    assert [text for _, text in ticks] == ["10⁻⁶", "10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1", "10", "100"]
    for index, (share, _) in enumerate(ticks):
        assert share == pytest.approx(index / 8)


def test_there_are_no_more_ticks_than_fit() -> None:
    for most in (2, 3, 5, 9):
        assert 2 <= len(bar_ticks(Scale("final_loss", 1e-30, 1.0, NONE), most)) <= most + 1


def test_less_than_a_decade_has_ticks_at_the_ends_and_the_middle() -> None:
    ticks = bar_ticks(Scale("best_loss", 2.0, 8.0, NONE), 10)
    assert ticks == [(0.0, "2"), (0.5, "4"), (1.0, "8")]
    assert [text for _, text in bar_ticks(Scale("factor", 0.5, 0.9, NONE), 10)] == ["0.5", "0.6", "0.7", "0.8", "0.9"]


def test_it_is_as_wide_as_its_words(qtbot: QtBot) -> None:
    legend = MapLegend(LIGHT)
    qtbot.addWidget(legend)
    legend.show_scale("verdict", Scale("verdict", 0.0, 1.0, (5, 0, 0, 0, 5, 0, 0, 0, 0)))
    narrow = legend.width()
    font = legend.font()
    font.setPointSize(20)
    legend.setFont(font)
    qtbot.waitUntil(lambda: legend.width() > narrow)


def test_ticks_of_an_enlarged_logarithmic_axis_differ(qtbot: QtBot) -> None:
    axis = Axis("bottom")
    axis.setLogMode(x=True)
    axis.resize(700, 30)
    for width in (1e-2, 1e-4, 1e-6):
        low = math.log10(1.1488)
        axis.setRange(low, low + width)
        values = axis.tickValues(low, low + width, 700)[0][1]
        texts = [text for text in axis.tickStrings(values, 1.0, 1.0) if text]
        assert len(texts) >= 2 and len(set(texts)) == len(texts), texts
        for text, value in zip(axis.tickStrings(values, 1.0, 1.0), values, strict=True):
            assert not text or float(text) == pytest.approx(10**value, rel=width / 10)


def test_ticks_of_an_enlarged_axis_show_the_digits_in_which_they_differ() -> None:
    assert number_text(-2.1998779, 7) == "−2.1998779"
    assert number_text(0.05, 2) == "0.05"
    assert number_text(4e-6, 6) == "4·10⁻⁶"
    assert number_text(2.5e8, 0) == "2.5·10⁸"
