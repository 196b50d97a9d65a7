"""The report of an experiment: question, set-up, plots, verdicts, table, and the command that repeats it."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from html import escape
from typing import Any

from lrstudio.core.declaration import Declared
from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.formula.typeset import power_of_ten, typeset
from lrstudio.core.language import sentences, tr, trn
from lrstudio.core.parameter import Choice, Parameter
from lrstudio.engine.claims import Outcome
from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.examples import example_of
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.experiment.command import command
from lrstudio.engine.training.trace import Trace
from lrstudio.store.documents.page import formula, gallery, heading, page, pairs, paragraph, table
from lrstudio.store.documents.palette import RUN_COLORS
from lrstudio.store.documents.pictures import pictures

MOST_RUNS = 64
"""Further runs have no row in a report, which says how many there are."""
_CHART = (480, 300)
_LONG = 400
"""Letters of the longest formula that is shown."""


def report(experiment: Experiment, trace: Trace) -> str:
    """Returns the report of what a trace has so far as one HTML page, in the language in use.

    A ready example brings its question and, once it is over, its answer. At most 64 runs are told of.
    """
    steps = report_steps(experiment, trace)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


def report_steps(experiment: Experiment, trace: Trace) -> Generator[float, None, str]:
    """Yields the fraction done while it makes what `report` returns."""
    shown = _first_runs(experiment)
    yield 0.0
    standings = Comparison(experiment, trace).at(experiment) or ()
    example, outcome = example_of(experiment), Outcome(experiment, trace)
    samples = outcome.samples if example is not None and "curvature" in example.views else None
    drawn: list[tuple[str, str]] = []
    for picture in pictures(experiment, trace, _CHART, samples):
        yield 0.4 + 0.1 * len(drawn)
        drawn.append((picture.title, picture.svg))
    title = tr(experiment.problem.title) if example is None else example.title
    body = [heading(title, 1)]
    if example is not None:
        body.append(f"<p><b>{escape(example.question)}</b></p>")
        body += [paragraph(example.answer(outcome))] * (outcome.whole and outcome.as_declared)
    body += [
        *_setup(experiment, shown),
        heading(tr("What happened")),
        gallery(drawn),
        *_verdicts(experiment, shown, standings),
        *_table(experiment, shown, standings),
        *_changes(experiment, trace),
        *_repeat(experiment, trace),
    ]
    yield 1.0
    return page(title, body)


def _first_runs(experiment: Experiment) -> Sequence[int]:
    return range(min(len(experiment.runs), MOST_RUNS))


def _setup(experiment: Experiment, shown: Sequence[int]) -> Iterator[str]:
    problem = experiment.problem
    rows = [(tr("problem"), escape(_described(problem)))]
    if loss := getattr(problem, "loss", ""):
        rows.append((tr("loss"), _formula(loss)))
    own_sizes = len(set(experiment.batch_sizes)) > 1
    idle, settings = experiment.idle() | ({"batch_size"} if own_sizes else set()), []
    for parameter in experiment.parameters():
        value = getattr(experiment, parameter.name)
        if parameter.offered and parameter.name not in idle and (value is not None or parameter.name == "batch_size"):
            told = _described(value) if isinstance(value, Declared) else _told(parameter, value, exact=True)
            settings.append(f"{tr(parameter.label)} {told}")
    rows.append((tr("settings"), escape(" · ".join(settings))))
    yield heading(tr("Set-up"))
    yield pairs(rows)
    head: tuple[str, ...] = (tr("run"), tr("rate"), tr("optimizer"), tr("schedule"), tr("start"))
    starts = experiment.starts() if problem.has_editable_start and len(problem.names) <= 4 else None
    cells = [_run(experiment, index, None if starts is None else starts[index]) for index in shown]
    head, cells = _without_start(head, cells)
    if own_sizes:
        head = (*head, tr("batch size"))
        cells = [(*row, _size(experiment.batch_sizes[index])) for row, index in zip(cells, shown, strict=True)]
    yield table(head, cells, numbers=(1, len(head) - 1) if own_sizes else (1,))
    if left := len(experiment.runs) - len(shown):
        yield paragraph(trn("{n} more run is not listed.", "{n} more runs are not listed.", left), "quiet")


def _without_start(
    head: tuple[str, ...], cells: list[tuple[str, ...]]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Returns a table without its last column where that is empty."""
    return (head, cells) if any(row[-1] for row in cells) else (head[:-1], [row[:-1] for row in cells])


