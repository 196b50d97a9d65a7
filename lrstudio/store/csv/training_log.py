"""Training logs from CSV files: their steps, rates and losses. Bad cells are reported."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import power
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError, batches_of
from lrstudio.store.csv.import_csv import Preview, read_preview
from lrstudio.store.csv.log_rows import LogChoices, LogRows

_RISE = 1.5
"""Minimum ratio of the last to the first rate of rates that rise."""

_STEPS = ("global_step", "step", "steps", "iteration", "iter", "it", "batch", "epoch")
_RATES = ("lr", "learning_rate", "learningrate", "train_lr", "train_learning_rate")
_LOSSES = ("loss", "train_loss", "training_loss", "loss_train", "batch_loss", "train_loss_step", "running_loss")
_TENSORBOARD = ("wall_time", "step", "value")
_RATE_WORDS = re.compile(r"(?<![a-z])(lr|learning[ _-]?rate)(?![a-z])")
_TEST_WORDS = re.compile(r"(?<![a-z])(val|valid|validation|test|eval)(?![a-z])")


@dataclass(frozen=True)
class TrainingLog:
    """Steps, rates and losses (n,) in the order of the steps; losses may be NaN or infinite, rates are NaN if missing.

    `notes` describe changes and omissions, `bad` are the first bad cells.
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


def read_log(path: Path, choices: LogChoices, progress: Progress | None = None) -> TrainingLog:
    """Returns the chosen columns; CsvError if the file or the choices are not valid, BadCellsError for bad cells."""
    preview = read_preview(path, choices.form)
    _check(choices, preview)
    rows = LogRows(preview.names, choices)
    with closing(batches_of(path, choices.form, preview.first, progress)) as batches:
        for first, batch in batches:
            rows.add(batch, first)
    values, notes = rows.finish()
    step, lr, loss = values.T.copy()
    return TrainingLog(preview.title, step, lr, loss, tuple(notes), tuple(rows.bad))


def check_log(preview: Preview, choices: LogChoices) -> tuple[BadCell, ...]:
    """Returns the bad cells of the first rows; CsvError if the choices are not valid."""
    _check(choices, preview)
    rows = LogRows(preview.names, choices)
    rows.add([list(row) for row in preview.rows], preview.first)
    return tuple(rows.bad)


def with_rates_of(losses: TrainingLog, rates: TrainingLog) -> TrainingLog:
    """Returns the losses of one file with the rates of another, its `loss`: at each step the last logged rate.

    CsvError if the files have no steps in common.
    """
    finite = np.isfinite(rates.loss)
    steps, values = rates.step[finite], rates.loss[finite]
    if not len(steps) or (values < 0).any():
        raise CsvError(f"{rates.title}: has no rates")
    index = np.searchsorted(steps, losses.step, "right") - 1
    has_rate = index >= 0
    if not has_rate.any():
        raise CsvError(f"{losses.title} ends at step {losses.step[-1]:g}; {rates.title} begins at {steps[0]:g}")
    notes = list(losses.notes) + [f"{rates.title}: {note}" for note in rates.notes]
    if not has_rate.all():
        notes.append(f"{int((~has_rate).sum())} losses before the first rate were left out")
    step, lr, loss = losses.step[has_rate], values[index[has_rate]], losses.loss[has_rate]
    return replace(losses, step=step, lr=lr, loss=loss, notes=tuple(notes), bad=(*losses.bad, *rates.bad))


def with_rates_between(log: TrainingLog, start: float, end: float) -> TrainingLog:
    """Returns the log with rates that grow by equal factors from its first row to its last."""
    if not (0 < start < np.inf and 0 < end < np.inf):
        raise CsvError("the start and the end rate must be numbers above 0")
    fraction = np.arange(len(log.loss)) / max(1, len(log.loss) - 1)
    return replace(log, lr=start * power(end / start, fraction))


def _check(choices: LogChoices, preview: Preview) -> None:
    columns = [column for column in choices.columns if column is not None]
    if len(set(columns)) < len(columns):
        raise CsvError("a column can be chosen only once: as step, rate or loss")
    if not all(0 <= column < len(preview.names) for column in columns):
        raise CsvError(f"has {len(preview.names)} columns")


@dataclass(frozen=True)
class LogColumns:
    """The indices of the columns; without `step` rows are counted, without `lr` there are no rates.

    `sure` says whether the names are unambiguous. `values` is `lr` if the file has only rates.
    """

    step: int | None
    lr: int | None
    loss: int | None
    sure: bool = False
    values: str = "loss"


def guess_columns(preview: Preview) -> LogColumns:
    """Returns the columns by their names, and for TensorBoard, whose names are always the same, by that of the file."""
    names = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in preview.names]
    if tuple(names) == _TENSORBOARD:
        values = "lr" if _RATE_WORDS.search(preview.title.lower()) else "loss"
        return LogColumns(1, 2 if values == "lr" else None, 2 if values == "loss" else None, values=values)
    if not preview.form.header:
        return _by_position(preview)
    step = _first(names, _STEPS)
    lr = _first(names, _RATES)
    if lr is None:
        lr = next((index for index, name in enumerate(names) if _RATE_WORDS.search(name.replace("_", " "))), None)
    loss = _first(names, _LOSSES)
    sure = loss is not None
    if loss is None:
        others = [index for index, name in enumerate(names) if "loss" in name and index not in (step, lr)]
        others.sort(key=lambda index: bool(_TEST_WORDS.search(names[index].replace("_", " "))))
        loss = others[0] if others else None
        sure = len(others) == 1
    return LogColumns(step, lr, loss, sure=sure and lr is not None)


def _by_position(preview: Preview) -> LogColumns:
    """Returns the last column of numbers as the loss, the one before as the rate, the first as the step."""
    numbers = [index for index, kind in enumerate(preview.kinds) if kind == "number"]
    loss = numbers[-1] if numbers else None
    lr = numbers[-2] if len(numbers) > 1 else None
    return LogColumns(numbers[0] if len(numbers) > 2 else None, lr, loss)


def _first(names: list[str], candidates: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in candidates if name in names), None)
