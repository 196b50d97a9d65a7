"""Writes steps and lessons as `reader` reads them; what is not read back identically is not written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lrstudio.core.language import tr
from lrstudio.engine.lessons.blocks import LessonError
from lrstudio.engine.lessons.judgement import Prediction, Task
from lrstudio.engine.lessons.lesson import Lesson, Setup, Step
from lrstudio.engine.lessons.parts import prose_with_slots
from lrstudio.engine.lessons.reader import read_lesson

Line = tuple[str, str]
"""What a line is of, as `title`, `text`, `because 2`, and the line; `lesson` is what was there before."""


class StepError(ValueError):
    """A step that cannot be written; `place` is what is wrong, as in `Line`."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(why)
        self.place = place


def new_lesson(title: str, path: str, order: int, minutes: int) -> str:
    """Returns the beginning of a lesson's file, which has no step yet."""
    return f"---\ntitle: {title}\npath: {path}\norder: {order}\nminutes: {minutes}\n---\n"


def with_step(text: str, key: str, step: Step, at: int | None = None) -> tuple[str, Lesson]:
    """Returns the text of a lesson with a step at its end, or in place of the one with the index `at`.

    Also the lesson as it is read from that; the other steps are as before. StepError if the step cannot be written,
    LessonError if the lesson was invalid before.
    """
    if not step.title.strip():
        raise StepError("title", tr("a step has a title; write one"))
    try:
        prose_with_slots(step.text)
    except ValueError as error:
        raise StepError("text", str(error)) from None
    sections = _sections(text)
    before = read_lesson(text, key).steps if len(sections) > 1 else ()
    index = len(before) if at is None else at
    if before and not step.sets_up:
        step = replace(step, setup=before[index - 1].setup if index else None)
    kept = "".join(sections[: index + 1]).rstrip() + "\n\n"
    after = "".join(f"\n{section}" for section in sections[index + 2 :])
    lines = list(step_lines(step))
    written = kept + "".join(f"{line}\n" for _, line in lines) + after
    try:
        lesson = read_lesson(written, key)
    except LessonError as error:
        place = error.line - kept.count("\n") - 1
        raise StepError(lines[place][0] if 0 <= place < len(lines) else "lesson", error.why) from None
    expected = [*before[:index], step, *before[index + 1 :]]
    if len(lesson.steps) > len(expected):
        raise StepError("text", tr("a line that begins with “## ” begins another step; begin it with “### ”"))
    if [*map(_own, lesson.steps[:index])] != [*map(_own, before[:index])]:
        raise StepError("lesson", tr("the last block of the lesson has no end; close it with a line ```"))
    if differs := _difference(lesson.steps[index], step):
        raise StepError(differs, tr("it would be read as something else; begin it with another word"))
    _check(lesson, expected, index + 1)
    return written, lesson


def with_order(text: str, key: str, order: Sequence[int]) -> tuple[str, Lesson]:
    """Returns the text of a lesson with those of its steps whose indices are given, in this order, and the lesson.

    A step that went on with the experiment of one that is elsewhere gets it as its own. StepError if no step is left.
    """
    if not order:
        raise StepError("lesson", tr("a lesson has at least one step; delete its file in place of the last one"))
    head, *sections = _sections(text)
    before, setup, parts = read_lesson(text, key).steps, None, []
    for index in order:
        step, part = before[index], sections[index].rstrip()
        if not step.sets_up and step.setup is not None and step.setup != setup:
            step = replace(step, sets_up=True)
            part = "\n".join(line for _, line in step_lines(step))
        setup = step.setup or setup
        parts.append(part)
    written = "\n\n".join([head.rstrip(), *parts]) + "\n"
    lesson = read_lesson(written, key)
    _check(lesson, [before[index] for index in order], 0)
    return written, lesson


def _sections(text: str) -> list[str]:
    """Returns the parts of a lesson's text: what is before the first step, then each step."""
    parts, fenced = [""], False
    for line in text.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if line.startswith("## ") and not fenced:
            parts.append("")
        parts[-1] += line
    return parts


