"""One loss of a training log beside one rate, as the window of the range test shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import LARGEST
from lrstudio.core.elementary import power
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview, read_preview
from lrstudio.store.logs.assemble import Found, assembled
from lrstudio.store.logs.csv_log import header_of, layout_of
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, Log, Run, Series
from lrstudio.store.logs.names import meaning
from lrstudio.store.logs.producers.explained import explained
from lrstudio.store.logs.tables import TableReader

_RISE = 1.5
"""Minimum ratio of the last to the first rate of rates that rise."""
_SHOWN = 12


@dataclass(frozen=True)
class TrainingLog:
    """Steps, rates and losses (n,) in the order of the steps; losses may be NaN or infinite, rates are NaN if missing.

    A loss above 1e30 is infinite. `notes` describe changes and omissions, `bad` are the first bad cells.
    """

    title: str
    step: Array
    lr: Array
    loss: Array
    notes: tuple[str, ...] = ()
    bad: tuple[BadCell, ...] = ()

    @property
    def has_rates(self) -> bool:
        return bool(np.isfinite(self.lr).any())

    @property
    def rises(self) -> bool:
        """Whether the rates never fall and rise in total, as in a range test."""
        lr = self.lr
        return len(lr) > 1 and bool((lr > 0).all() and (np.diff(lr) >= 0).all() and lr[-1] >= _RISE * lr[0])


@dataclass(frozen=True, kw_only=True)
class LogChoices:
    """The complete format of a table, and the indices of the columns to read.

    Without `step` rows are counted from 0, without `lr` there are no rates. A row with a bad cell is an error, or
    skipped with `drop_bad`.
    """

    form: Format
    loss: int
    step: int | None = None
    lr: int | None = None
    drop_bad: bool = False

    @property
    def roles(self) -> dict[int, str]:
        """The role of each chosen column."""
        found = {self.loss: LOSS}
        if self.step is not None:
            found = {self.step: COUNTER} | found
        return found if self.lr is None else found | {self.lr: RATE}


def read_chosen(path: Path, choices: LogChoices, progress: Progress | None = None) -> TrainingLog:
    """Returns the chosen columns; CsvError if the file or the choices are not valid, BadCellsError for bad cells."""
    preview = read_preview(path, choices.form)
    _check(choices, preview)
    layout = layout_of(preview, path, {}) if preview.form.header else None
    names = preview.names if layout is None else layout.names
    further = {} if layout is None else {
        index: role for index, role in layout.roles.items() if role == COUNTER and choices.step is not None
    }  # fmt: skip
    roles = further | choices.roles
    reader = TableReader(names, choices.form, roles, header_of(preview))
    reader.read(path, preview.first, progress)
    reader.refuse_bad(choices.drop_bad)
    table = reader.table(preview.title)
    table = replace(table, counter=_counter(names, choices, further))
    found = Found(preview.title, [table])
    if layout is not None:
        found.producer = layout.producer
    if reader.dropped:
        found.notes.append(tr("{dropped} rows with a bad cell were left out", dropped=reader.dropped))
    if reader.cut:
        found.notes.append(tr("the last row is not complete: the file was being written"))
    log = assembled(explained(found), {})
    run = log.runs[0]
    loss = run.named(names[choices.loss])
    if loss is None:
        raise CsvError(tr("has no row with a loss"))
    made = paired(log, run, loss, None if choices.lr is None else run.named(names[choices.lr]))
    shown = {index for index in (choices.step, choices.lr, choices.loss) if index is not None} | set(further)
    others = [name for index, name in enumerate(names) if index not in shown]
    return replace(made, notes=(*made.notes, *_not_shown(others)), bad=tuple(reader.bad))


def _counter(names: tuple[str, ...], choices: LogChoices, further: dict[int, str]) -> str | None:
    """Returns the chosen counter; None to combine it with a column of epochs."""
    if choices.step is None:
        return ""
    kinds = {meaning(names[index]).kind for index in further if index != choices.step}
    own = meaning(names[choices.step]).kind
    return None if own in ("step", "batch") and "epoch" in kinds else names[choices.step]


def check_log(preview: Preview, choices: LogChoices) -> tuple[BadCell, ...]:
    """Returns the bad cells of the first rows; CsvError if the choices are not valid."""
    _check(choices, preview)
    reader = TableReader(preview.names, choices.form, choices.roles, header_of(preview))
    reader.add([list(row) for row in preview.rows], preview.first)
    return tuple(reader.bad)


def paired(log: Log, run: Run, loss: Series, rate: Series | None) -> TrainingLog:
    """Returns a loss with, at each of its steps, the last rate that was logged; what else the run has is in the notes.

    CsvError if all losses are before the first rate.
    """
    notes = list(log.notes)
    step, values = loss.at, loss.values
    lr = np.full(len(step), np.nan)
    if rate is not None and len(rate.values):
        index = np.searchsorted(rate.at, step, "right") - 1
        known = index >= 0
        if not known.any():
            raise CsvError(
                tr(
                    "{name} ends at {counter} {step:g}; {other} begins at {begin:g}",
                    name=loss.name,
                    counter=run.counter,
                    step=step[-1],
                    other=rate.name,
                    begin=rate.at[0],
                )
            )
        step, values, lr = step[known], values[known], rate.values[index[known]]
        early = int((~known).sum())
        notes += [tr("{early} losses before the first rate were left out", early=early)] * bool(early)
    huge = np.abs(values) > LARGEST
    if (huge & np.isfinite(values)).any():
        values = np.where(huge, np.copysign(np.inf, values), values)
        notes.append(tr("losses above {largest:g} are taken as diverged", largest=LARGEST))
    if meaning(loss.name).role == RATE:
        notes.append(tr("the loss is from “{name}”, whose name is that of a rate", name=loss.name))
    others = [each.name for each in run.series if each is not loss and each is not rate and each.role != COUNTER]
    notes += _not_shown(others)
    notes += [f"{left.name} {left.why}" for left in log.left_out if left.why != tr("has no value")][:_SHOWN]
    return TrainingLog(log.title, step.copy(), lr, values.copy(), tuple(notes), log.bad)


def _not_shown(names: list[str]) -> list[str]:
    if not names:
        return []
    text = mark("not shown: {names}") if len(names) <= _SHOWN else mark("not shown: {names} and {more} more")
    return [tr(text, names=", ".join(names[:_SHOWN]), more=len(names) - _SHOWN)]


def with_rates_of(losses: TrainingLog, rates: TrainingLog) -> TrainingLog:
    """Returns the losses of one file with the rates of another, its `loss`: at each step the last logged rate.

    CsvError if the files have no steps in common.
    """
    finite = np.isfinite(rates.loss)
    steps, values = rates.step[finite], rates.loss[finite]
    if not len(steps) or (values < 0).any():
        raise CsvError(tr("{title}: has no rates", title=rates.title))
    index = np.searchsorted(steps, losses.step, "right") - 1
    has_rate = index >= 0
    if not has_rate.any():
        raise CsvError(
            tr(
                "{title} ends at step {step:g}; {other} begins at {begin:g}",
                title=losses.title,
                step=losses.step[-1],
                other=rates.title,
                begin=steps[0],
            )
        )
    notes = list(losses.notes) + [f"{rates.title}: {note}" for note in rates.notes]
    if not has_rate.all():
        notes.append(tr("{early} losses before the first rate were left out", early=int((~has_rate).sum())))
    step, lr, loss = losses.step[has_rate], values[index[has_rate]], losses.loss[has_rate]
    return replace(losses, step=step, lr=lr, loss=loss, notes=tuple(notes), bad=(*losses.bad, *rates.bad))


def with_rates_between(log: TrainingLog, start: float, end: float) -> TrainingLog:
    """Returns the log with rates that grow by equal factors from its first row to its last."""
    if not (0 < start < np.inf and 0 < end < np.inf):
        raise CsvError(tr("the start and the end rate must be numbers above 0"))
    fraction = np.arange(len(log.loss)) / max(1, len(log.loss) - 1)
    return replace(log, lr=start * power(end / start, fraction))


def _check(choices: LogChoices, preview: Preview) -> None:
    columns = [column for column in (choices.step, choices.lr, choices.loss) if column is not None]
    if len(set(columns)) < len(columns):
        raise CsvError(tr("a column can be chosen only once: as step, rate or loss"))
    if not all(0 <= column < len(preview.names) for column in columns):
        raise CsvError(tr("has {count} columns", count=len(preview.names)))
