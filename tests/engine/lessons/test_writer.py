"""A step is written as it is read back, or refused with the place that cannot be."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from lrstudio.engine.lessons import (
    Choice,
    Lesson,
    LessonError,
    Prediction,
    Reply,
    Setup,
    Step,
    Table,
    Task,
    lessons,
    read_lesson,
)  # fmt: skip
from lrstudio.engine.lessons.reader import PATHS
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.lessons.writer import StepError, new_lesson, step_lines, with_order, with_step

NEW = new_lesson("Mine", PATHS[0], 1, 5)
WORDS = "--problem parabola --lr 0.1 --steps 5"
SETUP = Setup(WORDS, experiment_of(WORDS))
ASKED = Prediction(
    "Which way?",
    (Choice("Left", "run 1: rate < 1", "It is {run 1: rate}."), Choice("Right", "run 1: rate > 1", "So.")),
    hints=("Think.",),
)
TASK = Task("Be quick.", "run 1: rate > 1", "Yes.", (Reply("No.", "run 1: rate < 0.5"), Reply("No!")), ("lr", "steps"),
            ("Try.", "Try 2."), "--lr 2 --steps 5", "--lr 0.1 --steps 5")  # fmt: skip
STEP = Step("A title", "Text with $w - lr*g$.\n\n- one\n- two", SETUP, True, ASKED, TASK, ("loss", "lr"), "This.")


@pytest.mark.parametrize("lesson", lessons("en"), ids=lambda lesson: lesson.key)
def test_every_lesson_of_the_program_is_written_as_it_is_read(lesson: Lesson) -> None:
    text = new_lesson(lesson.title, lesson.path, lesson.order, lesson.minutes)
    for step in lesson.steps:
        text, read = with_step(text, lesson.key, step)
    assert read == lesson


def test_a_step_is_added_and_the_text_before_it_stays() -> None:
    before = NEW + "\n## By hand\n\n<!-- mine -->   \nText\n\n\n"
    text, lesson = with_step(before, "mine", STEP)
    assert text.startswith(before.rstrip())
    assert lesson.steps[1] == STEP
    slow = replace(STEP, setup=Setup(WORDS, SETUP.experiment, 2.5), prediction=None)
    fast = replace(slow, setup=Setup(WORDS, SETUP.experiment, None))
    for step in (slow, fast):
        assert with_step(text, "mine", step)[1].steps[-1] == step


@pytest.mark.parametrize(
    ("place", "changes", "says"),
    [
        ("title", {"title": " "}, "write one"),
        ("title", {"title": "x" * 121}, "at most 120 letters"),
        ("text", {"text": "a\n## b"}, "begins another step"),
        ("text", {"text": "a\n```python\nb\n```"}, "there are setup"),
        ("text", {"text": "a\n$w - $"}, "formula"),
        ("text", {"text": "{run 1: speed}"}, "begins with no measure"),
        ("remember", {"remember": "{"}, "brace"),
        ("question", {"prediction": replace(ASKED, question="")}, "begins with its text"),
        ("question", {"prediction": replace(ASKED, question="hint: no")}, "begins with its text"),
        ("question", {"prediction": replace(ASKED, choices=ASKED.choices[:1])}, "2 to 6 choices"),
        ("when 2", {"prediction": replace(ASKED, choices=(ASKED.choices[0], Choice("a", "so", "b")))}, "no measure"),
        ("because 1", {"prediction": replace(ASKED, choices=(Choice("a", "run 1: rate > 1", ""),))}, "empty"),
        ("when 2", {"prediction": replace(ASKED, choices=(ASKED.choices[0], Choice("", "", "")))}, "empty"),
        ("hint 1", {"prediction": replace(ASKED, hints=("$",))}, "stands alone"),
        ("within", {"prediction": Prediction("How?", (), "run 1: rate", 1000, "So.")}, "from 0.01 to 100"),
        ("value", {"prediction": Prediction("How?", (), "run 1: verdict", 5, "So.")}, "is no number"),
        ("when", {"task": replace(TASK, when="quick")}, "begins with no measure"),
        ("goal", {"task": replace(TASK, goal="- a")}, "has no '-'"),
        ("reply", {"task": replace(TASK, replies=(Reply("a => b"),))}, "begins with no measure"),
        ("solution", {"task": replace(TASK, solution="--save x")}, "unrecognized arguments"),
        ("look", {"look": ("the moon",)}, "one of problem"),
        ("table", {"table": Table((("a",), ("b",)))}, "2 to 5 cells"),
        ("table", {"table": Table((("a", "b"),))}, "a heading and"),
        ("run", {"prediction": Prediction("How?", (), because="So.", draws=8)}, "from 1 to 8"),
        ("title", {"prediction": Prediction("How?", (), because="So.", draws=2)}, "no run 3"),
    ],
)  # fmt: skip
def test_an_error_names_its_place(place: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(StepError, match=says) as caught:
        with_step(NEW, "mine", replace(STEP, **changes))
    assert caught.value.place == place


def test_a_step_is_changed_in_its_place_and_the_others_stay_as_they_are_written() -> None:
    goes_on = replace(STEP, title="Then", setup=SETUP, sets_up=False, prediction=None)
    text = NEW
    for step in (STEP, goes_on, STEP):
        text = with_step(text, "mine", step)[0] + "\n<!-- by hand -->  \n"
    before = read_lesson(text, "mine").steps
    for index, step in enumerate((replace(STEP, title="New"), replace(goes_on, text="New"), replace(STEP, look=()))):
        written, lesson = with_step(text, "mine", step, index)
        assert lesson.steps == (*before[:index], step, *before[index + 1 :])
        assert written.count("<!-- by hand -->") == 2  # that of the changed step was part of its text
    two = Setup(f"{WORDS} --lr 0.2", experiment_of(f"{WORDS} --lr 0.2"))
    text = with_step(NEW, "mine", replace(STEP, setup=two))[0]
    text = with_step(text, "mine", replace(goes_on, setup=two, text="{run 2: rate}", task=None))[0]
    with pytest.raises(StepError, match=r"step 2 does not fit the experiment any more: .*no run 2") as caught:
        with_step(text, "mine", STEP, 0)
    assert caught.value.place == "setup"


def test_steps_are_moved_and_deleted_and_keep_their_experiment() -> None:
    other = Setup("--problem parabola --lr 0.3 --steps 5", experiment_of("--problem parabola --lr 0.3 --steps 5"))
    steps = (STEP, replace(STEP, title="On", sets_up=False, prediction=None), replace(STEP, title="End", setup=other))
    text = NEW
    for step in steps:
        text = with_step(text, "mine", step)[0]
    first, on, end = steps
    own = replace(on, sets_up=True)
    for order, expected in (
        ((0, 2, 1), (first, end, own)),
        ((1, 2), (own, end)),
        ((2, 0, 1), (end, first, on)),
        ((0, 1, 2), steps),
    ):
        written, lesson = with_order(text, "mine", order)
        assert lesson.steps == expected and read_lesson(written, "mine") == lesson
    assert with_order(text, "mine", (0, 1, 2))[0] == text
    with pytest.raises(StepError, match="at least one step"):
        with_order(text, "mine", ())


def test_an_invalid_lesson_and_an_invalid_heading_are_told_apart_from_the_step() -> None:
    with pytest.raises(LessonError, match=r"mine.md, line 9"):
        with_step(NEW + "\n## a\n```what\n```\n", "mine", STEP)
    for heading in (new_lesson("", PATHS[0], 1, 5), new_lesson("a", "b", 1, 5), new_lesson("a\nb", PATHS[0], 1, 5)):
        with pytest.raises(StepError) as caught:
            with_step(heading, "mine", STEP)
        assert caught.value.place == "lesson"


def test_whatever_is_typed_is_read_back_identically_or_refused() -> None:
    pieces = [
        "```",
        "## ",
        "---",
        "$",
        "{",
        "}",
        "- ",
        "\n",
        "when:",
        "hint: ",
        "=> ",
        "\0",
        "💥",
        "  ",
        "because: x",
        "w",
    ]
    dice = random.Random(1)
    kept = 0
    for _ in range(400):

        def mutated(text: str) -> str:
            if dice.random() < 0.8:
                return text
            at = dice.randrange(len(text) + 1)
            return text[:at] + dice.choice(pieces) + text[at:]

        choices = tuple(
            Choice(*(mutated(getattr(each, name)) for name in ("text", "when", "because"))) for each in ASKED.choices
        )
        asked = Prediction(mutated(ASKED.question), choices, hints=tuple(map(mutated, ASKED.hints)))
        task = replace(TASK, goal=mutated(TASK.goal), done=mutated(TASK.done), replies=(Reply(mutated("No.")),))
        step = replace(STEP, title=mutated(STEP.title), text=mutated(STEP.text), remember=mutated("This."))
        step = replace(step, prediction=asked, task=task)
        try:
            text, lesson = with_step(NEW, "mine", step)
        except StepError:
            continue
        kept += 1
        assert lesson.steps == (step,)
        assert with_step(text, "mine", STEP)[1].steps == (step, STEP)
    assert 20 < kept < 380


def test_the_lines_of_a_step_are_named_by_what_they_are_of() -> None:
    places = [place for place, _ in step_lines(STEP)]
    assert list(dict.fromkeys(places)) == [
        "title", "text", "setup", "look", "question", "choice 1", "when 1", "because 1", "choice 2", "when 2",
        "because 2", "hint 1", "goal", "when", "done", "reply", "free", "hint 2", "solution", "failure", "remember",
    ]  # fmt: skip
