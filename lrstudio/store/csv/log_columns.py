"""Which columns of a log of somebody's training are its steps, rates and losses, as far as their names tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrstudio.store.csv.import_csv import Preview

_STEPS = ("global_step", "step", "steps", "iteration", "iter", "it", "batch", "epoch")
_RATES = ("lr", "learning_rate", "learningrate", "train_lr", "train_learning_rate")
_LOSSES = ("loss", "train_loss", "training_loss", "loss_train", "batch_loss", "train_loss_step", "running_loss")
_TENSORBOARD = ("wall_time", "step", "value")
_RATE_WORDS = re.compile(r"(?<![a-z])(lr|learning[ _-]?rate)(?![a-z])")
_TEST_WORDS = re.compile(r"(?<![a-z])(val|valid|validation|test|eval)(?![a-z])")


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
