"""Typed formulas in the real window."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from lrstudio.core.optimizers import Rule
from lrstudio.core.problems import Formula
from lrstudio.core.schedules import Rule as ScheduleRule
from lrstudio.engine.training.pilot import State
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.fields.formula_edit import FormulaEdit
from tests.e2e.conftest import Driver


def field(form: DeclarationForm, name: str) -> FormulaEdit:
    found: QWidget = form.editor(name)
    assert isinstance(found, FormulaEdit)
    return found


def enter(driver: Driver, edit: FormulaEdit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    driver.qtbot.keyClicks(edit, text)
    driver.qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_a_loss_is_typed_and_run(driver: Driver) -> None:
    dock = driver.window.dock
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(dock.problem_form, "loss")
    driver.until_new_trace(lambda: enter(driver, loss, "(u - 3)^2 + 2*v^2"))
    assert driver.session.experiment.problem == Formula(loss="(u - 3)^2 + 2*v^2")
    driver.finish()
    trace = driver.session.trace
    assert trace is not None
    assert trace.names == ("u", "v")
    assert trace.read("params")[-1, 0, 0] > 2
    driver.until(lambda: driver.window.views.canvas(LandscapeCanvas).domain_background is not None)
    driver.until(lambda: driver.window.views.canvas(LandscapeCanvas).domain_background.landscape.names == ("u", "v"))


def test_a_loss_that_compares_with_data_is_drawn_beside_them(driver: Driver) -> None:
    views = driver.window.views
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    assert not views.canvas(DataFitCanvas).isVisible()
    loss = field(driver.window.dock.problem_form, "loss")
    driver.until_new_trace(lambda: enter(driver, loss, "mean((a*sin(b*x) - y)^2)"))
    driver.until(views.canvas(DataFitCanvas).isVisible)
    assert "y = a*sin(b*x)" in views.canvas(DataFitCanvas).header.note
    driver.until_new_trace(lambda: enter(driver, loss, "a^2"))
    assert not views.canvas(DataFitCanvas).isVisible()


def test_a_typed_text_is_one_step_back(driver: Driver) -> None:
    dock, menus = driver.window.dock, driver.window.menus
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(dock.problem_form, "loss")
    driver.until_new_trace(lambda: enter(driver, loss, "u^2 + v^2"))
    assert loss.toPlainText() == "u^2 + v^2"
    driver.until_new_trace(menus.undo.trigger)
    assert driver.session.experiment.problem == Formula()
    assert loss.toPlainText() == Formula().loss
    driver.until_new_trace(menus.redo.trigger)
    assert loss.toPlainText() == "u^2 + v^2"


def test_a_start_of_its_own_follows_another_number_of_parameters(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, start=(2.0, 3.0))))
    driver.until_new_trace(lambda: enter(driver, field(driver.window.dock.problem_form, "loss"), "b^2 + c^2 + d^2"))
    assert driver.session.experiment.starts()[0] == (3.0, 1.0, 1.0)


def test_a_half_typed_loss_is_not_applied_by_a_run(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(driver.window.dock.problem_form, "loss")
    loss.setFocus()
    loss.selectAll()
    driver.qtbot.keyClicks(loss, "a^2 + (")
    driver.finish()
    assert driver.session.experiment.problem == Formula()


def test_rules_of_ones_own_stand_beside_built_in_ones(driver: Driver) -> None:
    dock = driver.window.dock
    dock.runs.select(1)
    driver.until_new_trace(lambda: driver.menu("Optimizer", "Your own rule"))
    rule = field(dock.optimizer_form, "text")
    driver.until_new_trace(lambda: enter(driver, rule, "w = w - lr*tanh(g)"))
    driver.until_new_trace(lambda: driver.menu("Schedule", "Your own rule"))
    driver.until_new_trace(lambda: enter(driver, field(dock.schedule_form, "text"), "lr = lr0*0.5^t"))
    run = driver.session.experiment.runs[1]
    assert (run.optimizer, run.schedule) == (Rule(text="w = w - lr*tanh(g)"), ScheduleRule(text="lr = lr0*0.5^t"))
    driver.finish()
    trace = driver.session.trace
    assert trace is not None
    np.testing.assert_allclose(trace.read("lr")[:5, 1], run.lr * 0.5 ** np.arange(5))


def test_more_than_two_parameters_are_drawn_as_a_slice_that_follows_the_first_run(driver: Driver) -> None:
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(driver.window.dock.problem_form, "loss")
    driver.until_new_trace(lambda: enter(driver, loss, "(a - 2)^2 + b^2 + (c + 1)^2"))
    driver.until(lambda: canvas.domain_background is not None and canvas.domain_background.landscape.cut == ("c = 1",))
    assert canvas.header.note == "slice at c = 1"
    driver.finish()
    driver.until_state(State.FINISHED)
    assert driver.session.trace is not None
    newest = float(driver.session.trace.read("params")[-1, 0, 2])
    driver.until(
        lambda: (
            canvas.domain_background is not None and canvas.domain_background.landscape.cut == (f"c = {newest:.4g}",)
        )
    )
    assert canvas.header.note == f"slice at c = {newest:.4g}"


def test_a_start_that_is_dragged_over_a_slice_keeps_what_the_slice_does_not_show(driver: Driver) -> None:
    views = driver.window.views
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(driver.window.dock.problem_form, "loss")
    driver.until_new_trace(lambda: enter(driver, loss, "(a - 2)^2 + b^2 + (c + 1)^2"))
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, start=(1.0, 1.0, 5.0))))
    driver.until_new_trace(lambda: views.canvas(LandscapeCanvas).start_dragged.emit((0,), (0.5, -0.5)))
    assert driver.session.experiment.starts()[0] == (0.5, -0.5, 5.0)


def test_over_a_slice_the_mouse_reads_the_two_parameters_that_are_drawn(driver: Driver) -> None:
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(driver.window.dock.problem_form, "loss")
    driver.until_new_trace(lambda: enter(driver, loss, "(a - 2)^2 + b^2 + (c + 1)^2"))
    driver.until(lambda: canvas.domain_background is not None and canvas.domain_background.landscape.cut == ("c = 1",))
    at = canvas.to_pixel(1.0, 1.0)
    assert at is not None
    reading = canvas.reading(QPointF(1.0, 1.0), at)
    assert reading is not None
    assert reading.heads == ("a", "b", "loss")
    assert [len(row.values) for row in reading.rows] == [3] * len(reading.rows)
    assert reading.rows[0].values[2] == "6"


def test_a_model_is_drawn_through_its_data(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own model"))
    views = driver.window.views
    assert driver.window.dock.field("batch_size").isVisibleTo(driver.window.dock)
    driver.until(lambda: views.canvas(DataFitCanvas).header.note == "y = a*sin(b*x) + c")
    model = field(driver.window.dock.problem_form, "model")
    driver.until_new_trace(lambda: enter(driver, model, "q*x"))
    driver.until(lambda: views.canvas(DataFitCanvas).header.note == "y = q*x")


def test_spaces_that_are_typed_into_a_formula_do_not_run(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    loss = field(driver.window.dock.problem_form, "loss")
    loss.setFocus()
    loss.selectAll()
    driver.qtbot.keyClicks(loss, "a ^ 2 + 1")
    assert loss.toPlainText() == "a ^ 2 + 1"
    assert driver.session.state is State.IDLE
    assert driver.session.steps_done == 0
