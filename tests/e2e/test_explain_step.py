"""The dock that explains a step follows the cursor and the selected run, and its lines highlight vectors."""

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


def train(driver: Driver, problem: Problem, *optimizers: Optimizer, steps: int = 30, lr: float = 0.1) -> None:
    """Opens the dock and trains an experiment to its end."""
    window = driver.window
    if not window.explain.isVisible():
        driver.menu("Tools", "Explain this step")
    runs = tuple(Run(lr=lr, optimizer=optimizer, color=index) for index, optimizer in enumerate(optimizers or (SGD(),)))
    experiment = Experiment(problem=problem, runs=runs, steps=steps)
    driver.until_new_trace(lambda: driver.session.show(experiment))
    driver.finish()


def until_explained(driver: Driver, step: int, run: int = 0) -> None:
    dock = driver.window.explain
    driver.until(lambda: dock.explanation is not None and (dock.explanation.step, dock.explanation.run) == (step, run))
    driver.until(lambda: f"Step {step:,} → " in dock.title)


def go_to(driver: Driver, step: int, run: int = 0) -> None:
    driver.window.time_cursor.go(step)
    until_explained(driver, step, run)


def arrows(driver: Driver) -> VectorItem:
    """Waits for the vectors of the step and returns their item."""
    item = driver.window.views.canvas(LandscapeCanvas).explained.item
    driver.until(lambda: bool(item.vectors))
    return item


def position_of(driver: Driver, text: str) -> QPoint:
    """Returns the point of a text in the viewport."""
    view = driver.window.explain.view
    match = view.document().find(text)
    assert not match.isNull(), f"{text} is not in {view.toPlainText()}"
    cursor = QTextCursor(match)
    cursor.setPosition(match.selectionStart() + 1)
    return view.cursorRect(cursor).center()


def test_the_dock_is_hidden_by_default_and_computes_nothing_then(driver: Driver) -> None:
    driver.finish()
    assert not driver.window.explain.isVisible()
    assert driver.window.explain.explanation is None
    assert not driver.entry("Tools", "Explain this step").isChecked()


def test_the_page_shows_gradient_descent_with_its_numbers(driver: Driver) -> None:
    train(driver, Parabola())
    go_to(driver, 0)
    text = driver.window.explain.view.toPlainText().replace("\xa0", " ")
    for part in ("(5 + 1)2", "= 36", "2·(5 + 1)", "= 12", "5 − 0.1·12", "= 3.8"):
        assert part in text
    assert driver.window.explain.outcome == "loss 36 → 23.04   ▼ it falls by 12.96, 36 %"


def test_the_theme_changes_while_the_trace_of_fewer_runs_is_awaited(driver: Driver) -> None:
    train(driver, Ravine(), SGD(), Adam())
    driver.window.runs.select(1)
    until_explained(driver, 29, run=1)

    def open_and_change() -> None:
        driver.session.show(Experiment(problem=Ravine(), runs=(Run(lr=0.1),), steps=5))
        driver.menu("View", "Theme", "Dark")

    driver.until_new_trace(open_and_change)
    driver.finish()
    until_explained(driver, 4)


def test_the_page_follows_the_cursor_and_the_selected_run(driver: Driver) -> None:
    train(driver, Ravine(), SGD(), Adam())
    go_to(driver, 7)
    driver.window.runs.select(1)
    until_explained(driver, 7, run=1)
    assert "β" in driver.window.explain.view.toPlainText()
    driver.window.time_cursor.go(None)
    until_explained(driver, 29, run=1)


def test_the_next_step_is_predicted(driver: Driver) -> None:
    train(driver, Parabola())
    driver.until_new_trace(driver.session.restart)
    until_explained(driver, 0)
    assert "still to be made" in driver.window.explain.title
    assert "loss 36 → 23.04" in driver.window.explain.outcome


def test_a_line_under_the_mouse_highlights_its_vector(driver: Driver, qtbot: QtBot) -> None:
    train(driver, Ravine(), Adam())
    go_to(driver, 5)
    view, item = driver.window.explain.view, arrows(driver)
    assert [vector.kind for vector in item.vectors] == ["gradient", "direction", "scale", "step"]
    qtbot.mouseMove(view.viewport(), position_of(driver, "− lr"))
    assert item.strong == next(vector.key for vector in item.vectors if vector.kind == "step")
    qtbot.mouseMove(view.viewport(), position_of(driver, "Where it stands"))
    assert item.strong == ""


def test_a_line_chosen_with_the_keyboard_stays_chosen(driver: Driver, qtbot: QtBot) -> None:
    train(driver, Ravine(), SGD(momentum=0.9))
    go_to(driver, 5)
    view, item = driver.window.explain.view, arrows(driver)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert item.strong == next(vector.key for vector in item.vectors if vector.kind == "gradient")
    go_to(driver, 6)
    assert item.strong == "gradient:0"
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Return)


def test_the_tooltip_of_a_number_has_all_digits(driver: Driver) -> None:
    train(driver, Parabola(), lr=1 / 3)
    go_to(driver, 1)
    tip = driver.window.explain.view.tip_at(position_of(driver, "0.3333"))
    assert tip == repr(1 / 3)


def test_for_one_parameter_the_tangent_and_the_step_are_drawn(driver: Driver) -> None:
    train(driver, Parabola())
    go_to(driver, 2)
    item = driver.window.views.canvas(LandscapeCanvas).explained.item
    driver.until(lambda: [vector.kind for vector in item.vectors] == ["tangent", "step"])


