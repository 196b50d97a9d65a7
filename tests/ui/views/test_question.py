"""The question and its answer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lrstudio.ui.look.theme import DARK, LIGHT
from lrstudio.ui.views.question import QuestionBar


@pytest.fixture
def bar(qtbot: QtBot) -> QuestionBar:
    bar = QuestionBar()
    qtbot.addWidget(bar)
    bar.resize(600, 60)
    bar.show_question("Which one arrives?")
    bar.show()
    return bar


def test_the_answer_is_not_to_be_had_before_the_run_is_over(bar: QuestionBar) -> None:
    assert bar.question_label.text() == "Which one arrives?"
    assert not bar.button.isVisible()
    bar.set_answer("0.1, after 44 steps.")
    assert bar.button.isVisible()
    assert not bar.answer_label.isVisible()


def test_it_is_shown_and_hidden_by_mouse_and_keyboard(bar: QuestionBar, qtbot: QtBot) -> None:
    bar.set_answer("0.1, after 44 steps.")
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert bar.answer_label.isVisible()
    assert "Hide" in bar.button.text()
    bar.activateWindow()
    qtbot.waitActive(bar)
    qtbot.keyClick(bar, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: not bar.answer_label.isVisible())
    assert "Show" in bar.button.text()
    bar.button.setFocus()
    qtbot.keyClick(bar.button, Qt.Key.Key_Space)
    assert bar.answer_label.isVisible()


def test_a_new_start_hides_the_answer_again(bar: QuestionBar) -> None:
    bar.set_answer("0.1, after 44 steps.")
    bar.button.click()
    bar.clear_answer()
    assert not bar.answer_label.isVisible()
    bar.set_answer("0.1, after 44 steps.")
    assert not bar.answer_label.isVisible()


def test_the_plots_do_not_move_when_the_answer_is_offered(bar: QuestionBar) -> None:
    before = bar.sizeHint()
    bar.set_answer("0.1, after 44 steps.")
    assert bar.sizeHint() == before


def test_without_an_answer_there_is_no_button_and_without_a_question_no_bar(bar: QuestionBar) -> None:
    bar.set_answer("0.1, after 44 steps.")
    bar.show_question("Why?")
    assert not bar.button.isVisible()
    assert bar.answer_label.text() == ""
    bar.show_question("")
    assert not bar.isVisible()


def test_an_answer_that_is_read_is_replaced_by_a_newer_one(bar: QuestionBar) -> None:
    bar.set_answer("0.1, after 44 steps.")
    bar.button.click()
    bar.set_answer("The red one, after 44 steps.")
    assert bar.answer_label.isVisible()
    assert bar.answer_label.text() == "The red one, after 44 steps."


def test_both_themes_are_drawn(bar: QuestionBar) -> None:
    for theme in (LIGHT, DARK):
        bar.set_theme(theme)
        bar.grab()


@pytest.mark.parametrize("points", [9, 24])
def test_both_grow_with_the_font_of_the_window(bar: QuestionBar, points: int) -> None:
    font = bar.font()
    font.setPointSizeF(points)
    bar.setFont(font)
    bar.set_theme(DARK)
    assert bar.question_label.font().pointSizeF() > bar.answer_label.font().pointSizeF() > points