def _run(experiment: Experiment, index: int, start: tuple[float, ...] | None) -> tuple[str, ...]:
    run = experiment.runs[index]
    at = "" if start is None else ", ".join(_number(value) for value in start)
    return (
        _name(experiment, index),
        escape(" ".join([_number(run.lr), *(f"{name}×{factor:g}" for name, factor in run.lr_factors)])),
        escape(_described(run.optimizer)),
        escape(_described(run.schedule)),
        at,
    )


def _name(experiment: Experiment, index: int) -> str:
    """Returns the label of a run behind a square of its colour."""
    color = RUN_COLORS[experiment.runs[index].color % len(RUN_COLORS)]
    return f'<span style="color: {color}">■</span> {escape(experiment.label(index))}'


def _verdicts(experiment: Experiment, shown: Sequence[int], standings: Sequence[Standing]) -> Iterator[str]:
    yield heading(tr("Verdicts"))
    for index in shown:
        verdict = standings[index].verdict
        text = tr("A verdict comes after a few steps.") if verdict is None else verdict.sentence
        word = "" if verdict is None else f"<b>{escape(tr('{word}.', word=verdict.word))}</b>"
        yield f"<p>{sentences(_name(experiment, index) + tr(':'), word, escape(text))}</p>"


def _table(experiment: Experiment, shown: Sequence[int], standings: Sequence[Standing]) -> Iterator[str]:
    head = [tr("run"), tr("verdict"), tr("steps"), tr("final loss"), tr("best loss"), tr("smoothness")]
    target = experiment.target_loss is not None
    if target:
        head.insert(3, tr("steps to target"))
    rows = []
    for index in shown:
        each = standings[index]
        row = [
            _name(experiment, index),
            "–" if each.verdict is None else escape(each.verdict.word),
            f"{each.step:,}",
            _number(each.final_loss),
            _number(each.best_loss),
            f"{100 * each.smoothness:.3g} %" if math.isfinite(each.smoothness) else "–",
        ]
        if target:
            row.insert(3, "–" if each.steps_to_target is None else f"{each.steps_to_target:,}")
        rows.append(row)
    yield heading(tr("Numbers"))
    yield table(head, rows, numbers=range(2, len(head)))
    if experiment.has_batches:
        yield paragraph(tr("Losses are those on all data, at the end of every epoch and at the last step."), "quiet")


def _changes(experiment: Experiment, trace: Trace) -> Iterator[str]:
    for change in trace.rate_changes:
        name = experiment.label(change.run)
        text = tr("At step {step:,} the rate of {name} was changed from {before:g} to {after:g}.")
        yield paragraph(text.format(step=change.step, name=name, before=change.before, after=change.after))


def _repeat(experiment: Experiment, trace: Trace) -> Iterator[str]:
    yield heading(tr("Again"))
    if trace.rate_changes:
        yield paragraph(tr("A rate was changed on the way, so this command trains without that change:"))
    elif trace.length - 1 < experiment.steps and not trace.over(experiment.target_loss):
        text = tr("This report was made after {done:,} of {all:,} steps; the command makes all of them:")
        yield paragraph(text.format(done=trace.length - 1, all=experiment.steps))
    else:
        yield paragraph(tr("This command repeats it, number for number:"))
    words = command(experiment)
    yield f'<p class="command">{escape(words)}</p>'
    if words.endswith(" SESSION.lrs"):
        yield paragraph(tr("SESSION.lrs is the saved session, which has the data."), "quiet")


def _described(entry: Declared) -> str:
    """Returns the title of an entry, with the hyper-parameters that are not its defaults."""
    values = ((each, getattr(entry, each.name)) for each in entry.parameters())
    changed = [
        f"{tr(each.label)} = {_told(each, value)}" for each, value in values if value != each.default and each.offered
    ]
    title = tr(getattr(entry, "title", "")) or ""
    return (f"{title} ({', '.join(changed)})" if title else ", ".join(changed)) if changed else title or tr("exact")


def _told(parameter: Parameter, value: Any, *, exact: bool = False) -> str:
    """Returns a value as it is on the screen, numbers with six digits if not `exact`."""
    if parameter.name == "batch_size":
        return _size(value)
    if isinstance(parameter, Choice):
        return tr(parameter.titles[parameter.choices.index(value)])
    return parameter.plain(value) if exact or isinstance(value, bool) else parameter.short(value)


def _size(batch_size: int | None) -> str:
    return tr("all data") if batch_size is None else str(batch_size)


def _formula(text: str) -> str:
    try:
        return formula(typeset(parse_expression(text))) if len(text) <= _LONG else escape(text[:_LONG] + "…")
    except FormulaError:
        return escape(text)


def _number(value: float) -> str:
    return power_of_ten(f"{value:.6g}").replace("-", "−") if math.isfinite(value) else "–"