def test_closing_the_dock_removes_the_vectors(driver: Driver) -> None:
    train(driver, Ravine(), Adam())
    go_to(driver, 5)
    item = arrows(driver)
    driver.menu("Tools", "Explain this step")
    driver.until(lambda: not item.vectors)
    driver.menu("Tools", "Explain this step")
    driver.until(lambda: len(item.vectors) == 4)


def test_of_more_than_two_parameters_one_is_chosen(driver: Driver) -> None:
    train(driver, Formula(loss="a^2 + b^2 + 3*(c - 4)^2"))
    go_to(driver, 1)
    dock = driver.window.explain
    assert dock.parameter.isVisible()
    assert dock.parameter.currentText() == "c"  # the steepest
    dock.parameter.setCurrentText("b")
    driver.until(lambda: "∂loss/∂b" in dock.view.toPlainText())
    driver.until_new_trace(lambda: driver.session.show(Experiment(problem=Ravine(), runs=(Run(lr=0.1),))))
    driver.until(lambda: not dock.parameter.isVisible())


def test_a_network_is_explained_with_one_of_its_weights(driver: Driver) -> None:
    train(driver, Digits(), Adam(), steps=5, lr=0.01)
    go_to(driver, 2)
    text = driver.window.explain.view.toPlainText()
    assert "‖w‖" in text
    assert "One of 2,410 weights" in text


def test_the_explanation_is_copied_as_text(driver: Driver) -> None:
    train(driver, Parabola(), SGD(momentum=0.9))
    go_to(driver, 1)
    driver.window.explain.copy()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Step 1 → 2 of ")
    assert "b = momentum·b + g = 0.9·12 + 9.6 = 20.4" in text
    assert "w = w − lr·b = 3.8 − 0.1·20.4 = 1.76" in text
    assert "it falls by" in text


def test_a_changed_rate_updates_the_explanation(driver: Driver) -> None:
    train(driver, Parabola())
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, lr=0.25)))
    until_explained(driver, 0)
    driver.until(lambda: driver.window.explain.explanation.lr == 0.25)


def test_another_problem_replaces_the_explanation(driver: Driver) -> None:
    train(driver, Formula(loss="a^2 + b^2 + c^2"))
    go_to(driver, 3)
    driver.until_new_trace(lambda: driver.session.edit(replace(driver.session.experiment, problem=Parabola())))
    until_explained(driver, 0)
    assert driver.window.explain.explanation.names == ("w",)


@pytest.mark.parametrize("points", [9.0, 24.0])
def test_the_page_has_the_chosen_font_size(driver: Driver, points: float) -> None:
    train(driver, Ravine(), Adam())
    go_to(driver, 5)
    view = driver.window.explain.view
    before = view.document().size().height()
    driver.window.font_size.choose(points)
    driver.until(lambda: view.document().defaultFont().pointSizeF() == points)
    driver.until(lambda: (view.document().size().height() > before) == (points > 10))
    driver.window.font_size.choose(None)


def test_the_visibility_of_the_dock_is_restored(driver: Driver) -> None:
    driver.menu("Tools", "Explain this step")
    state = driver.window.saveState(1)
    driver.menu("Tools", "Explain this step")
    assert not driver.window.explain.isVisible()
    driver.window.restoreState(state, 1)
    driver.until(driver.window.explain.isVisible)
    assert driver.entry("Tools", "Explain this step").isChecked()


def test_a_hidden_dock_explains_nothing(driver: Driver) -> None:
    train(driver, Ravine())
    go_to(driver, 5)
    driver.menu("Tools", "Explain this step")
    driver.window.time_cursor.go(9)
    driver.until(lambda: driver.window.transport.timeline.value() == 9)
    driver.until(lambda: not driver.window.bench.busy)
    assert driver.window.explain.explanation.step == 5


def test_only_the_last_position_of_the_cursor_is_explained(driver: Driver) -> None:
    train(driver, Parabola(), Adam(), steps=12_000, lr=1e-3)
    window = driver.window
    for step in (11_000, 12, 9_000, 7):
        window.time_cursor.go(step)
    until_explained(driver, 7)
    driver.until(lambda: not window.bench.busy)
    until_explained(driver, 7)
    go_to(driver, 10_000)


def test_the_dock_follows_a_running_run(driver: Driver) -> None:
    window = driver.window
    driver.menu("Tools", "Explain this step")
    driver.until_new_trace(lambda: driver.session.show(Experiment(problem=Ravine(), runs=(Run(lr=0.01),), steps=5_000)))
    window.transport.set_pace(50)
    window.run_actions.play.trigger()
    driver.until(lambda: window.explain.explanation is not None and window.explain.explanation.step > 5)
    window.run_actions.play.trigger()
    driver.until(lambda: window.explain.explanation.step == driver.session.steps_done)


def test_an_explanation_of_another_problem_is_not_shown(driver: Driver) -> None:
    train(driver, Parabola())
    go_to(driver, 3)
    old = driver.window.explain.explanation
    train(driver, Ravine())
    go_to(driver, 5)
    text = driver.window.explain.view.toPlainText()
    driver.window.explain.show_explanation(old)
    assert driver.window.explain.view.toPlainText() == text


def test_fast_changes_of_the_font_size_are_harmless(driver: Driver) -> None:
    train(driver, Ravine(), Adam())
    go_to(driver, 5)
    for points in (9, 24, 12) * 8:
        driver.window.font_size.choose(points)
        driver.until(lambda points=points: driver.window.explain.view.font().pointSizeF() == points)
    driver.until(lambda: "Where it stands" in driver.window.explain.view.toPlainText())
