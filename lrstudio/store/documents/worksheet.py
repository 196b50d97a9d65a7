"""The worksheet of a lesson for a class: its questions with room for answers, and the teacher's key."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from html import escape

import numpy as np

from lrstudio.core.formula.typeset import power_of_ten
from lrstudio.core.language import tr
from lrstudio.engine.claims import Outcome, fill, reading
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.experiment.command import command
from lrstudio.engine.lessons import PATH_TITLES, Lesson
from lrstudio.engine.lessons.lesson import Prediction, Step, Task
from lrstudio.engine.lessons.prose import FIRST_MARK, Prose, shown
from lrstudio.engine.lessons.table import OPEN
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.documents.chart import Axis, Line, axis_of, chart
from lrstudio.store.documents.page import formula, gallery, heading, page, paragraph, table

_BLANK = "_" * 24
_LINE = "_" * 72
_DRAWN = 420
_ITEM = re.compile(r"(?:-|\d+\.) ")
_STRESSED = ((re.compile(r"\*\*(.+?)\*\*"), "b"), (re.compile(r"\*(.+?)\*"), "i"), (re.compile(r"`(.+?)`"), "code"))


def worksheet(lesson: Lesson, *, key: bool = False) -> str:
    """Returns the worksheet of a lesson as one HTML page in the lesson's language; with `key` the answers instead."""
    steps = worksheet_steps(lesson, key=key)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


def worksheet_steps(lesson: Lesson, *, key: bool = False) -> Generator[float, None, str]:
    """Yields the fraction done while it makes what `worksheet` returns: the key trains every set-up of the lesson."""
    title = tr("{title}: the key", title=lesson.title) if key else lesson.title
    told = tr("{minutes} minutes", minutes=lesson.minutes)
    path = tr(PATH_TITLES.get(lesson.path, ""))
    parts = [heading(title, 1), paragraph(" · ".join(filter(None, (path, told))), "quiet")]
    if not key:
        parts.append(paragraph(tr("Name: {blank}   Date: {blank}", blank=_BLANK)))
    for number, step in enumerate(lesson.steps, 1):
        yield (number - 1) / len(lesson.steps)
        parts.append(heading(f"{number}. {step.filled(step.title).plain}"))
        parts += _answers(step) if key else _questions(step)
    yield 1.0
    return page(title, parts)


def _questions(step: Step) -> Iterator[str]:
    text, _ = step.shown
    yield html(text)
    if step.prediction is not None:
        yield from _asked(step, step.prediction)
    if step.task is not None:
        yield f"<p><b>{escape(tr('Task'))}.</b> {_inline(step.filled(step.task.goal))}</p>"
        yield table((tr("what I changed"), tr("rate"), tr("what happened")), (), empty=3)
    if step.sets_up and step.setup is not None:
        yield _command(step.setup.experiment)
        yield _observed(step.setup.experiment)
    if step.table is not None:
        rows = _cells(step, None)
        yield table(rows[0], rows[1:])
    if step.remember:
        yield paragraph(tr("In my own words: {blank}", blank=_LINE))


def _asked(step: Step, prediction: Prediction) -> Iterator[str]:
    yield f"<p><b>{escape(tr('Predict'))}.</b> {_inline(step.filled(prediction.question))}</p>"
    for choice in prediction.choices:
        yield f"<p>☐ {_inline(step.filled(choice.text))}</p>"
    if prediction.draws is not None:
        yield _axes(step, prediction.draws, None)
    elif not prediction.choices:
        yield paragraph(tr("Answer: {blank}", blank=_BLANK))
    yield paragraph(tr("Because: {blank}", blank=_LINE))


def _answers(step: Step) -> Iterator[str]:
    if step.setup is None or not (step.prediction or step.task or step.table or step.remember):
        return
    if step.sets_up:
        outcome = _trained(step.setup.experiment)
        if step.prediction is not None:
            yield from _predicted(step, step.prediction, outcome)
        yield _observed(outcome.experiment, outcome)
        if step.table is not None:
            rows = _cells(step, outcome)
            yield table(rows[0], rows[1:])
    if step.task is not None:
        yield from _solved(step, step.task)
    if step.remember:
        yield f"<p><b>{escape(tr('To remember'))}.</b></p>{html(step.shown[1])}"


