"""The field for formulas: judged while typed, taken when entered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.core.declaration import Declared
from lrstudio.core.optimizers import SGD, Rule
from lrstudio.core.problems import Formula, Model
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.fields.formula_edit import FormulaEdit, ValidatedField


class Page(QWidget):
    """A form and another field to go to."""

    def __init__(self, entry: Declared) -> None:
        super().__init__()
        self.form, self.other = DeclarationForm(), QLineEdit()
        layout = QVBoxLayout(self)
        layout.addWidget(self.form)
        layout.addWidget(self.other)
        self.form.show_entry(entry)

    def edit(self, name: str) -> FormulaEdit:
        field = self.form.editor(name)
        assert isinstance(field, FormulaEdit)
        return field

    def error(self, name: str) -> str:
        row = self.edit(name).parentWidget()
        assert isinstance(row, ValidatedField)
        assert row.error.isVisible() == bool(row.error.text())
        return row.error.text()


Show = Callable[[Declared], Page]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def make(entry: Declared) -> Page:
        page = Page(entry)
        qtbot.addWidget(page)
        page.resize(360, 400)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        return page

    return make


def type_anew(qtbot: QtBot, edit: FormulaEdit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)


def test_typed_text_is_committed_on_entry_and_not_before(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    with qtbot.assertNotEmitted(page.form.edited):
        type_anew(qtbot, page.edit("loss"), "u^2 + v^4")
    with qtbot.waitSignal(page.form.edited) as edited:
        qtbot.keyClick(page.edit("loss"), Qt.Key.Key_Return)
    assert edited.args == [Formula(loss="u^2 + v^4")]


def test_losing_the_focus_commits_typed_text(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    type_anew(qtbot, page.edit("loss"), "q^2")
    with qtbot.waitSignal(page.form.edited) as edited:
        page.other.setFocus()
    assert edited.args == [Formula(loss="q^2")]


def test_an_invalid_formula_is_marked_at_its_position_and_never_applied(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    edit = page.edit("loss")
    with qtbot.assertNotEmitted(page.form.edited):
        type_anew(qtbot, edit, "3*(a + ?")
        assert page.error("loss") == "column 8: '?' does not belong in a formula"
        assert [mark.cursor.selectedText() for mark in edit.extraSelections()] == ["?"]
        with qtbot.waitSignal(page.form.refused) as refused:
            qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert refused.args == [page.error("loss")]
    assert edit.toPlainText() == "3*(a + ?"
    assert edit.accessibleDescription() == page.error("loss")
    qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    qtbot.keyClicks(edit, "1)^2")
    assert page.error("loss") == ""
    assert edit.extraSelections() == []


def test_escape_discards_typed_text(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    edit = page.edit("loss")
    type_anew(qtbot, edit, "3*(")
    with qtbot.assertNotEmitted(page.form.edited):
        qtbot.keyClick(edit, Qt.Key.Key_Escape)
        page.other.setFocus()
    assert edit.toPlainText() == Formula().loss
    assert page.error("loss") == ""


def test_in_a_rule_return_begins_a_line_and_ctrl_return_enters(qtbot: QtBot, show: Show) -> None:
    page = show(Rule())
    edit = page.edit("text")
    with qtbot.assertNotEmitted(page.form.edited):
        type_anew(qtbot, edit, "m = 0.9*m + g")
        assert "a rule assigns w" in page.error("text")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        qtbot.keyClicks(edit, "w = w - lr*m")
        assert page.error("text") == ""
    with qtbot.waitSignal(page.form.edited) as edited:
        qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert edited.args == [Rule(text="m = 0.9*m + g\nw = w - lr*m")]


@pytest.mark.parametrize("line_end", ["\n", "; "])
def test_the_error_is_underlined_at_its_line_and_column(qtbot: QtBot, show: Show, line_end: str) -> None:
    page = show(Rule())
    edit = page.edit("text")
    edit.setFocus()
    edit.setPlainText(f"m = g{line_end}w = w - lr*foo")
    assert "line 2" in page.error("text")
    assert [mark.cursor.position() for mark in edit.extraSelections()] == [edit.toPlainText().index("foo") + 1]


def test_the_field_is_as_high_as_its_text(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    edit = page.edit("loss")
    low = edit.height()
    type_anew(qtbot, edit, "+".join(["(a + 1)^2"] * 20))
    qtbot.waitUntil(lambda: edit.height() > 2 * low)


def test_its_letters_are_of_even_width_and_of_the_size_of_the_others(show: Show) -> None:
    page = show(Formula())
    edit, metrics = page.edit("loss"), page.edit("loss").fontMetrics()
    assert metrics.horizontalAdvance("iiii") == metrics.horizontalAdvance("wwww")
    low, font = edit.height(), page.font()
    font.setPointSizeF(2 * font.pointSizeF())
    page.setFont(font)
    assert edit.font().pointSizeF() == font.pointSizeF()
    assert edit.height() > 1.5 * low


def test_a_paste_of_several_lines_becomes_one_formula(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    edit = page.edit("loss")
    data = QMimeData()
    data.setText("a^2\n\t+ b^2\r\n")
    edit.setFocus()
    edit.selectAll()
    edit.insertFromMimeData(data)
    assert edit.toPlainText() == "a^2 + b^2"


def test_fields_that_mean_nothing_now_are_not_shown(qtbot: QtBot, show: Show) -> None:
    page = show(Formula())
    assert not page.form.editor("curve").isVisible()
    page.form.show_entry(Formula(loss="mean((a*x - y)^2)"))
    assert page.form.editor("curve").isVisible()
    page.form.show_entry(Model())
    assert page.form.editor("curve").isVisible()


def test_typed_text_survives_showing_the_same_value_and_is_replaced_by_another(qtbot: QtBot, show: Show) -> None:
    page = show(Rule())
    edit = page.edit("text")
    type_anew(qtbot, edit, "w = w - ")
    page.form.show_entry(Rule())
    assert edit.toPlainText() == "w = w - "
    page.form.show_entry(Rule(text="w = w - lr*g"))
    assert edit.toPlainText() == "w = w - lr*g"
    assert page.error("text") == ""


def test_another_kind_of_entry_takes_the_field_away(qtbot: QtBot, show: Show) -> None:
    page = show(Rule())
    type_anew(qtbot, page.edit("text"), "w = ")
    page.form.show_entry(SGD())
    assert page.form.editor("momentum").isVisible()
