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
    draw        a question, answered by drawing the loss; run: its number, because:, hint:
    task        a goal; when:, done:, reply: SENTENCE or PREDICATE => SENTENCE, free: fields, hint:, solution:, failure:
    look        names of LOOKS, one a line after -
    remember    a text
    table       rows of cells: - CELL | CELL | …, the first one the heading; slots are filled once the run is over
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lrstudio.core.language import tr
from lrstudio.engine.lessons.blocks import Block, LessonError, Line, Source
from lrstudio.engine.lessons.lesson import Lesson, Setup, Step
from lrstudio.engine.lessons.parts import ASKING, FIELDS, LOOKS, BlockReader, prose_with_slots
from lrstudio.engine.lessons.prose import prose

__all__ = ["LOOKS", "MAX_BYTES", "PATHS", "LessonError", "read_lesson"]

MAX_BYTES = 64 * 1024
MAX_TITLE = 120
MOST_STEPS = 30
PATHS = ("beginner", "methods", "practice")
"""The courses, in their order."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_lesson(text: str, key: str, language: str = "en") -> Lesson:
    """Returns the lesson of a file's text; LessonError with file, line and what to do for an invalid one."""
    source = Source(text, f"{key}.md")
    if not _KEY.fullmatch(key):
        source.fail(1, tr("the file's name is its key: up to 40 of a-z, 0-9 and _, such as first_steps.md"))
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        source.fail(1, tr("longer than {most} KiB; make two lessons of it", most=MAX_BYTES // 1024))
    return _Reader(source).lesson(key, language)


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source, self._blocks = source, BlockReader(source)

    def lesson(self, key: str, language: str) -> Lesson:
        front, rest = self._source.front()
        wanted = ("title", "path", "order", "minutes")
        for field in front.values():
            if field.name not in wanted:
                self._source.fail(
                    field.line, tr("there is no {name!r}; there are {names}", name=field.name, names=", ".join(wanted))
                )
        for name in wanted:
            if name not in front:
                self._source.fail(1, tr("{name} is missing between the lines of ---", name=name))
        if front["path"].value not in PATHS:
            self._source.fail(front["path"].line, tr("path is one of {names}", names=", ".join(PATHS)))
        most = {"order": 99, "minutes": 90}
        order, minutes = (int(self._blocks.number(front[name], 1, most[name], whole=True)) for name in most)
        self._check_title(front["title"].line, prose, front["title"].value)
        steps = self._steps(rest)
        return Lesson(key, language, front["title"].value, front["path"].value, order, minutes, steps)

    def _steps(self, lines: Sequence[Line]) -> tuple[Step, ...]:
        steps: list[Step] = []
        fenced, start = False, -1
        starts = []
        for index, line in enumerate(lines):
            fenced ^= line.text.startswith("```")
            if line.text.startswith("## ") and not fenced:
                starts.append(index)
            elif line.text and not starts:
                self._source.fail(line.number, tr("a step begins with “## ” and its title; write one above this line"))
        if not starts:
            self._source.fail(1, tr("there is no step; a step begins with “## ” and its title"))
        if len(starts) > MOST_STEPS:
            self._source.fail(
                lines[starts[MOST_STEPS]].number, tr("more than {most} steps; make two lessons of it", most=MOST_STEPS)
            )
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            steps.append(self._step(lines[start:end], steps[-1].setup if steps else None))
        return tuple(steps)

    def _step(self, lines: Sequence[Line], before: Setup | None) -> Step:
        first = lines[0]
        text, blocks = self._parts(lines[1:])
        setup = self._blocks.setup(blocks["setup"]) if "setup" in blocks else None
        kind, *others = [kind for kind in blocks if kind in ASKING] or ["predict"]
        if others:
            self._source.fail(blocks[others[0]].line, tr("a step asks once; move this question to a step of its own"))
        step = Step(
            title=first.text[3:].strip(),
            text=text,
            setup=setup or before,
            sets_up=setup is not None,
            prediction=self._blocks.prediction(blocks[kind]) if kind in blocks else None,
            task=self._blocks.task(blocks["task"]) if "task" in blocks else None,
            look=self._blocks.look(blocks["look"]) if "look" in blocks else (),
            remember=self._blocks.lead(blocks["remember"], prose_with_slots) if "remember" in blocks else "",
            table=self._blocks.table(blocks["table"]) if "table" in blocks else None,
        )
        self._check_title(first.number, prose_with_slots, step.title)
        self._blocks.checked(first.number, prose_with_slots, step.text)
        if step.prediction is not None and not step.sets_up:
            self._source.fail(first.number, tr("a prediction is about a run: give this step a block of setup"))
        if step.prediction is not None and step.prediction.draws is not None:
            self._check_drawn(first.number, step, step.prediction.draws)
        if step.task is not None and step.setup is None:
            self._source.fail(
                first.number, tr("a task is about a run: give this step, or one before it, a block of setup")
            )
        if step.table is not None and not step.sets_up:
            self._source.fail(first.number, tr("a table is about a run: give this step a block of setup"))
        return step

    def _check_title(self, line: int, check: Callable[[str], object], title: str) -> None:
        self._blocks.checked(line, check, title)
        if len(title) > MAX_TITLE:
            self._source.fail(line, tr("a title has at most {most} letters; shorten it", most=MAX_TITLE))

    def _check_drawn(self, line: int, step: Step, run: int) -> None:
        assert step.setup is not None
        if run >= len(step.setup.experiment.runs):
            self._source.fail(line, tr("there is no run {run} whose loss could be drawn", run=run + 1))

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
            if kind not in FIELDS:
                self._source.fail(
                    line.number, tr("``` {kind!r}: there are {names}", kind=kind, names=", ".join(FIELDS))
                )
            if kind in blocks:
                self._source.fail(
                    line.number, tr("a step has one block of {kind}; move this one to another step", kind=kind)
                )
            if end == len(lines):
                self._source.fail(line.number, tr("this block has no end; close it with a line ```"))
            blocks[kind] = self._source.block(kind, line.number, lines[index:end], FIELDS[kind])
            self._check_names(blocks[kind])
            index = end + 1
        return "\n".join(text).strip(), blocks

    def _check_names(self, block: Block) -> None:
        for field in block.fields:
            if field.name and field.name not in FIELDS[block.kind]:
                self._source.fail(field.line, tr("a block of {kind} has no {name!r}", kind=block.kind, name=field.name))
            if not field.value:
                self._source.fail(field.line, tr("{name} is empty; write a value after the colon", name=field.name))
