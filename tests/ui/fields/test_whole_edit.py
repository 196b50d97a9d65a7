"""A whole number of any size."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lrstudio.ui.fields.whole_edit import WholeEdit

MOST = 2**63 - 1


@pytest.fixture
def edit(qtbot: QtBot) -> WholeEdit:
    edit = WholeEdit(MOST)
    qtbot.addWidget(edit)
    edit.set_value(7)
    return edit


def enter(qtbot: QtBot, edit: WholeEdit, text: str) -> None:
    edit.selectAll()
    qtbot.keyClick(edit, Qt.Key.Key_Delete)
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


@pytest.mark.parametrize(("text", "value"), [("0", 0), (" 12 ", 12), (str(2**31), 2**31), (f"00{MOST}", MOST)])
def test_every_whole_number_is_taken(qtbot: QtBot, edit: WholeEdit, text: str, value: int) -> None:
    with qtbot.waitSignal(edit.value_changed) as changed:
        enter(qtbot, edit, text)
    assert changed.args == [value]
    assert edit.text() == str(value)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "seed", str(2**63), "9" * 400])
def test_what_is_none_is_put_back(qtbot: QtBot, edit: WholeEdit, text: str) -> None:
    with qtbot.waitSignal(edit.refused), qtbot.assertNotEmitted(edit.value_changed):
        enter(qtbot, edit, text)
    assert edit.text() == "7"


def test_the_arrows_go_by_one_within_the_ends(qtbot: QtBot, edit: WholeEdit) -> None:
    edit.set_value(MOST - 1)
    for expected in (MOST, MOST):
        qtbot.keyClick(edit, Qt.Key.Key_Up)
        assert edit.value() == expected
    edit.set_value(1)
    for expected in (0, 0):
        qtbot.keyClick(edit, Qt.Key.Key_Down)
        assert edit.value() == expected


def test_escape_and_another_value_replace_what_is_typed_and_the_same_value_does_not(
    qtbot: QtBot, edit: WholeEdit
) -> None:
    edit.selectAll()
    qtbot.keyClicks(edit, "12")
    edit.set_value(7)
    assert edit.text() == "12"
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == "7"
    qtbot.keyClicks(edit, "12")
    edit.set_value(8)
    assert edit.text() == "8"
