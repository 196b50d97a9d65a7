"""The fields of one side of a map."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.instruments.map.form import RangeFields
from lrstudio.ui.instruments.map.range import MapRange

RATE = MapRange("lr", 0.001, 1.0, log=True, least=0.0)


@pytest.fixture
def fields(qtbot: QtBot) -> RangeFields:
    fields = RangeFields("Across")
    qtbot.addWidget(fields)
    fields.show_names({"lr": "learning rate", "start.w": "start of w"})
    fields.show_range(RATE)
    return fields


def test_it_shows_no_more_digits_than_the_range_needs(fields: RangeFields) -> None:
    assert (fields.low.value(), fields.high.value()) == (0.001, 1.0)
    fields.show_range(replace(RATE, low=1.1220184543019633, high=1.1748975549395295))
    assert (fields.low.text(), fields.high.text()) == ("1.12202", "1.1749")
    fields.show_range(replace(RATE, low=1.14882507515, high=1.14883799157))
    assert fields.low.value() == pytest.approx(1.14882507515, abs=2e-8)


def test_an_end_that_is_typed_changes_the_range(fields: RangeFields, qtbot: QtBot) -> None:
    with qtbot.waitSignal(fields.changed) as signal:
        fields.low.lineEdit().setText("0.01")
        fields.low.editingFinished.emit()
    assert signal.args == [replace(RATE, low=0.01)]


def test_ends_in_the_wrong_order_are_refused_and_restored(fields: RangeFields, qtbot: QtBot) -> None:
    with qtbot.waitSignal(fields.refused) as signal, qtbot.assertNotEmitted(fields.changed):
        fields.low.lineEdit().setText("5")
        fields.low.editingFinished.emit()
    assert signal.args is not None and "first must be below" in signal.args[0]
    assert fields.low.value() == 0.001


def test_a_scale_of_equal_steps_changes_the_range(fields: RangeFields, qtbot: QtBot) -> None:
    fields.scale.setCurrentIndex(1)
    with qtbot.waitSignal(fields.changed) as signal:
        fields.scale.activated.emit(1)
    assert signal.args == [replace(RATE, log=False)]
