"""The reader takes what it knows, refuses the rest with file, line and remedy, and touches nothing else."""

from __future__ import annotations

import builtins
import random
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from lrstudio.core.problems import Parabola
from lrstudio.engine.lessons import LOOKS, LessonError, prose, read_lesson
from lrstudio.engine.lessons.reader import MAX_BYTES

GOOD = """---
title: A title
path: practice
order: 3
minutes: 5
---
## First
Text with $w - lr*g$ and {run 1: rate}.

```setup
--problem parabola --lr 0.1
--steps 5
pace: fastest
```

```predict
Which
way?
- Left
  when: run 1: loss at end < 1
  because: It is {run 1: loss at end},
    as it says.
- Right
  when: run 1: loss at end >= 1
  because: It is {run 1: loss at end}.
hint: One
hint: Two
```

```look
- loss
- lr
```

```table
- step | w
- 1 | {run 1: weight w at 1}
```

```remember
This.
```

## Second
```task
Be quick.
when: run 1: rate > 1
done: Yes, {run 1: rate}.
reply: run 1: rate < 0.5 => Far too small.
reply: Too small.
free: lr, steps
solution: --problem parabola --lr 2 --steps 5
failure: --problem parabola --lr 0.1 --steps 5
```
"""


def test_a_lesson_has_everything_that_its_file_says() -> None:
    lesson = read_lesson(GOOD, "good")
    assert (lesson.title, lesson.path, lesson.order, lesson.minutes) == ("A title", "practice", 3, 5)
    first, second = lesson.steps
    assert first.text == "Text with $w - lr*g$ and {run 1: rate}."
    assert first.setup is not None and first.sets_up and not second.sets_up and second.setup is first.setup
    experiment = first.setup.experiment
    assert (experiment.problem, experiment.steps, experiment.runs[0].lr) == (Parabola(), 5, 0.1)
    assert first.setup.pace is None
    assert first.prediction is not None and first.prediction.question == "Which way?"
    assert [choice.text for choice in first.prediction.choices] == ["Left", "Right"]
    assert first.prediction.choices[0].because == "It is {run 1: loss at end}, as it says."
    assert first.prediction.hints == ("One", "Two")
    assert first.table is not None and first.table.rows == (("step", "w"), ("1", "{run 1: weight w at 1}"))
    assert first.look == ("loss", "lr") and first.remember == "This."
    assert second.task is not None and second.task.free == ("lr", "steps")
    assert [(reply.when, reply.text) for reply in second.task.replies] == [
        ("run 1: rate < 0.5", "Far too small."),
        ("", "Too small."),
    ]