def _predicted(step: Step, prediction: Prediction, outcome: Outcome) -> Iterator[str]:
    yield f"<p><b>{escape(tr('Predict'))}.</b> {_inline(step.filled(prediction.question))}</p>"
    right = prediction.holding(outcome)
    for index, choice in enumerate(prediction.choices):
        mark = "☒" if index in right else "☐"
        because = fill(choice.because, outcome) or "" if index in right else ""
        yield f"<p>{mark} {_inline(step.filled(choice.text))}{_after(because)}</p>"
    if prediction.choices:
        return
    because = fill(prediction.because, outcome) or ""
    if prediction.draws is not None:
        yield _axes(step, prediction.draws, outcome)
        yield f"<p>{_inline(shown(because))}</p>"
    else:
        value = reading(prediction.value).text(outcome) or ""
        yield f"<p><b>{escape(value)}</b>{_after(because)}</p>"


def _solved(step: Step, task: Task) -> Iterator[str]:
    solution = experiment_of(task.solution)
    done = fill(task.done, _trained(solution)) or ""
    yield f"<p><b>{escape(tr('Task'))}.</b> {_inline(step.filled(task.goal))}</p>"
    yield f"<p>{escape(tr('A solution:'))}{_after(done)}</p>"
    yield _command(solution)
    for hint in task.hints:
        yield f'<p class="quiet">{_inline(step.filled(hint))}</p>'


def _trained(experiment: Experiment) -> Outcome:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return Outcome(experiment, simulation.trace)


def _command(experiment: Experiment) -> str:
    return f'<p class="command">{escape(command(experiment))}</p>'


def _observed(experiment: Experiment, outcome: Outcome | None = None) -> str:
    """Returns a table of the runs to fill in, or filled."""
    head = (tr("run"), tr("rate"), tr("loss at the start"), tr("loss at the end"), tr("what it did"))
    rows = []
    for index, run in enumerate(experiment.runs):
        seen = ("", "", "")
        if outcome is not None:
            first, last = (power_of_ten(f"{loss:.4g}") for loss in _ends(outcome, index))
            seen = (first, last, outcome.verdict(index).word)
        rows.append(tuple(map(escape, (experiment.label(index), f"{run.lr:g}", *seen))))
    return table(head, rows, numbers=(1, 2, 3))


def _ends(outcome: Outcome, run: int) -> tuple[float, float]:
    """Returns the losses on all data at the start and at the end; a network with mini-batches keeps those."""
    full, rows = outcome.trace.full, outcome.rows(run)
    if full is not None and not outcome.experiment.problem.records_all_parameters:
        return float(full.at(0)[run]), float(full.at(rows - 1)[run])
    losses = outcome.losses(run)
    return float(losses[0]), float(losses[-1])


def _cells(step: Step, outcome: Outcome | None) -> list[list[str]]:
    """Returns the table of a step in HTML, with room for what is not known before the run."""
    lines = step.table_of(outcome)
    rows = [line.strip("| ").split(" | ") for line in lines.markdown.split("\n") if not line.startswith("|---")]
    return [[_inline(Prose(cell, lines.formulas)).replace(OPEN, "&nbsp;") for cell in row] for row in rows]


def _axes(step: Step, run: int, outcome: Outcome | None) -> str:
    """Returns the axes to draw a loss into; with an outcome the loss."""
    assert step.setup is not None
    experiment, first = step.setup.experiment, step.first_loss(run)
    x = Axis(tr("step"), 0, experiment.steps)
    if outcome is None:
        svg = chart(tr("Draw the loss"), x, Axis(tr("loss"), first * 1e-6, first * 10, log=True), [])
    else:
        losses = outcome.losses(run)
        line = Line(np.arange(len(losses)), losses, experiment.label(run), experiment.runs[run].color)
        svg = chart(tr("Loss against step"), x, axis_of(tr("loss"), [losses], log=True), [line])
    return gallery([(tr("Loss against step"), svg)], _DRAWN)


def html(text: Prose) -> str:
    """Returns Markdown of paragraphs, lists, stressed words and formulas as HTML."""
    return "\n".join(_block(block.split("\n"), text) for block in text.markdown.strip().split("\n\n") if block.strip())


def _block(lines: list[str], text: Prose) -> str:
    if all(line.lstrip().startswith(("- ", "  ")) or re.match(r"\d+\. ", line) for line in lines):
        items = (_ITEM.sub("", line.strip()) for line in lines)
        return "".join(f"<p>• {_inline(Prose(item, text.formulas))}</p>" for item in items)
    return f"<p>{_inline(Prose(' '.join(line.strip() for line in lines), text.formulas))}</p>"


def _inline(text: Prose) -> str:
    words = escape(text.markdown)
    for pattern, tag in _STRESSED:
        words = pattern.sub(rf"<{tag}>\1</{tag}>", words)
    return words.translate({FIRST_MARK + index: formula(pieces) for index, pieces in enumerate(text.formulas)})


def _after(sentence: str) -> str:
    return f" → {_inline(shown(sentence))}" if sentence else ""
