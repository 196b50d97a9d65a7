"""A log of somebody's training from CSV files: its steps, rates and losses. Every cell that is none is reported."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError, batches_of
from lrstudio.store.csv.import_csv import Preview, preview
from lrstudio.store.csv.log_rows import LogChoices, LogRows

_RISE = 1.5
"""How many times the first rate the last one is at least where rates are said to rise."""

_STEPS = ("global_step", "step", "steps", "iteration", "iter", "it", "batch", "epoch")
_RATES = ("lr", "learning_rate", "learningrate", "train_lr", "train_learning_rate")
_LOSSES = ("loss", "train_loss", "training_loss", "loss_train", "batch_loss", "train_loss_step", "running_loss")
_TENSORBOARD = ("wall_time", "step", "value")
_RATE_WORDS = re.compile(r"(?<![a-z])(lr|learning[ _-]?rate)(?![a-z])")
_TEST_WORDS = re.compile(r"(?<![a-z])(val|valid|validation|test|eval)(?![a-z])")


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


@dataclass(frozen=True)
class LogColumns:
    """The places of the columns, counted from 0. Without `step` rows are counted, without `lr` it has no rates.

    `sure` is whether the names leave no doubt. `values` is `lr` where the file has one series, and that is of rates.
    """

    step: int | None
    lr: int | None
    loss: int | None
    sure: bool = False
    values: str = "loss"


def guess(look: Preview) -> LogColumns:
    """What the names of the columns say, and for TensorBoard's, which are always the same, that of the file."""
    names = [_plain(name) for name in look.names]
    if tuple(names) == _TENSORBOARD:
        values = "lr" if _RATE_WORDS.search(look.title.lower()) else "loss"
        return LogColumns(1, 2 if values == "lr" else None, 2 if values == "loss" else None, values=values)
    if not look.form.header:
        return _by_number(look)
    step = _first(names, _STEPS)
    lr = _first(names, _RATES)
    if lr is None:
        lr = next((place for place, name in enumerate(names) if _RATE_WORDS.search(name.replace("_", " "))), None)
    loss = _first(names, _LOSSES)
    told = loss is not None
    if loss is None:
        others = [place for place, name in enumerate(names) if "loss" in name and place not in (step, lr)]
        others.sort(key=lambda place: bool(_TEST_WORDS.search(names[place].replace("_", " "))))
        loss = others[0] if others else None
        told = len(others) == 1
    return LogColumns(step, lr, loss, sure=told and lr is not None)


def _by_number(look: Preview) -> LogColumns:
    """Without names: the last column is the loss, the one before it the rate, the first the step."""
    numbers = [place for place, kind in enumerate(look.kinds) if kind == "number"]
    loss = numbers[-1] if numbers else None
    lr = numbers[-2] if len(numbers) > 1 else None
    return LogColumns(numbers[0] if len(numbers) > 2 else None, lr, loss)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _first(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)
