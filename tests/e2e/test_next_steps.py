"""What to try next, below the verdict: after a run, by its verdict, and one click away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.proposals import Proposal
from lrstudio.ui.instruments.sweep.window import SweepWindow
from tests.e2e.conftest import Driver
from tests.e2e.test_lessons import click, go_on, open_lesson, until_judged

DIVERGES = Experiment(problem=Parabola(), runs=(Run(lr=1.2, start=(5.0,)),), steps=40)


def texts(driver: Driver) -> list[str]:
    return [proposal.text for proposal in driver.window.runs.next_steps.proposals]


def rates(driver: Driver) -> list[float]:
    """The rates of the first proposal; none without one."""
    experiments = [proposal.experiment for proposal in driver.window.runs.next_steps.proposals]
    return [run.lr for run in experiments[0].runs] if experiments and experiments[0] is not None else []


def until_proposed(driver: Driver) -> None:
    driver.finish()
    driver.until(lambda: driver.window.verdicts.settled and not driver.window.rate_zones.busy)
    driver.until(driver.window.runs.next_steps.isVisible)


def test_a_run_that_has_ended_is_followed_by_a_rate_to_set_and_an_instrument(driver: Driver) -> None:
    steps = driver.window.runs.next_steps
    driver.until_new_trace(lambda: driver.session.show(DIVERGES))
    assert not steps.isVisible()
    until_proposed(driver)
    assert texts(driver)[0].startswith("Set 0.") and texts(driver)[1] == "Show the sweep"
    assert all(button.toolTip() for button in steps.buttons)
    driver.until_new_trace(lambda: click(steps.buttons[0]))
    assert 0.3 < driver.session.experiment.runs[0].lr < 0.7
    assert not steps.isVisible()
    QTest.keyClick(driver.window, Qt.Key.Key_Space)  # the button that was pressed does not take it
    until_proposed(driver)
    assert driver.window.runs.verdict is not None and driver.window.runs.verdict.key == "arrived"
    driver.until_new_trace(driver.session.history.undo)
    assert driver.session.experiment == DIVERGES


def test_the_second_proposal_opens_the_instrument(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.session.show(DIVERGES))
    until_proposed(driver)
    click(driver.window.runs.next_steps.buttons[1])
    assert driver.window.tools.opened[SweepWindow].isVisible()


def test_proposals_are_of_the_selected_run_at_its_end(driver: Driver) -> None:
    both = Experiment(problem=Parabola(), runs=(Run(lr=1.2), Run(lr=0.001)), steps=40)
    driver.until_new_trace(lambda: driver.session.show(both))
    until_proposed(driver)
    assert rates(driver)[1] == 0.001 and rates(driver)[0] < 1
    driver.window.runs.select(1)
    driver.until(lambda: rates(driver)[1:] not in ([], [0.001]))
    assert rates(driver)[0] == 1.2
    driver.window.time_cursor.go(10)
    assert not driver.window.runs.next_steps.isVisible()
    driver.window.time_cursor.go(None)
    driver.until(driver.window.runs.next_steps.isVisible)


def test_a_lesson_that_asks_for_a_rate_gets_no_answer_from_proposals_and_verdict(driver: Driver) -> None:
    page = open_lesson(driver, "limit")
    for _ in range(4):
        go_on(driver, page)
    assert driver.window.lessons.course.step.task is not None
    assert until_judged(driver, page).startswith("Not yet.")
    runs = driver.window.runs
    driver.until(lambda: driver.window.verdicts.settled and runs.verdict is not None)
    assert not runs.next_steps.isVisible()
    tip = runs.view.currentIndex().data(Qt.ItemDataRole.ToolTipRole)
    for text in (runs.proof.text(), tip):
        assert "minimum" in text and "limit" not in text and "λ" not in text and "stable" not in text
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, lr=0.27)))
    until_judged(driver, page)
    driver.until(runs.next_steps.isVisible)
    driver.until(lambda: "2/λ = 0.2703" in runs.proof.text())


@pytest.mark.parametrize("points", [9, 12, 18])
def test_the_buttons_fit_beside_one_another(driver: Driver, points: float) -> None:
    window = driver.window
    window.font_size.choose(points)
    longest = Proposal("Random weights", "", DIVERGES), Proposal("Show the sweep", "", instrument="sweep")
    window.runs.next_steps.show_proposals(longest)
    driver.until(lambda: window.runs.next_steps.sizeHint().width() <= window.runs.next_steps.width())
    window.font_size.choose(None)
