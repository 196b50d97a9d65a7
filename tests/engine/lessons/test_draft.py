"""A teacher's draft becomes a step, and is rehearsed: the run must decide what it asks."""

from __future__ import annotations

import pytest

from lrstudio.engine.claims import predicate, reading
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.draft import Rehearsal, step_of
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.lessons.writer import StepError

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


def told(draft: dict[str, str], experiment: Experiment = TWO) -> str:
    return Rehearsal().rehearse(step_of(draft, experiment), lambda: False)


def test_a_draft_of_each_kind_becomes_a_step_that_its_run_decides() -> None:
    assert told(CHOOSE).startswith("Right is “The large one”. ")
    assert told(NUMBER) == "Right is 3.8. From 5."
    assert told(TASK) == "Done. With 0.4."
    assert told({"title": "Read", "text": "This."}) == ""


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
