"""What the line above a plot says where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.header import Header
from lrstudio.ui.theme import LIGHT


@pytest.fixture
def header(qtbot: QtBot) -> Header:
    header = Header()
    header.set_font(QFont())
    header.title, header.note = "weights", "a wide, b thin · ▲ cut off: 0.1"
    return header


def width(header: Header, text: str) -> float:
    return QFontMetricsF(header.font()).horizontalAdvance(text)


def test_of_a_note_the_last_words_stay(header: Header) -> None:
    assert header.shown_note(width(header, header.note) + 1) == header.note
    assert header.shown_note(width(header, header.note) - 1) == "▲ cut off: 0.1"
    assert header.shown_note(10) == ""


def test_a_long_name_is_cut_off_before_another_is_left_out(header: Header) -> None:
    header.entries = [(f"{rate} with a long name that somebody typed", LIGHT.run_style(0)) for rate in ("0.1", "1")]
    header.resize(QSizeF(400, 30))
    labels = header.shown_labels(300)
    assert [label[:3] for label in labels] == ["0.1", "1 w"]
    assert all(label.endswith("…") for label in labels)
    assert header.shown_labels(2000) == [label for label, _ in header.entries]
