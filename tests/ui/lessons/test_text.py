"""The text of a lesson: tables keep their words, and a replaced text leaves nothing behind."""

from __future__ import annotations

import gc

from PySide6.QtGui import QTextFrame, QTextOption
from pytestqt.qtbot import QtBot

from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.formula.typeset import typeset
from lrstudio.engine.lessons.prose import FIRST_MARK, Prose
from lrstudio.ui.lessons.text import ProseView

TABLES = "a\n\n| rate | loss |\n|--|--|\n| 0.1 | 2 |\n\nbetween\n\n| step | weight |\n|--|--|\n| 1 | 3 |\n\nb\n"


def frames() -> int:
    gc.collect()
    return sum(isinstance(each, QTextFrame) for each in gc.get_objects())


def test_a_replaced_text_leaves_no_frame_behind(qtbot: QtBot) -> None:
    view = ProseView("text")
    qtbot.addWidget(view)
    view.show_prose(Prose(TABLES, ()))
    before = frames()
    for _ in range(20):
        view.show_prose(Prose(TABLES, ()))
    assert frames() <= before


def test_words_are_broken_in_a_text_without_a_table_only(qtbot: QtBot) -> None:
    view = ProseView("text")
    qtbot.addWidget(view)
    for markdown, mode in (
        ("a", QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere),
        (TABLES, QTextOption.WrapMode.WordWrap),
    ):
        view.show_prose(Prose(markdown, ()))
        assert view.wordWrapMode() == mode


def test_the_letters_of_a_table_with_a_power_stay_readable_in_a_narrow_view(qtbot: QtBot) -> None:
    """Without a warning of Qt, which has no size for the exponent in letters of a point."""
    view = ProseView("text")
    qtbot.addWidget(view)
    view.show_prose(Prose(TABLES.replace("weight", chr(FIRST_MARK)), (typeset(parse_expression("x^2")),)))
    view.resize(8, 100)
    view.show()
    qtbot.waitExposed(view)
    assert not view.grab().isNull()
    assert view.document().defaultFont().pointSizeF() >= 6
