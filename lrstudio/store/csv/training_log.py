"""A log of somebody's training from CSV files: its steps, rates and losses. Every cell that is none is reported."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError, batches_of
from lrstudio.store.csv.import_csv import Preview, preview
from lrstudio.store.csv.log_rows import LogChoices, LogRows
from lrstudio.store.progress import Progress

_RISE = 1.5
"""How many times the first rate the last one is at least where rates are said to rise."""


@dataclass(frozen=True)
class TrainingLog:
    """Steps, rates and losses (n,) in the order of the steps. Losses may be NaN or infinite, all rates are NaN where
    the log has none. `notes` say what was changed or left out, `bad` are the first of the cells because of which.
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
        """Whether the rates rise from step to step, as those of a range test do; some may stay as they are."""
        if len(self.lr) < 2 or not (self.lr > 0).all():
            return False
        return bool((np.diff(self.lr) >= 0).all() and self.lr[-1] >= _RISE * self.lr[0])


def read_log(path: Path, choices: LogChoices, progress: Progress | None = None) -> TrainingLog:
    """Read the chosen columns piece by piece.

    `progress` is told often and may raise to cancel. CsvError says what is wrong with the file or the choices,
    BadCellsError which cells are, where they are not to be left out; OSError comes from the disk.
    """
    look = preview(path, choices.form)
    _check(choices, look)
    found = LogRows(choices, look.names)
    with closing(batches_of(path, choices.form, progress)) as batches:
        for first, batch in batches:
            found.add(batch, first)
    kept, notes = found.finish()
    step, lr, loss = kept.T.copy()
    return TrainingLog(look.title, step, lr, loss, tuple(notes), tuple(found.bad))


def check_log(look: Preview, choices: LogChoices) -> tuple[BadCell, ...]:
    """The bad cells among the first rows; CsvError where the choices do not go together."""
    _check(choices, look)
    found = LogRows(choices, look.names)
    found.add([list(row) for row in look.rows], look.first)
    return tuple(found.bad)


def with_rates_of(losses: TrainingLog, rates: TrainingLog) -> TrainingLog:
    """The losses of one file with the rates of another, by their steps: the rate in force is the last one logged.

    The second file's values are read as its `loss`. CsvError where they have no steps in common.
    """
    known = np.isfinite(rates.loss)
    steps, values = rates.step[known], rates.loss[known]
    if not len(steps) or (values < 0).any():
        raise CsvError(f"{rates.title}: has no rates")
    place = np.searchsorted(steps, losses.step, "right") - 1
    kept = place >= 0
    if not kept.any():
        raise CsvError(f"{losses.title} ends at step {losses.step[-1]:g}; {rates.title} begins at {steps[0]:g}")
    notes = list(losses.notes) + [f"{rates.title}: {note}" for note in rates.notes]
    if not kept.all():
        notes.append(f"{int((~kept).sum())} losses before the first rate were left out")
    return replace(
        losses,
        step=losses.step[kept],
        lr=values[place[kept]],
        loss=losses.loss[kept],
        notes=tuple(notes),
        bad=(*losses.bad, *rates.bad),
    )


def with_rates_between(log: TrainingLog, start: float, end: float) -> TrainingLog:
    """The log with the rates that a range test by equal factors has had, from its first row to its last."""
    if not (0 < start < np.inf and 0 < end < np.inf):
        raise CsvError("the start and the end rate must be numbers above 0")
    share = np.arange(len(log.loss)) / max(1, len(log.loss) - 1)
    return replace(log, lr=start * (end / start) ** share)


def _check(choices: LogChoices, look: Preview) -> None:
    places = [place for place in choices.places if place is not None]
    if len(set(places)) < len(places):
        raise CsvError("a column can be chosen only once: as step, rate or loss")
    if not all(0 <= place < len(look.names) for place in places):
        raise CsvError(f"has {len(look.names)} columns")
