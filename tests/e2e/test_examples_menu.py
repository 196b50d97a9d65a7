"""The ready experiments, opened from their menu."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMenu

from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Proportional, Rosenbrock
from lrstudio.core.schedules import Exponential
from lrstudio.engine.claims import Outcome
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Gradient
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, load, save
from lrstudio.ui.figures.dialog import FigureOptions
from tests.e2e.conftest import Driver


def entries(driver: Driver) -> list[tuple[str, str, bool]]:
    """Text, key and whether it is the name of a group, of each entry."""
    menus = driver.window.menuBar().findChildren(QMenu)
    menu = next(menu for menu in menus if menu.title().replace("&", "") == "Examples")
    return [(entry.text(), entry.shortcut().toString(), entry.isSeparator()) for entry in menu.actions()]


def test_the_menu_lists_them_by_what_they_teach_with_keys_for_the_first_nine(driver: Driver) -> None:
    found = entries(driver)
    assert [text for text, _, group in found if group] == list(dict.fromkeys(example.group for example in EXAMPLES))
    assert [text for text, _, group in found if not group] == [example.title for example in EXAMPLES]
    keys = [key for _, key, group in found if not group]
    assert keys[:9] == [f"Ctrl+{number}" for number in range(1, 10)]
    assert set(keys[9:]) == {""}


def test_each_opens_with_its_question_and_speed_and_shows_its_answer_at_the_end(driver: Driver) -> None:
    question = driver.window.views.question
    for example in EXAMPLES:
        driver.until_new_trace(lambda title=example.title: driver.menu("File", "Examples", title))
        assert driver.session.experiment == example.experiment
        assert question.question_label.text() == example.question
        assert driver.window.transport.pace == example.pace
        assert not question.button.isVisible()
        if example.experiment.problem.is_expensive:  # a network takes seconds
            continue
        driver.finish()
        driver.until(question.button.isVisible)
        question.button.click()
        assert driver.session.trace is not None
        assert question.answer_label.text() == example.answer(Outcome(example.experiment, driver.session.trace))
        assert question.answer_label.isVisible()
        driver.window.grab()


def asked(driver: Driver) -> str:
    """The question above the views; a figure of the window is titled with it."""
    bar = driver.window.views.question
    assert bar.isVisible() == bool(bar.question_label.text())
    assert driver.window.figures.figure(FigureOptions(size=QSize(800, 600))).title == bar.question_label.text()
    return bar.question_label.text()


def test_another_experiment_has_no_question_and_taking_it_back_brings_it_with_its_answer(driver: Driver) -> None:
    question = driver.window.views.question
    driver.finish()
    driver.until(question.button.isVisible)
    answer = question.answer_label.text()
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    assert asked(driver) == question.answer_label.text() == ""
    driver.finish()
    assert not question.button.isVisible()
    driver.until_new_trace(driver.session.history.undo)
    assert asked(driver) == EXAMPLES[0].question
    driver.until(lambda: question.answer_label.text() == answer)
    assert question.button.isVisible() and not question.answer_label.isVisible()
    driver.until_new_trace(driver.session.history.redo)
    assert asked(driver) == ""


def test_names_colours_and_how_runs_are_listed_keep_the_question(driver: Driver) -> None:
    session, question = driver.session, driver.window.views.question
    driver.finish()
    session.edit(session.experiment.with_run(1, label="quick", color=5))
    session.arrange(session.arrangement.toggled(0).moved(2, 0).compared_with(1))
    assert asked(driver) == EXAMPLES[0].question
    driver.until(lambda: "with quick" in question.answer_label.text())


CHANGES: dict[str, dict[str, object]] = {
    "steps": {"steps": 900}, "seed": {"seed": 1}, "precision": {"precision": "float32"}, "target": {"target_loss": 0.1},
    "gradient": {"gradient": Gradient(mode="central")}, "batches": {"batch_size": 2},
    "fewer runs": {"runs": EXAMPLES[0].experiment.runs[:2]},
    "start": {"runs": EXAMPLES[0].experiment.with_run(0, start=(1.0, 0.0)).runs},
    "rate": {"runs": EXAMPLES[0].experiment.with_run(0, lr=0.02).runs},
    "optimizer": {"runs": EXAMPLES[0].experiment.with_run(0, optimizer=SGD(momentum=0.5)).runs},
    "schedule": {"runs": EXAMPLES[0].experiment.with_run(0, schedule=Exponential(gamma=0.9)).runs},
}  # fmt: skip


def test_every_other_change_is_another_experiment(driver: Driver) -> None:
    session = driver.session
    for change in CHANGES.values():
        session.edit(replace(EXAMPLES[0].experiment, **change))  # type: ignore[arg-type]
        assert asked(driver) == ""
        session.history.undo()
        assert asked(driver) == EXAMPLES[0].question
    driver.until(lambda: session.simulation is not None)


def test_a_rate_that_was_changed_on_the_way_and_back_is_told(driver: Driver) -> None:
    session, question = driver.session, driver.window.views.question
    for lr in (0.02, 0.01):
        driver.window.run_actions.step.trigger()
        driver.until(lambda done=session.steps_done: session.steps_done > done or session.state is State.PAUSED)
        session.edit(session.experiment.with_run(0, lr=lr))
    assert asked(driver) == EXAMPLES[0].question
    driver.finish()
    driver.until(question.button.isVisible)
    assert question.answer_label.text().startswith("The rates were changed on the way")


def test_a_session_is_asked_what_its_experiment_asks(driver: Driver, tmp_path: Path) -> None:
    question = driver.window.views.question
    file, other, old = (tmp_path / name for name in ("mine.lrs", "other.lrs", "old.lrs"))
    driver.finish()
    driver.until(question.button.isVisible)
    answer = question.answer_label.text()
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(file)
    assert not {"question", "answer"} & load(file).view.keys()
    for path, problem in ((other, Rosenbrock()), (old, Proportional())):
        simulation = Simulation(EXAMPLES[0].experiment.with_problem(problem))
        simulation.advance(1000)
        stored = {"question": "Was 1 gone?", "answer": "1 is gone at step 7."}  # what older versions kept
        save(path, Session.of(simulation, stored))
    driver.until_new_trace(lambda: driver.session.open(other))
    assert asked(driver) == question.answer_label.text() == ""
    for path in (file, old):
        driver.until_new_trace(lambda path=path: driver.session.open(path))
        assert asked(driver) == EXAMPLES[0].question
        driver.until(lambda: question.answer_label.text() == answer)
        driver.until_new_trace(lambda: driver.session.open(other))


def test_a_new_start_hides_the_answer(driver: Driver) -> None:
    question = driver.window.views.question
    driver.finish()
    driver.until(question.button.isVisible)
    question.button.click()
    driver.until_new_trace(driver.window.run_actions.reset.trigger)
    driver.until_state(State.IDLE)
    assert not question.answer_label.isVisible()
    assert not question.button.isVisible()
