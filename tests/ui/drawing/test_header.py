"""The header shortens its texts to its width."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from lrstudio.ui.drawing.header import Header
from lrstudio.ui.drawing.pixels import bold
from lrstudio.ui.drawing.pyqtgraph import pg
from lrstudio.ui.look.theme import LIGHT


@pytest.fixture
def header(qtbot: QtBot) -> Header:
    header = Header()
    header.set_font(QFont())
    header.title, header.note = "weights", "a wide, b thin · ▲ cut off: 0.1"
    return header


def width(header: Header, text: str) -> float:
    return QFontMetricsF(header.font()).horizontalAdvance(text)


def test_the_last_parts_of_a_note_stay(header: Header) -> None:
    assert header.fitted_note(width(header, header.note) + 1) == header.note
    assert header.fitted_note(width(header, header.note) - 1) == "▲ cut off: 0.1"
    assert header.fitted_note(10) == ""


def test_a_long_legend_takes_more_lines_before_names_are_shortened(header: Header) -> None:
    names = ("0.001", "0.004", "0.016 ▼", "0.064", "0.256", "1.024 ▲")
    header.entries = [(name, LIGHT.run_style(run)) for run, name in enumerate(names)]
    for room, most in ((900, 1), (350, 3), (250, 4)):
        header.resize(QSizeF(room, 30))
        header.fit()
        entries, more = header.legend()
        assert [entry.label for entry in entries] == list(names) and more is None
        assert 1 + max(entry.line for entry in entries) <= most
        assert min(entry.x for entry in entries) >= 0
        assert header.minimumHeight() >= (1 + entries[-1].line) * QFontMetricsF(header.font()).height()
        assert not header.toolTip()


def test_long_names_are_elided_before_others_are_left_out(header: Header) -> None:
    names = [f"{rate} with a long name that was typed" for rate in ("0.1", "1", "2", "3", "4", "5")]
    header.entries = [(name, LIGHT.run_style(0)) for name in names]
    header.resize(QSizeF(360, 30))
    entries, more = header.legend()
    assert [entry.label[:3] for entry in entries] == ["0.1", "1 w", "2 w", "3 w", "4 w", "5 w"] and more is None
    assert all("…" in entry.label and entry.label.endswith("ed") for entry in entries)
    header.resize(QSizeF(150, 30))
    header.fit()
    entries, more = header.legend()
    assert more is not None and more[2] == f"+{len(names) - len(entries)}"
    assert header.toolTip().split("\n") == names


def test_on_one_line_no_name_is_drawn_on_the_title(header: Header) -> None:
    """The number of those that are left out needs room, too."""
    plot = pg.GraphicsWidget()
    plot.resize(QSizeF(400, 60))
    header.setParentItem(plot)
    header.entries = [(f"six{run}.csv", LIGHT.run_style(run)) for run in range(6)]
    ends = set[str]()
    for room in range(120, 800, 4):
        header.resize(QSizeF(room, 30))
        entries, more = header.legend()
        title = 6 + QFontMetricsF(bold(header.font())).horizontalAdvance(header.elided_title())
        assert all(entry.line == 0 and entry.x > title for entry in entries), room
        ends.add("" if more is None else more[2])
    assert {"", "+5", "+6"} <= ends