def _own(step: Step) -> Step:
    """Returns what a step says itself, without the experiment of one before."""
    return replace(step, setup=step.setup if step.sets_up else None)


def _check(lesson: Lesson, expected: Sequence[Step], first: int) -> None:
    """Raises StepError unless every step is what it was, and those from `first` on fit their experiment."""
    for number, (step, wanted) in enumerate(zip(lesson.steps, expected, strict=True), 1):
        if replace(step, setup=None, sets_up=False) != replace(wanted, setup=None, sets_up=False):
            why = tr("step {number} would be another one; mend the file in an editor of texts", number=number)
            raise StepError("lesson", why)
        try:
            if number > first:
                step.prepare()
        except ValueError as error:
            why = tr("step {number} does not fit the experiment any more: {error}", number=number, error=error)
            raise StepError("setup", why) from None


def step_lines(step: Step) -> Iterator[Line]:
    """Yields the lines of a step; a text of several lines has several of the same name."""
    yield "title", f"## {step.title}"
    yield "title", ""
    yield from (("text", line) for line in step.text.split("\n"))
    if step.setup is not None and step.sets_up:
        yield from _block("setup", _setup(step.setup))
    if step.table is not None:
        yield from _block("table", (("table", f"- {' | '.join(row)}") for row in step.table.rows))
    if step.look:
        yield from _block("look", (("look", f"- {name}") for name in step.look))
    if step.prediction is not None:
        drawn = step.prediction.draws is not None
        kind = "predict" if step.prediction.choices else "draw" if drawn else "number"
        yield from _block(kind, _prediction(step.prediction))
    if step.task is not None:
        yield from _block("task", _task(step.task))
    if step.remember:
        yield from _block("remember", [("remember", step.remember)])


def _block(kind: str, lines: Iterable[Line]) -> Iterator[Line]:
    first, *others = lines
    yield first[0], ""
    yield first[0], f"```{kind}"
    yield first
    yield from others
    yield first[0], "```"


def _setup(setup: Setup) -> Iterator[Line]:
    yield "setup", setup.words
    if setup.pace != Setup.pace:
        yield "pace", f"pace: {'fastest' if setup.pace is None else f'{setup.pace:.15g}'}"


def _prediction(prediction: Prediction) -> Iterator[Line]:
    yield "question", prediction.question
    for number, choice in enumerate(prediction.choices, 1):
        yield f"choice {number}", f"- {choice.text}"
        yield f"when {number}", f"  when: {choice.when}"
        yield f"because {number}", f"  because: {choice.because}"
    if prediction.draws is not None:
        yield "run", f"run: {prediction.draws + 1}"
        yield "because", f"because: {prediction.because}"
    elif not prediction.choices:
        yield "value", f"value: {prediction.value}"
        yield "within", f"within: {prediction.percent:.15g} %"
        yield "because", f"because: {prediction.because}"
    yield from _hints(prediction.hints)


def _task(task: Task) -> Iterator[Line]:
    yield "goal", task.goal
    yield "when", f"when: {task.when}"
    yield "done", f"done: {task.done}"
    for reply in task.replies:
        yield "reply", f"reply: {reply.when} => {reply.text}" if reply.when else f"reply: {reply.text}"
    if task.free != Task.free:
        yield "free", f"free: {', '.join(task.free)}"
    yield from _hints(task.hints)
    yield "solution", f"solution: {task.solution}"
    yield "failure", f"failure: {task.failure}"


def _hints(hints: tuple[str, ...]) -> Iterator[Line]:
    yield from ((f"hint {number}", f"hint: {hint}") for number, hint in enumerate(hints, 1))


def _difference(read: Step, step: Step) -> str:
    """Returns the place in which two steps differ; empty if they are equal."""
    if read == step:
        return ""
    one, other = list(step_lines(read)), list(step_lines(step))
    differing = (place for (place, line), pair in zip(other, one, strict=False) if (place, line) != pair)
    return next(differing, "text")
