"""Reads a lesson from its Markdown, strictly: nothing is executed, and no other file is read.

    ---
    title, path, order, minutes: one `name: value` a line
    ---
    ## Title of a step
    Markdown with {slots} that are known before the run and formulas between dollar signs

Fenced blocks of a step; a line that begins with no name goes on with the one before:

    setup       the words of `lrstudio run`; pace: steps per second, or fastest
    predict     a question; - a choice, with when: a predicate, because: a sentence with slots; hint:
    number      a question; value: a reading, within: a percentage, because:, hint:
    task        a goal; when:, done:, reply: SENTENCE or PREDICATE => SENTENCE, free: fields, hint:, solution:, failure:
    look        names of LOOKS, one a line after -
    remember    a text
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from lrstudio.core.parameter import read_number
from lrstudio.engine.claims import Claim, predicate, reading
from lrstudio.engine.claims.sentence import slots
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.lessons.blocks import Block, Field, LessonError, Line, Source
from lrstudio.engine.lessons.judgement import Choice, Prediction, Reply, Task
from lrstudio.engine.lessons.lesson import Lesson, Setup, Step
from lrstudio.engine.lessons.prose import prose
from lrstudio.engine.lessons.words import experiment_of

__all__ = ["LOOKS", "MAX_BYTES", "PATHS", "LessonError", "read_lesson"]

MAX_BYTES = 64 * 1024
MOST_STEPS, MOST_CHOICES, MOST_HINTS = 30, 6, 2
PATHS = ("beginner", "methods", "practice")
"""The courses, in their order."""
LOOKS = (
    "problem", "runs", "lr", "ruler", "run", "step", "reset", "timeline", "speed",
    "landscape", "data", "weights", "loss", "rate", "boundary", "mistakes", "first_layer", "accuracy", "curvature",
)  # fmt: skip
"""What a step can point at: controls and plots."""
_FIELDS: dict[str, tuple[str, ...]] = {
    "setup": ("pace",),
    "predict": ("-", "when", "because", "hint"),
    "number": ("value", "within", "because", "hint"),
    "task": ("when", "done", "reply", "free", "hint", "solution", "failure"),
    "look": ("-",),
    "remember": (),
}
_FREE = tuple(parameter.name for parameter in Experiment.parameters()) + tuple(
    name for name in Run.__dataclass_fields__ if name not in ("label", "color")
)
_SLOT = re.compile(r"\{[^{}]*\}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")

Result = TypeVar("Result")


def read_lesson(text: str, key: str, language: str = "en") -> Lesson:
    """Returns the lesson of a file's text; LessonError with file, line and what to do for an invalid one."""
    source = Source(text, f"{key}.md")
    if not _KEY.fullmatch(key):
        source.fail(1, "the file's name is its key: up to 40 of a-z, 0-9 and _, such as first_steps.md")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        source.fail(1, f"longer than {MAX_BYTES // 1024} KiB; make two lessons of it")
    return _Reader(source).lesson(key, language)


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source

    def lesson(self, key: str, language: str) -> Lesson:
        front, rest = self._source.front()
        wanted = ("title", "path", "order", "minutes")
        for field in front.values():
            if field.name not in wanted:
                self._source.fail(field.line, f"there is no {field.name!r}; there are {', '.join(wanted)}")
        for name in wanted:
            if name not in front:
                self._source.fail(1, f"{name} is missing between the lines of ---")
        if front["path"].value not in PATHS:
            self._source.fail(front["path"].line, f"path is one of {', '.join(PATHS)}")
        numbers = {
            name: int(self._number(front[name], 1, most, whole=True)) for name, most in (("order", 99), ("minutes", 90))
        }
        self._checked(front["title"].line, prose, front["title"].value)
        steps = self._steps(rest)
        return Lesson(key, language, front["title"].value, front["path"].value, **numbers, steps=steps)

    def _steps(self, lines: Sequence[Line]) -> tuple[Step, ...]:
        steps: list[Step] = []
        fenced, start = False, -1
        starts = []
        for index, line in enumerate(lines):
            fenced ^= line.text.startswith("```")
            if line.text.startswith("## ") and not fenced:
                starts.append(index)
            elif line.text and not starts:
                self._source.fail(line.number, "a step begins with “## ” and its title; write one above this line")
        if not starts:
            self._source.fail(1, "there is no step; a step begins with “## ” and its title")
        if len(starts) > MOST_STEPS:
            self._source.fail(lines[starts[MOST_STEPS]].number, f"more than {MOST_STEPS} steps; make two lessons of it")
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            steps.append(self._step(lines[start:end], steps[-1].setup if steps else None))
        return tuple(steps)

    def _step(self, lines: Sequence[Line], before: Setup | None) -> Step:
        first = lines[0]
        text, blocks = self._parts(lines[1:])
        setup = self._setup(blocks["setup"]) if "setup" in blocks else None
        if {"predict", "number"} <= blocks.keys():
            self._source.fail(blocks["number"].line, "a step asks once; move this question to a step of its own")
        kind = "number" if "number" in blocks else "predict"
        step = Step(
            title=first.text[3:].strip(),
            text=text,
            setup=setup or before,
            sets_up=setup is not None,
            prediction=self._prediction(blocks[kind]) if kind in blocks else None,
            task=self._task(blocks["task"]) if "task" in blocks else None,
            look=self._look(blocks["look"]) if "look" in blocks else (),
            remember=self._lead(blocks["remember"], prose_with_slots) if "remember" in blocks else "",
        )
        self._checked(first.number, prose_with_slots, step.title)
        self._checked(first.number, prose_with_slots, step.text)
        if step.prediction is not None and not step.sets_up:
            self._source.fail(first.number, "a prediction is about a run: give this step a block of setup")
        if step.task is not None and step.setup is None:
            self._source.fail(first.number, "a task is about a run: give this step, or one before it, a block of setup")
        return step

    def _parts(self, lines: Sequence[Line]) -> tuple[str, dict[str, Block]]:
        """Returns the text of a step and its blocks by kind."""
        text: list[str] = []
        blocks: dict[str, Block] = {}
        index = 0
        while index < len(lines):
            line = lines[index]
            index += 1
            if not line.text.startswith("```"):
                text.append(line.text)
                continue
            kind, end = line.text[3:].strip(), index
            while end < len(lines) and lines[end].text != "```":
                end += 1
            if kind not in _FIELDS:
                self._source.fail(line.number, f"``` {kind!r}: there are {', '.join(_FIELDS)}")
            if kind in blocks:
                self._source.fail(line.number, f"a step has one block of {kind}; move this one to another step")
            if end == len(lines):
                self._source.fail(line.number, "this block has no end; close it with a line ```")
            blocks[kind] = self._source.block(kind, line.number, lines[index:end], _FIELDS[kind])
            self._check_names(blocks[kind])
            index = end + 1
        return "\n".join(text).strip(), blocks

    def _check_names(self, block: Block) -> None:
        for field in block.fields:
            if field.name and field.name not in _FIELDS[block.kind]:
                self._source.fail(field.line, f"a block of {block.kind} has no {field.name!r}")
            if not field.value:
                self._source.fail(field.line, f"{field.name} is empty; write a value after the colon")

    def _setup(self, block: Block) -> Setup:
        words = self._lead(block)
        experiment = self._checked(block.line, experiment_of, words)
        pace: float | None = 20
        for field in block.fields[1:]:
            pace = None if field.value == "fastest" else self._number(field, 1, 1e6)
        return Setup(words, experiment, pace)

    def _prediction(self, block: Block) -> Prediction:
        question, hints = self._lead(block, prose_with_slots), self._hints(block)
        if block.kind == "number":
            percent = self._number(self._one(block, "within"), 0.01, 100, unit="%")
            value, because = self._one(block, "value"), self._one(block, "because")
            measured = self._checked(value.line, reading, value.value)
            if measured.measure.word:
                self._source.fail(value.line, f"“{value.value}” is no number; ask with predict")
            self._checked(because.line, slots, because.value)
            return Prediction(question, (), value.value, percent, because.value, hints)
        choices = self._choices(block)
        if not 2 <= len(choices) <= MOST_CHOICES:
            self._source.fail(block.line, f"a question has 2 to {MOST_CHOICES} choices, each after “- ”")
        return Prediction(question, choices, hints=hints)

    def _choices(self, block: Block) -> tuple[Choice, ...]:
        choices: list[Choice] = []
        for field in block.fields:
            if field.name == "-":
                self._checked(field.line, prose_with_slots, field.value)
                choices.append(Choice(field.value, "", ""))
            elif field.name in ("when", "because"):
                if not choices or getattr(choices[-1], field.name):
                    self._source.fail(field.line, f"{field.name}: stands once below the “- ” of its choice")
                self._checked(field.line, predicate if field.name == "when" else slots, field.value)
                choices[-1] = replace(choices[-1], **{field.name: field.value})
        for choice in choices:
            if not (choice.when and choice.because):
                self._source.fail(block.line, f"the choice “{choice.text}” needs when: and because: below it")
        return tuple(choices)

    def _task(self, block: Block) -> Task:
        when, done = self._one(block, "when"), self._one(block, "done")
        self._checked(when.line, predicate, when.value)
        self._checked(done.line, slots, done.value)
        free = next((field for field in block.fields if field.name == "free"), Field("free", "lr", block.line))
        names = tuple(name.strip() for name in free.value.split(","))
        for name in names:
            if name not in _FREE:
                self._source.fail(free.line, f"free {name!r}: there are {', '.join(_FREE)}")
        solution, failure = self._one(block, "solution"), self._one(block, "failure")
        for field in (solution, failure):
            self._checked(field.line, experiment_of, field.value)
        return Task(
            goal=self._lead(block, prose_with_slots),
            when=when.value,
            done=done.value,
            replies=tuple(self._reply(field) for field in block.fields if field.name == "reply"),
            free=names,
            hints=self._hints(block),
            solution=solution.value,
            failure=failure.value,
        )

    def _reply(self, field: Field) -> Reply:
        when, arrow, text = (part.strip() for part in field.value.rpartition("=>"))
        if arrow:
            self._checked(field.line, predicate, when)
        claim = Claim(text, when)
        self._checked(field.line, slots, claim.text)
        return Reply(text, when)

    def _hints(self, block: Block) -> tuple[str, ...]:
        found = [field for field in block.fields if field.name == "hint"]
        if len(found) > MOST_HINTS:
            self._source.fail(found[MOST_HINTS].line, f"there are at most {MOST_HINTS} hints")
        for field in found:
            self._checked(field.line, prose_with_slots, field.value)
        return tuple(field.value for field in found)

    def _look(self, block: Block) -> tuple[str, ...]:
        for field in block.fields:
            if field.name != "-" or field.value not in LOOKS:
                self._source.fail(field.line, f"{field.value!r}: write “- ” and one of {', '.join(LOOKS)}")
        return tuple(field.value for field in block.fields)

    def _lead(self, block: Block, check: Callable[[str], object] = str) -> str:
        """Returns the text before the first name of a block."""
        if not block.fields or block.fields[0].name:
            self._source.fail(block.line, f"a block of {block.kind} begins with its text; write it below this line")
        self._checked(block.fields[0].line, check, block.fields[0].value)
        return block.fields[0].value

    def _one(self, block: Block, name: str) -> Field:
        found = [field for field in block.fields if field.name == name]
        if len(found) != 1:
            self._source.fail(block.line, f"a block of {block.kind} has one line of {name}:")
        return found[0]

    def _number(self, field: Field, low: float, high: float, *, whole: bool = False, unit: str = "") -> float:
        value = read_number(field.value.removesuffix(unit).strip(), whole=whole)
        if value is None or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            self._source.fail(field.line, f"{field.name} {field.value!r}: must be {kind} from {low:g} to {high:g}")
        return float(value)

    def _checked(self, line: int, parse: Callable[[str], Result], text: str) -> Result:
        try:
            return parse(text)
        except ValueError as error:
            self._source.fail(line, error)


def prose_with_slots(text: str) -> None:
    """Checks a text with formulas and slots; ValueError for an invalid one."""
    slots(text)
    prose(_SLOT.sub("1", text))
