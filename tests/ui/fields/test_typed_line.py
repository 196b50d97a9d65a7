"""Lines of typed values: numbers are plain digits, whatever Python's float would read."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.fields.typed_line import StartEdit


@pytest.fixture
def start(qtbot: QtBot) -> StartEdit:
    line = StartEdit()
    qtbot.addWidget(line)
    line.show_start(None, ("x", "y"), (0.0, 0.0))
    return line


def test_a_start_is_read_from_numbers_with_commas(qtbot: QtBot, start: StartEdit) -> None:
    start.selectAll()
    with qtbot.waitSignal(start.value_changed) as changed:
        qtbot.keyClicks(start, "-1.2, 1e-3\r")
    assert changed.args == [(-1.2, 1e-3)]


@pytest.mark.parametrize("text", ["1_0, 2", "١, 2", "1, ", "a, b"])
def test_another_start_is_refused_and_the_last_one_shown(qtbot: QtBot, start: StartEdit, text: str) -> None:
    start.selectAll()
    with qtbot.waitSignal(start.refused) as refused:
        start.insert(text)
        qtbot.keyClicks(start, "\r")
    assert refused.args == ["start: must be numbers for x, y, with commas"]
    assert start.text() == "0, 0"
