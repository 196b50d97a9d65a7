"""Every lesson, step by step: what it sets up runs, what it asks is decided by the run, what it wants can be done."""

from __future__ import annotations

import gc
import re
from functools import cache

import numpy as np
import pytest

from lrstudio.core.language import LANGUAGES
from lrstudio.engine.claims import Outcome, fill, reading
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import Drawing, Guess, Lesson, Step, lessons
from lrstudio.engine.lessons.catalogue import lesson_file
from lrstudio.engine.lessons.drawing import COLUMNS, heights_of
from lrstudio.engine.lessons.reader import PATHS, read_lesson
from lrstudio.engine.lessons.table import OPEN
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace

LESSONS = [lesson for language in LANGUAGES for lesson in lessons(language)]


STEPS = [
    pytest.param(step, id=f"{lesson.language}-{lesson.key}-{number}")
    for lesson in LESSONS
    for number, step in enumerate(lesson.steps, 1)
]
PREDICTIONS = [each for each in STEPS if each.values[0].prediction]
TABLES = [each for each in STEPS if each.values[0].table]
TASKS = [each for each in STEPS if each.values[0].task]


def outcome(experiment: Experiment) -> Outcome:
    """The outcome of a whole run; translated names of runs make no other one."""
    return _outcome(experiment.bare())


@cache
def _outcome(experiment: Experiment) -> Outcome:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return Outcome(experiment, simulation.trace)


def test_the_beginners_path_has_five_lessons_and_takes_about_an_hour() -> None:
    path = [lesson for lesson in lessons("en") if lesson.path == "beginner"]
    assert [lesson.order for lesson in path] == [1, 2, 3, 4, 5]
    assert 50 <= sum(lesson.minutes for lesson in path) <= 70


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: f"{lesson.language}-{lesson.key}")
def test_a_lesson_asks_at_least_once_and_ends_with_a_task(lesson: Lesson) -> None:
    assert any(step.prediction for step in lesson.steps)
    assert lesson.steps[-1].task is not None
    assert len(lesson.steps) <= 7 and 8 <= lesson.minutes <= 15


def test_there_are_two_further_paths_of_at_least_five_lessons() -> None:
    for path in PATHS[1:]:
        orders = [lesson.order for lesson in lessons("en") if lesson.path == path]
        assert orders == list(range(1, len(orders) + 1)) and len(orders) >= 5


@pytest.mark.parametrize("step", TABLES)
def test_a_table_waits_for_its_run_and_then_has_all_its_numbers(step: Step) -> None:
    assert step.setup is not None and step.table is not None
    setup = step.setup.experiment
    start = Outcome(setup, Simulation(setup).trace)
    before = step.table.cells(start, start)
    assert OPEN not in before[0] and OPEN in before[-1]
    assert not any(OPEN in row for row in step.table.cells(outcome(setup), start))
    changed = setup.with_run(0, lr=setup.runs[0].lr / 2)
    assert step.table.cells(outcome(changed), start) == before


@pytest.mark.parametrize("step", STEPS)
def test_all_texts_of_a_step_are_known_before_its_run(step: Step) -> None:
    for text in step.texts:
        assert not re.search(r"[{}$]", step.filled(text).plain)


@pytest.mark.parametrize("step", PREDICTIONS)
def test_the_run_decides_a_prediction_and_gives_every_guess_its_reason(step: Step) -> None:
    assert step.setup is not None and step.prediction is not None
    prediction, ran = step.prediction, outcome(step.setup.experiment)
    assert ran.whole
    if prediction.draws is not None:
        heights = heights_of(ran, prediction.draws)
        assert heights is not None
        places = np.linspace(0, len(heights) - 1, COLUMNS).round().astype(int)
        drawn = Drawing(tuple(heights[places].tolist()))
        reason = fill(prediction.because, ran)
        upside_down = Drawing(tuple((2 * heights[0] - heights[places]).tolist()))
        guesses: dict[Guess, bool] = {drawn: True, upside_down: False}
    elif prediction.choices:
        holding = prediction.holding(ran)
        assert len(holding) == 1
        reason = fill(prediction.choices[holding[0]].because, ran)
        guesses = {float(guess): guess == holding[0] for guess in range(len(prediction.choices))}
    else:
        value = reading(prediction.value).value(ran)
        assert isinstance(value, float)
        reason = fill(prediction.because, ran)
        off = prediction.percent / 100
        guesses = {value: True, value * (1 + 0.9 * off): True, value * (1 + 1.1 * off): False, -value: False}
    assert reason is not None and re.search(r"\d", reason)
    for guess, right in guesses.items():
        judgement = prediction.judge(guess, ran, step.setup.experiment)
        assert judgement.right is right
        assert reason in judgement.text


