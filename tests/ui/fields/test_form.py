"""A form that is built from a declaration."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from lrstudio.core.declaration import Declared, param
from lrstudio.core.optimizers import OPTIMIZERS, SGD
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES, Cosine, Cyclic, Exponential, Warmup
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.fields.formula_edit import FormulaEdit


@pytest.fixture
def form(qtbot: QtBot) -> DeclarationForm:
    form = DeclarationForm()
    qtbot.addWidget(form)
    return form


@pytest.mark.parametrize("kind", [*PROBLEMS, *OPTIMIZERS, *SCHEDULES], ids=lambda kind: kind.key)
def test_every_declared_parameter_has_a_named_explained_editor(form: DeclarationForm, kind: type[Declared]) -> None:
    form.show_entry(kind())
    for parameter in kind.parameters():
        if not parameter.offered:
            continue
        editor = form.editor(parameter.name)
        assert editor.accessibleName() == parameter.label
        assert editor.toolTip().startswith(f"{parameter.name}: {parameter.help}")
        assert parameter.help in editor.toolTip()
    assert form.isHidden() == (not kind.parameters())


def test_an_automatic_value_shows_its_default(form: DeclarationForm) -> None:
    form.show_entry(Cyclic())
    line, spin = form.editor("max_lr"), form.editor("step_size_down")
    assert isinstance(line, QLineEdit)
    assert isinstance(spin, QSpinBox)
    assert (line.placeholderText(), spin.text()) == ("lr", "as up")


def test_a_parameter_of_the_command_line_only_has_no_field(form: DeclarationForm) -> None:
    class Partly(Declared):
        key = "partly"
        width: float = param(1.0, "shown")
        hidden: bool = param(False, "only on the command line", offered=False)

    form.show_entry(Partly())
    assert form.editor("width") is not None
    with pytest.raises(KeyError):
        form.editor("hidden")


def test_a_text_that_means_nothing_is_refused_and_escape_puts_it_back(qtbot: QtBot, form: DeclarationForm) -> None:
    form.show_entry(Warmup(after="cosine"))
    line = form.editor("after")
    assert isinstance(line, FormulaEdit)
    line.selectAll()
    qtbot.keyClicks(line, "cosin")
    with qtbot.waitSignal(form.refused) as refused, qtbot.assertNotEmitted(form.edited):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert "unknown schedule 'cosin'" in refused.args[0]
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.toPlainText() == "cosine"
    line.selectAll()
    qtbot.keyClicks(line, "step(step_size=7)")
    with qtbot.waitSignal(form.edited) as edited:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert edited.args == [Warmup(after="step(step_size=7)")]


def test_an_edit_brings_the_entry_with_the_new_value(qtbot: QtBot, form: DeclarationForm) -> None:
    form.show_entry(Exponential())
    box = form.editor("staircase")
    assert isinstance(box, QCheckBox)
    with qtbot.waitSignal(form.edited) as edited:
        box.click()
    assert edited.args == [Exponential(staircase=True)]


def test_values_that_do_not_go_together_are_refused_and_put_back(qtbot: QtBot, form: DeclarationForm) -> None:
    form.show_entry(SGD())
    box = form.editor("nesterov")
    assert isinstance(box, QCheckBox)
    with qtbot.waitSignal(form.refused) as refused, qtbot.assertNotEmitted(form.edited):
        box.click()
    assert "needs momentum" in refused.args[0]
    assert not box.isChecked()


def test_a_missing_length_is_shown_as_the_number_of_steps(qtbot: QtBot, form: DeclarationForm) -> None:
    form.show_entry(Cosine())
    spin = form.editor("T_max")
    assert isinstance(spin, QSpinBox)
    assert spin.text() == "as steps"
    with qtbot.waitSignal(form.edited) as edited:
        spin.setValue(40)
    assert edited.args == [Cosine(T_max=40)]


def test_showing_an_entry_is_no_edit(qtbot: QtBot, form: DeclarationForm) -> None:
    with qtbot.assertNotEmitted(form.edited):
        form.show_entry(SGD())
        form.show_entry(SGD(momentum=0.5, nesterov=True))
        form.show_entry(Cosine(T_max=3))