def test_slots_and_formulas_of_a_text_are_filled_and_typeset() -> None:
    text, _ = read_lesson(GOOD, "good").steps[0].shown
    assert text.plain == "Text with w − lr·g and 0.1."


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("---\ntitle", "title", 1, "begins with a line ---"),
        ("title: A title\n", "", 1, "title is missing"),
        ("order: 3", "order: three", 4, "whole number from 1 to 99"),
        ("order: 3", "orders: 3", 4, "there is no 'orders'"),
        ("minutes: 5", "minutes: 5\nminutes: 6", 6, "given twice"),
        ("path: practice", "path: ../..", 3, "one of beginner"),
        ("## First", "# First", 7, "begins with “## ”"),
        ("$w - lr*g$", "$w - lr*$", 7, "formula"),
        ("$w - lr*g$", "$w", 7, "stands alone"),
        ("{run 1: rate}.", "{run 1: speed}.", 7, "begins with no measure"),
        ("Text with", "Text \x07 with", 7, "U+0007"),
        ("Text with", "Text \u202e with", 7, "U+202E"),
        ("```setup", "```python", 10, "there are setup, predict"),
        ("--lr 0.1", "--lr fast", 10, "lr 'fast': must be a number"),
        ("--lr 0.1", "--csv out.csv", 10, "unrecognized arguments"),
        ("--lr 0.1", "--problem 'parabola", 10, "close what is open"),
        ("--steps 5\n", "--steps 99999999\n", 10, "at most 200,000 steps"),
        ("--lr 0.1", "--lr 0.1 " * 9, 10, "at most 8"),
        ("parabola --lr 0.1", "data:path=/etc/passwd", 10, "no parameter 'path'"),
        ("pace: fastest", "pace: 0", 13, "pace '0'"),
        ("- Left\n", "- Left\n  when: run 1: rate > 1\n", 21, "stands once"),
        ("when: run 1: loss at end < 1\n", "when: run 1: loss at end\n", 20, "comparison is missing"),
        ("because: It is {run 1: loss at end}.\n", "because: It is {run 1: loss at end.\n", 25, "brace"),
        ("  when: run 1: loss at end >= 1\n", "", 16, "needs when: and because:"),
        ("hint: Two", "hint: Two\nhint: Three", 28, "at most 2 hints"),
        ("hint: Two", "hint:", 27, "hint is empty"),
        ("- lr\n", "- /etc/passwd\n", 32, "one of problem"),
        ("Which\nway?\n", "", 16, "begins with its text"),
        ("It is {run 1: loss at end}.", "It is $w -$.", 25, "formula"),
        ("- step | w\n", "", 35, "a heading and 1 to 29 rows"),
        ("- 1 | {run 1: weight w at 1}\n", "- 1\n", 37, "all alike"),
        ("free: lr, steps", "free: __class__", 51, "free '__class__'"),
        ("done: Yes, {run 1: rate}.\n", "", 45, "one line of done:"),
        ("--lr 2 --steps 5\n", "--lr 2 --step 5\n", 52, "unrecognized arguments"),
        ("failure: --problem parabola --lr 0.1 --steps 5\n```", "failure: --lr 1", 45, "has no end"),
    ],
)
def test_an_error_names_the_file_and_the_line_and_says_what_to_do(old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    with pytest.raises(LessonError) as caught:
        read_lesson(GOOD.replace(old, new, 1), "bad")
    assert str(caught.value).startswith(f"bad.md, line {line}: ")
    assert says in str(caught.value)


def drawing_lesson(block: str) -> str:
    return GOOD.replace(GOOD[GOOD.index("```predict") : GOOD.index("```look")], block)


DRAW = "```draw\nDraw it.\nrun: 1\nbecause: So.\n```\n"
NUMBER = "```number\nHow much?\nvalue: floor\nwithin: 1 %\nbecause: So.\n```\n"


def test_a_drawing_is_asked_for_a_run() -> None:
    prediction = read_lesson(drawing_lesson(DRAW), "good").steps[0].prediction
    assert prediction is not None and (prediction.draws, prediction.question) == (0, "Draw it.")


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (DRAW.replace("run: 1\n", ""), "one line of run:"),
        (DRAW.replace("run: 1", "run: 2"), "no run 2"),
        (DRAW + NUMBER, "asks once"),
    ],
)
def test_a_drawing_that_cannot_be_judged_is_refused(block: str, says: str) -> None:
    with pytest.raises(LessonError, match=says):
        read_lesson(drawing_lesson(block), "bad")


@pytest.mark.parametrize("key", ["../up", "a b", "", "A", "con\n", "x" * 41])
def test_a_key_is_a_plain_word(key: str) -> None:
    with pytest.raises(LessonError):
        read_lesson(GOOD, key)


def test_a_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(LessonError, match="longer than 64 KiB"):
        read_lesson(GOOD + " " * MAX_BYTES, "long")


def test_reading_opens_no_file_and_garbage_raises_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_keywords: Any) -> NoReturn:
        raise AssertionError("a lesson opened a file")

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    pieces = ["```", "## ", "---", "$", "{", "}", "- ", "\n", "when:", "\0", "data:path=/etc/passwd", "💥", "--save x"]
    dice = random.Random(0)
    for _ in range(300):
        mutated = GOOD
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(mutated))
            mutated = mutated[:at] + dice.choice(pieces) + mutated[at + dice.randrange(12) :]
        with suppress(LessonError):
            read_lesson(mutated, "mutated")


def test_the_names_to_look_at_are_unique() -> None:
    assert len(set(LOOKS)) == len(LOOKS)


def test_a_formula_may_be_several_joined_by_equals_signs() -> None:
    assert prose("So $w_1 = w_0 - 2*3 = -1$, or $2/lambd$.").plain == "So w₁ = w₀ − 2·3 = −1, or 2/λ."