@pytest.mark.parametrize("step", PREDICTIONS)
def test_a_prediction_is_not_judged_before_the_run(step: Step) -> None:
    assert step.setup is not None and step.prediction is not None
    simulation = Simulation(step.setup.experiment)
    before = Outcome(step.setup.experiment, simulation.trace)
    assert step.prediction.judge(0, before, step.setup.experiment).right is None


@pytest.mark.parametrize("step", TASKS)
def test_a_task_can_be_solved_and_failed_and_is_not_done_at_the_start(step: Step) -> None:
    assert step.setup is not None and step.task is not None
    setup = step.setup.experiment
    solved = step.task.judge(outcome(experiment_of(step.task.solution)), setup)
    failed = step.task.judge(outcome(experiment_of(step.task.failure)), setup)
    assert (solved.right, failed.right) == (True, False)
    assert re.search(r"\d", solved.text) and re.search(r"\d", failed.text)
    assert step.task.judge(outcome(setup), setup).right is False


@pytest.mark.parametrize("step", TASKS)
def test_a_task_says_something_in_numbers_whatever_the_rate(step: Step) -> None:
    assert step.setup is not None and step.task is not None
    setup = step.setup.experiment
    for factor in (0.03, 0.3, 1, 3, 10, 30):
        tried = setup.with_run(0, lr=setup.runs[0].lr * factor)
        judgement = step.task.judge(outcome(tried), setup)
        assert judgement.right is not None
        assert re.search(r"\d", judgement.text), judgement.text


def test_a_task_with_something_else_changed_than_it_allows_is_neither_done_nor_failed() -> None:
    step = lessons("en")[0].steps[-1]
    assert step.setup is not None and step.task is not None
    setup = step.setup.experiment
    nearer = setup.with_run(0, lr=0.4, start=(-1.0,))
    assert step.task.judge(outcome(nearer), setup).right is None
    named = setup.with_run(0, lr=0.4, label="mine", color=3)
    assert step.task.judge(outcome(named), setup).right is True


def test_a_rate_that_was_changed_on_the_way_solves_no_task() -> None:
    step = lessons("en")[0].steps[-1]
    assert step.setup is not None and step.task is not None
    simulation = Simulation(step.setup.experiment)
    simulation.advance(3)
    after = step.setup.experiment.with_run(0, lr=0.45)
    simulation.amend(after)
    simulation.advance(after.steps)
    judgement = step.task.judge(Outcome(after, simulation.trace), step.setup.experiment)
    assert judgement.right is None
    assert "Reset" in judgement.text


def test_the_large_rate_of_the_second_text_shrinks_as_fast_as_the_small_one() -> None:
    race = next(step for lesson in LESSONS for step in lesson.steps if step.title == "A race")
    assert race.setup is not None
    ran = outcome(race.setup.experiment)
    for run in (0, 1):
        distances = abs(ran.column("params", run)[:, 0] + 1)
        assert distances[1:] / distances[:-1] == pytest.approx(0.98, rel=1e-5)


@pytest.mark.parametrize("title", ["The table of a tutorial", "A gradient that is measured", "12755.16"])
def test_what_the_texts_have_printed_comes_out_here(title: str) -> None:
    step = next(step for lesson in LESSONS for step in lesson.steps if step.title == title)
    assert step.setup is not None and step.table is not None
    setup = step.setup.experiment
    rows = step.table.cells(outcome(setup), Outcome(setup, Simulation(setup).trace))
    pairs = [(at, at + 1) for at, name in enumerate(rows[0]) if name.startswith("printed")]
    assert pairs and all(row[printed] == row[here] for row in rows[1:] for printed, here in pairs)


def test_the_stuck_weight_of_the_first_text_is_what_its_table_prints() -> None:
    trap = next(step for lesson in LESSONS for step in lesson.steps if step.title == "12755.16")
    assert trap.setup is not None
    weights = outcome(trap.setup.experiment).column("params", 0)[:, 0]
    assert [f"{weight:.2f}" for weight in weights[:5]] == ["0.00", "45.00", "-654.22", "12755.16", "12755.16"]


def test_steps_that_are_kept_have_no_memory_reserved_for_runs_that_go_on() -> None:
    before = {id(each) for each in gc.get_objects() if isinstance(each, Trace)}
    kept = [read_lesson(lesson_file("en", each.key).read_text("utf-8"), each.key) for each in lessons("en")]
    shown = [step.shown for lesson in kept for step in lesson.steps]
    starts = [each for each in gc.get_objects() if isinstance(each, Trace) and id(each) not in before]
    assert len(shown) >= len(starts) >= 100
    assert sum(start.nbytes for start in starts) < 1_000_000
