"""This step, with its numbers: the dock follows the cursor and the runs, and its lines bring out their arrows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import SGD, Adam, Optimizer
from lrstudio.core.problems import Digits, Formula, Parabola, Problem, Ravine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.vectors import VectorItem
from tests.e2e.conftest import Driver


def shown(driver: Driver, problem: Problem, *optimizers: Optimizer, steps: int = 30, lr: float = 0.1) -> None:
    """Open the dock and train an experiment to its end."""
    window = driver.window
    if not window.explain.isVisible():
        driver.menu("Tools", "Explain this step")
    runs = tuple(Run(lr=lr, optimizer=optimizer, color=place) for place, optimizer in enumerate(optimizers or (SGD(),)))
    experiment = Experiment(problem=problem, runs=runs, steps=steps)
    driver.until_new_trace(lambda: driver.session.show(experiment))
    driver.finish()


def until_explained(driver: Driver, step: int, run: int = 0) -> None:
    dock = driver.window.explain
    driver.until(lambda: dock.explanation is not None and (dock.explanation.step, dock.explanation.run) == (step, run))
    driver.until(lambda: f"Step {step:,} → " in dock.title)


def look_at(driver: Driver, step: int, run: int = 0) -> None:
    driver.window.time_cursor.go(step)
    until_explained(driver, step, run)


def arrows(driver: Driver) -> VectorItem:
    """What is drawn of the step, once it is."""
    item = driver.window.views.canvas(LandscapeCanvas).explained.item
    driver.until(lambda: bool(item.vectors))
    return item


def place_of(driver: Driver, text: str) -> QPoint:
    """Where a text stands on the page."""
    view = driver.window.explain.view
    found = view.document().find(text)
    assert not found.isNull(), f"{text} is not in {view.toPlainText()}"
    begin = QTextCursor(found)
    begin.setPosition(found.selectionStart() + 1)
    return view.cursorRect(begin).center()


def test_the_dock_is_off_at_first_and_computes_nothing_while_it_is(driver: Driver) -> None:
    driver.finish()
    assert not driver.window.explain.isVisible()
    assert driver.window.explain.explanation is None
    assert not driver.entry("Tools", "Explain this step").isChecked()


def test_the_page_says_what_gradient_descent_does_with_its_numbers(driver: Driver) -> None:
    shown(driver, Parabola())
    look_at(driver, 0)
    text = driver.window.explain.view.toPlainText().replace("\xa0", " ")
    for part in ("(5 + 1)2", "= 36", "2·(5 + 1)", "= 12", "5 − 0.1·12", "= 3.8"):
        assert part in text
    assert driver.window.explain.outcome == "loss 36 → 23.04   ▼ it falls by 12.96, 36 %"


def test_the_page_follows_the_cursor_and_the_selected_run(driver: Driver) -> None:
    shown(driver, Ravine(), SGD(), Adam())
    look_at(driver, 7)
    driver.window.runs.select(1)
    until_explained(driver, 7, run=1)
    assert "β" in driver.window.explain.view.toPlainText()
    driver.window.time_cursor.go(None)
    until_explained(driver, 29, run=1)


def test_a_step_still_to_be_made_is_foretold(driver: Driver) -> None:
    shown(driver, Parabola())
    driver.until_new_trace(driver.session.restart)
    until_explained(driver, 0)
    assert "still to be made" in driver.window.explain.title
    assert "loss 36 → 23.04" in driver.window.explain.outcome


def test_a_line_under_the_mouse_brings_out_its_arrow(driver: Driver, qtbot: QtBot) -> None:
    shown(driver, Ravine(), Adam())
    look_at(driver, 5)
    view, item = driver.window.explain.view, arrows(driver)
    assert [vector.kind for vector in item.vectors] == ["gradient", "direction", "scale", "step"]
    qtbot.mouseMove(view.viewport(), place_of(driver, "− lr"))
    assert item.strong == next(vector.key for vector in item.vectors if vector.kind == "step")
    qtbot.mouseMove(view.viewport(), place_of(driver, "Where it stands"))
    assert item.strong == ""


def test_a_line_is_chosen_with_the_keyboard_and_stays_so(driver: Driver, qtbot: QtBot) -> None:
    shown(driver, Ravine(), SGD(momentum=0.9))
    look_at(driver, 5)
    view, item = driver.window.explain.view, arrows(driver)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert item.strong == next(vector.key for vector in item.vectors if vector.kind == "gradient")
    look_at(driver, 6)
    assert item.strong == "gradient:0"
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Return)


def test_a_number_tells_all_its_digits(driver: Driver) -> None:
    shown(driver, Parabola(), lr=1 / 3)
    look_at(driver, 1)
    tip = driver.window.explain.view.tip_at(place_of(driver, "0.3333"))
    assert tip == repr(1 / 3)


def test_over_one_weight_the_tangent_and_the_step_are_drawn(driver: Driver) -> None:
    shown(driver, Parabola())
    look_at(driver, 2)
    item = driver.window.views.canvas(LandscapeCanvas).explained.item
    driver.until(lambda: [vector.kind for vector in item.vectors] == ["tangent", "step"])


def test_vectors_go_when_the_dock_is_closed(driver: Driver) -> None:
    shown(driver, Ravine(), Adam())
    look_at(driver, 5)
    item = arrows(driver)
    driver.menu("Tools", "Explain this step")
    driver.until(lambda: not item.vectors)
    driver.menu("Tools", "Explain this step")
    driver.until(lambda: len(item.vectors) == 4)


def test_of_more_parameters_one_is_chosen(driver: Driver) -> None:
    shown(driver, Formula(loss="a^2 + b^2 + 3*(c - 4)^2"))
    look_at(driver, 1)
    dock = driver.window.explain
    assert dock.parameter.isVisible()
    assert dock.parameter.currentText() == "c"  # the steepest
    dock.parameter.setCurrentText("b")
    driver.until(lambda: "∂loss/∂b" in dock.view.toPlainText())
    driver.until_new_trace(lambda: driver.session.show(Experiment(problem=Ravine(), runs=(Run(lr=0.1),))))
    driver.until(lambda: not dock.parameter.isVisible())


def test_a_network_is_explained_by_one_of_its_weights(driver: Driver) -> None:
    shown(driver, Digits(), Adam(), steps=5, lr=0.01)
    look_at(driver, 2)
    text = driver.window.explain.view.toPlainText()
    assert "‖w‖" in text
    assert "One of 2,410 weights" in text


def test_the_explanation_is_copied_as_text(driver: Driver) -> None:
    shown(driver, Parabola(), SGD(momentum=0.9))
    look_at(driver, 1)
    driver.window.explain.copy()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Step 1 → 2 of ")
    assert "b = momentum·b + g = 0.9·12 + 9.6 = 20.4" in text
    assert "w = w − lr·b = 3.8 − 0.1·20.4 = 1.76" in text
    assert "it falls by" in text


def test_a_rate_that_is_changed_is_explained_anew(driver: Driver) -> None:
    shown(driver, Parabola())
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, lr=0.25)))
    until_explained(driver, 0)
    driver.until(lambda: driver.window.explain.explanation.lr == 0.25)


def test_a_problem_of_another_kind_takes_its_place(driver: Driver) -> None:
    shown(driver, Formula(loss="a^2 + b^2 + c^2"))
    look_at(driver, 3)
    driver.until_new_trace(lambda: driver.session.edit(replace(driver.session.experiment, problem=Parabola())))
    until_explained(driver, 0)
    assert driver.window.explain.explanation.names == ("w",)


@pytest.mark.parametrize("points", [9.0, 24.0])
def test_the_page_is_written_in_letters_of_the_chosen_size(driver: Driver, points: float) -> None:
    shown(driver, Ravine(), Adam())
    look_at(driver, 5)
    view = driver.window.explain.view
    before = view.document().size().height()
    driver.window.font_size.choose(points)
    driver.until(lambda: view.document().defaultFont().pointSizeF() == points)
    driver.until(lambda: (view.document().size().height() > before) == (points > 10))
    driver.window.font_size.choose(None)


def test_the_dock_comes_back_as_it_was_left(driver: Driver) -> None:
    driver.menu("Tools", "Explain this step")
    state = driver.window.saveState(1)
    driver.menu("Tools", "Explain this step")
    assert not driver.window.explain.isVisible()
    driver.window.restoreState(state, 1)
    driver.until(driver.window.explain.isVisible)
    assert driver.entry("Tools", "Explain this step").isChecked()


def test_the_run_is_never_slowed_by_a_dock_that_cannot_be_seen(driver: Driver) -> None:
    shown(driver, Ravine())
    look_at(driver, 5)
    driver.menu("Tools", "Explain this step")
    driver.window.time_cursor.go(9)
    driver.until(lambda: driver.window.transport.timeline.value() == 9)
    driver.until(lambda: not driver.window.bench.busy)
    assert driver.window.explain.explanation.step == 5


def test_a_cursor_that_moves_on_is_answered_for_where_it_is(driver: Driver) -> None:
    shown(driver, Parabola(), Adam(), steps=12_000, lr=1e-3)
    window = driver.window
    for step in (11_000, 12, 9_000, 7):
        window.time_cursor.go(step)
    until_explained(driver, 7)
    driver.until(lambda: not window.bench.busy)
    until_explained(driver, 7)
    look_at(driver, 10_000)


def test_while_a_run_goes_on_its_newest_steps_are_followed(driver: Driver) -> None:
    window = driver.window
    driver.menu("Tools", "Explain this step")
    driver.until_new_trace(lambda: driver.session.show(Experiment(problem=Ravine(), runs=(Run(lr=0.01),), steps=5_000)))
    window.transport.set_pace(50)
    window.run_actions.play.trigger()
    driver.until(lambda: window.explain.explanation is not None and window.explain.explanation.step > 5)
    window.run_actions.play.trigger()
    driver.until(lambda: window.explain.explanation.step == driver.session.steps_done)


def test_an_answer_about_another_problem_is_not_drawn(driver: Driver) -> None:
    shown(driver, Parabola())
    look_at(driver, 3)
    old = driver.window.explain.explanation
    shown(driver, Ravine())
    look_at(driver, 5)
    text = driver.window.explain.view.toPlainText()
    driver.window.explain.show_explanation(old)
    assert driver.window.explain.view.toPlainText() == text


def test_letters_of_many_sizes_do_no_harm(driver: Driver) -> None:
    shown(driver, Ravine(), Adam())
    look_at(driver, 5)
    for points in (9, 24, 12) * 8:
        driver.window.font_size.choose(points)
        driver.until(lambda points=points: driver.window.explain.view.font().pointSizeF() == points)
    driver.until(lambda: "Where it stands" in driver.window.explain.view.toPlainText())
