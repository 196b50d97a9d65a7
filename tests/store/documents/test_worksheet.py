"""Worksheets: all questions without an answer, and the key with all of them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrstudio.core.language import use
from lrstudio.engine.claims import Outcome
from lrstudio.engine.lessons import lesson_file
from lrstudio.engine.lessons.lesson import Lesson
from lrstudio.engine.lessons.prose import prose
from lrstudio.engine.lessons.reader import read_lesson
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.documents.worksheet import html, worksheet
from tests.store.documents.test_report import Checked


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use("en")


def lesson(key: str, language: str) -> Lesson:
    use(language)
    return read_lesson(lesson_file(language, key).read_text("utf-8"), key, language)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("key", ["gradient", "tutorial_table"])
def test_a_worksheet_asks_everything_and_its_key_answers(key: str, language: str) -> None:
    read = lesson(key, language)
    asked, answered = Checked(worksheet(read)), Checked(worksheet(read, key=True))
    assert asked.text.count("☒") == 0
    for step in read.steps:
        assert step.filled(step.title).plain in asked.text
        if step.prediction is None or step.setup is None or not step.prediction.choices:
            continue
        simulation = Simulation(step.setup.experiment)
        simulation.advance(step.setup.experiment.steps)
        (right,) = step.prediction.holding(Outcome(step.setup.experiment, simulation.trace))
        assert f"☒ {step.filled(step.prediction.choices[right].text).plain}".replace("*", "") in answered.text
    assert answered.text.count("☒") == sum(bool(step.prediction and step.prediction.choices) for step in read.steps)
    assert "lrstudio run --problem" in asked.text


def test_the_key_has_the_numbers_and_a_solution_of_the_task() -> None:
    text = Checked(worksheet(lesson("gradient", "en"), key=True)).text
    assert "12" in text and "A solution:" in text and "To remember" in text


def test_the_key_tells_the_losses_of_a_network_with_mini_batches() -> None:
    text = Checked(worksheet(lesson("own_log", "en"), key=True)).text
    assert "2.349" in text and "2.367" in text and "nan" not in text.replace("nan or inf", "")


def test_markdown_becomes_html_and_nothing_else_does() -> None:
    shown = html(prose("A **rate** of `0.1` & $w^2$ <b>\n\n- one\n- *two*"))
    assert "<b>rate</b>" in shown and "<code>0.1</code>" in shown and "<sup>2</sup>" in shown
    assert "&lt;b&gt;" in shown and "• one" in shown and "<i>two</i>" in shown
