"""A teacher's draft becomes a step, and is rehearsed: the run must decide what it asks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from lrstudio.engine.claims import predicate, reading
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import lessons
from lrstudio.engine.lessons.draft import Rehearsal, step_of
from lrstudio.engine.lessons.drawing import ends
from lrstudio.engine.lessons.questions import printed_table, question_of
from lrstudio.engine.lessons.redraft import draft_of
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.lessons.writer import StepError, new_lesson, with_step

TWO = experiment_of("--problem parabola --start 5 --lr 0.1 --lr 0.4 --steps 20")
CHOOSE = {
    "kind": "choose", "title": "Two", "text": "With {run 1: rate}.  \nAnd", "question": "Which\n is first?",
    "choice 1": "The small one", "when 1": "run 1: loss at end < run 2: loss at end", "because 1": "It is.",
    "choice 2": "The large one", "when 2": "run 2: loss at end < run 1: loss at end",
    "because 2": "{run 2: loss at end}.", "goal": "is left out", "hint 2": "Think.", "pace": "2",
}  # fmt: skip
NUMBER = {
    "kind": "number", "title": "One", "question": "Where?", "value": "run 1: weight w at 1", "within": "2,5 %",
    "because": "From {run 1: weight w at 0}.", "pace": "fastest",
}  # fmt: skip
TASK = {
    "kind": "task", "title": "Do", "goal": "Come within 0.01.", "when": "run 1: distance at end < 0.01",
    "done": "With {run 1: rate}.", "reply": "{run 1: distance at end} are left.", "rate": "0,4",
}  # fmt: skip


DRAW = {
    "kind": "draw", "title": "Draw", "question": "How?", "run": "2", "because": "{run 2: loss at end}.",
    "look": "loss, run", "hint 1": "Think.",
}  # fmt: skip
TABLE = {
    "kind": "text", "title": "Table", "look": "weights",
    "table": "step | printed | here\n0 | 36 | {run 1: loss at 0}\n5||{run 1: loss at 5}",
}  # fmt: skip


def told(draft: dict[str, str], experiment: Experiment = TWO) -> str:
    return Rehearsal().rehearse(step_of(draft, experiment), lambda: False)


def test_a_draft_of_each_kind_becomes_a_step_that_its_run_decides() -> None:
    assert told(CHOOSE).startswith("Right is “The large one”. ")
    assert told(NUMBER) == "Right is 3.8. From 5."
    assert told(TASK) == "Done. With 0.4."
    assert told({"title": "Read", "text": "This."}) == ""
    assert told(DRAW).startswith("Right is a curve from 36 to ")
    assert told(TABLE) == ""


@pytest.mark.parametrize("draft", [CHOOSE, NUMBER, TASK, DRAW, TABLE, {"title": "Read", "text": "a\n\nb"}])
def test_a_step_becomes_the_draft_of_which_it_is_made(draft: dict[str, str]) -> None:
    step = step_of(draft, TWO)
    again, experiment = draft_of(step, EXAMPLES[0].experiment)
    assert step_of(again, experiment) == step
    written, lesson = with_step(new_lesson("a", "beginner", 1, 1), "a", step)
    assert lesson.steps == (step,) and with_step(written, "a", step, 0) == (written, lesson)


def test_a_step_that_goes_on_has_no_experiment_of_its_own_until_it_asks() -> None:
    step = step_of({"title": "Read", "goes on": "yes"}, TWO)
    assert not step.sets_up and not step_of(draft_of(step, TWO)[0], TWO).sets_up
    assert step_of(CHOOSE | {"goes on": "yes"}, TWO).sets_up and step_of(TABLE | {"goes on": "yes"}, TWO).sets_up


def test_the_steps_of_the_programs_lessons_become_drafts_or_are_refused() -> None:
    steps = [step for lesson in lessons("en") for step in lesson.steps]
    kept = 0
    for step in steps:
        with suppress(StepError):
            made = step_of(*draft_of(step, TWO))
            assert replace(made, setup=step.setup, task=step.task) == step
            kept += 1
    assert len(steps) / 2 < kept < len(steps)


def test_a_pasted_table_has_the_same_cells_as_a_typed_one() -> None:
    typed = step_of(TABLE, TWO).table
    assert typed is not None and typed.rows == (
        ("step", "printed", "here"), ("0", "36", "{run 1: loss at 0}"), ("5", "", "{run 1: loss at 5}"),
    )  # fmt: skip
    for text in (TABLE["table"].replace("|", "\t"), "| " + TABLE["table"].replace("\n", " |\n| ") + " |\n\n"):
        assert step_of(TABLE | {"table": text}, TWO).table == typed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
@pytest.mark.parametrize("kind", ["choose", "number", "draw"])
def test_a_ready_question_is_decided_by_its_run(example: Example, kind: str) -> None:
    if example.experiment.steps * len(example.experiment.runs) > 20_000:
        pytest.skip("its run takes long")
    rehearsal = Rehearsal()
    outcome = rehearsal.outcome(example.experiment, lambda: False)
    asked = question_of(kind, outcome)
    if not asked:
        assert kind == "draw" and ends(outcome, 0) is None
        return
    draft = {"kind": kind, "title": "a", **asked}
    assert rehearsal.rehearse(step_of(draft, example.experiment), lambda: False).startswith("Right is ")


def test_a_ready_task_is_not_solved_yet_and_a_rate_that_solves_it_is_found() -> None:
    rehearsal = Rehearsal()
    for rate in (0.1, 1.01):
        experiment = experiment_of(f"--problem parabola --start 5 --lr {rate} --steps 20")
        outcome = rehearsal.outcome(experiment, lambda: False)
        draft = {"kind": "task", "title": "a", **question_of("task", outcome)}
        found = rehearsal.solved(draft, experiment, lambda: False)
        assert found and told(draft | {"rate": found}, experiment).startswith("Done.")
    assert rehearsal.solved(draft | {"when": "run 1: loss at end < 0"}, experiment, lambda: False) == ""
    assert rehearsal.solved(draft | {"when": "nonsense"}, experiment, lambda: False) == ""


def test_a_ready_table_has_a_column_for_what_is_printed_and_one_for_what_ran() -> None:
    rehearsal = Rehearsal()
    table = printed_table(rehearsal.outcome(TWO, lambda: False))
    step = step_of({"title": "a", "table": table}, TWO)
    rows = rehearsal.table(step, lambda: False).markdown.split("\n")
    assert rows[0] == "| step | printed | computed here |" and rows[2] == "| 0 | … | 36 |" and len(rows) == 8
    with pytest.raises(StepError) as caught:
        rehearsal.table(step_of({"title": "a", "table": "a|b\n1|{run 9: rate}"}, TWO), lambda: False)
    assert caught.value.place == "table"


def test_a_step_has_what_was_typed_without_needless_spaces() -> None:
    step = step_of(CHOOSE, TWO)
    assert (step.title, step.text, step.setup.pace) == ("Two", "With {run 1: rate}.\nAnd", 2)
    assert (step.prediction.question, step.prediction.hints, step.task) == ("Which is first?", ("Think.",), None)
    assert step.setup.experiment.bare() == TWO.bare()
    assert (step_of(NUMBER, TWO).prediction.percent, step_of(NUMBER, TWO).setup.pace) == (2.5, None)
    task = step_of(TASK, TWO).task
    assert experiment_of(task.solution).bare() == TWO.with_run(0, lr=0.4).bare()
    assert experiment_of(task.failure).bare() == TWO.bare()


@pytest.mark.parametrize(
    ("draft", "changes", "place", "says"),
    [
        (CHOOSE, {"when 2": "run 2: loss at end > run 1: loss at end"}, "when 1", "no answer is right"),
        (CHOOSE, {"when 1": "run 1: rate < 1"}, "when 2", "several answers are right: 1, 2"),
        (CHOOSE, {"because 2": "{run 2: diverged at}"}, "because 2", "unknown in this run"),
        (CHOOSE, {"text": "It ends at {run 1: loss at end}"}, "text", "without a value before the run"),
        (CHOOSE, {"hint 1": "{run 3: rate}"}, "hint 1", "no run 3"),
        (CHOOSE, {"choice 2": " "}, "choice 2", "write the answer"),
        (NUMBER, {"within": "some"}, "within", "must be a number"),
        (NUMBER, {"value": "run 1: diverged at"}, "value", "unknown in this run"),
        (TASK, {"when": "run 1: distance at end < 100"}, "when", "has reached the goal already"),
        (TASK, {"rate": "0.11"}, "rate", "does not reach the goal. Not yet. "),
        (TASK, {"rate": ""}, "rate", "must be a rate"),
        (TASK, {"rate": "1,500"}, "rate", "'1,500' can mean 1.5 or 1500"),
        (NUMBER, {"within": "1,500 %"}, "within", "'1,500' can mean 1.5 or 1500"),
        (DRAW, {"run": "one"}, "run", "must be the number"),
        (DRAW, {"run": "3"}, "run", "no run 3"),
        (DRAW, {"because": "{run 2: diverged at}"}, "because", "unknown in this run"),
        (TABLE, {"table": "a|b\n1|{run 7: rate}"}, "table", "no run 7"),
    ],
)
def test_what_the_run_does_not_decide_is_refused_at_its_place(
    draft: dict[str, str], changes: dict[str, str], place: str, says: str
) -> None:
    with pytest.raises(StepError, match=says) as caught:
        told(draft | changes)
    assert caught.value.place == place


def test_an_experiment_without_words_is_refused() -> None:
    with pytest.raises(StepError, match="at most 200,000 steps") as caught:
        step_of(CHOOSE, Experiment(problem=TWO.problem, runs=TWO.runs, steps=10**7))
    assert caught.value.place == "setup"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_what_is_proposed_is_true_or_known_in_the_run(example: Example) -> None:
    rehearsal = Rehearsal()
    proposed = rehearsal.suggestions(example.experiment, lambda: False)
    outcome = rehearsal.outcome(example.experiment, lambda: False)
    assert len(proposed.predicates) >= 8 and len(proposed.readings) >= 4
    assert {holds for _, holds in proposed.predicates} == {True, False}
    for text, holds in proposed.predicates:
        assert predicate(text)(outcome) is holds
    for text, shown in proposed.readings:
        assert reading(text).text(outcome) == shown


def test_a_cancelled_rehearsal_is_begun_anew() -> None:
    rehearsal = Rehearsal()
    assert not rehearsal.outcome(TWO, lambda: True).whole
    assert rehearsal.outcome(TWO, lambda: False).whole
