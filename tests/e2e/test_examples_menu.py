"""The ready experiments, opened from their menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.pilot import State
from lrstudio.store.session import load
from tests.e2e.conftest import Driver


def entries(driver: Driver) -> list[tuple[str, str, bool]]:
    """Text, key and whether it is the name of a group, of each entry."""
    menus = driver.window.menuBar().findChildren(QMenu)
    menu = next(menu for menu in menus if menu.title().replace("&", "") == "Examples")
    return [(entry.text(), entry.shortcut().toString(), entry.isSeparator()) for entry in menu.actions()]


def test_the_menu_lists_them_by_text_with_keys_for_the_first_nine(driver: Driver) -> None:
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
        assert question.text() == example.question
        assert driver.window.transport.pace == example.pace
        assert not question.button.isVisible()
        driver.finish()
        driver.until(question.button.isVisible)
        question.button.click()
        assert question.answer() == example.answer
        assert question._answer.isVisible()
        driver.window.grab()


def test_the_question_and_the_answer_are_saved(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "mine.lrs"
    driver.finish()
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(file)
    view = load(file).view
    assert (view["question"], view["answer"]) == (EXAMPLES[0].question, EXAMPLES[0].answer)
    driver.until_new_trace(lambda: driver.menu("File", "Examples", EXAMPLES[2].title))
    driver.until_new_trace(lambda: driver.session.open(file))
    question = driver.window.views.question
    assert question.text() == EXAMPLES[0].question
    driver.until(question.button.isVisible)
    assert question.answer() == EXAMPLES[0].answer


def test_a_new_start_hides_the_answer(driver: Driver) -> None:
    question = driver.window.views.question
    driver.finish()
    driver.until(question.button.isVisible)
    question.button.click()
    driver.until_new_trace(driver.window.run_actions.reset.trigger)
    driver.until_state(State.IDLE)
    assert not question._answer.isVisible()
    assert not question.button.isVisible()
