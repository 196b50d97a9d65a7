"""The number that a learner types."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from lrstudio.ui.lessons.prediction import PredictionBox


@pytest.mark.parametrize(
    ("locale", "text", "number"),
    [
        ("en", "0,05", 0.05),
        ("de", "0.05", 0.05),
        ("pl", "−1,500", -1.5),
        ("zh", "1.500", 1.5),
        ("en", "1,500", None),
        ("de", "1.500", None),
        ("en", "1e999", None),
        ("ar", "٣", None),
    ],
)
def test_a_prediction_takes_either_decimal_mark_and_asks_where_it_can_mean_two_numbers(
    qtbot: QtBot, locale: str, text: str, number: float | None
) -> None:
    box = PredictionBox()
    qtbot.addWidget(box)
    box.number.setLocale(QLocale(locale))
    box.setLocale(QLocale(locale))
    made: list[float] = []
    box.made.connect(made.append)
    box.number.setText(text)
    box.button.setEnabled(True)
    box.button.click()
    assert made == ([] if number is None else [number])
    assert ("can mean" in box.note.text()) == (text in ("1,500", "1.500") and number is None)
