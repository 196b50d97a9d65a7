"""What the numbers of each program mean; undone where that can be proved or is certain, otherwise told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.logs.assemble import Found
from lrstudio.store.logs.model import RATE, Column, LeftOut, Table, dense
from lrstudio.store.logs.names import EPOCH, STEP, meaning, normal

_LIGHTNING = 0.98
"""Lightning's finder keeps a moving average with this share of the old value."""
_SHARES = (0.05, 0.1, 0.02, 0.01, 0.2, 0.25, 0.3, 0.5)
"""Shares of the new loss in Ignite's and pytorch-lr-finder's moving average; the first is the default."""
_POUTYNE = ("epoch", "time", "lr", "loss")
"""The first columns of a log of Poutyne's CSVLogger."""
_WINDOW = 10
"""Number of iterations whose mean MMEngine logs."""
_SMALL = 0.01
"""A loss falls to 0 by steps: from above this share of the first one it does not."""
_RUNG = 1e-6
_ROUNDING, _LEAST_PROOF = 2e-13, 8


def explained(found: Found) -> Found:
    """Returns what was found with its numbers as they were trained with, and notes on what they mean."""
    for change in (_mmengine, _finder, _hugging_face, _nan_filter):
        found.tables = [change(table, found) for table in found.tables]
    names = {column.name for table in found.tables for column in table.columns}
    if found.producer == "Keras" and not any(meaning(name).role == RATE for name in names):
        found.notes.append(
            tr(
                "Keras logs the rate only if LearningRateScheduler or ReduceLROnPlateau is before CSVLogger in "
                "callbacks"
            )
        )
    elif found.producer == "Keras":
        found.notes.append(tr("Keras: each loss is the mean of an epoch, beside the rate of that epoch"))
    elif found.producer == "DeepSpeed":
        found.notes.append(tr("DeepSpeed counts samples in the column “step”"))
    elif any(tuple(column.name for column in table.columns[:4]) == _POUTYNE for table in found.tables):
        found.notes.append(
            tr(
                "in a log of Poutyne rates are those of the next epoch where the schedule is before CSVLogger in "
                "callbacks"
            )
        )
    plain = {normal(name) for name in names}
    if {"current_steps", "loss"} <= plain and not found.producer:
        found.producer = "LLaMA-Factory"
        found.notes.append(
            tr("LLaMA-Factory: each loss is the mean of logging_steps steps, beside the rate of the last")
        )
    return found


def _column(table: Table, name: str) -> Column | None:
    return next((column for column in table.columns if column.name == name), None)


def _with(table: Table, *columns: Column) -> Table:
    new = {column.name: column for column in columns}
    return replace(table, columns=tuple(new.get(column.name, column) for column in table.columns))


def _hugging_face(table: Table, found: Found) -> Table:
    """Leaves out the summary at the end of a training, whose train_loss is a mean over everything."""
    names = {column.name for column in table.columns}
    if "train_runtime" not in names or not {"loss", "learning_rate"} & names:
        if {"loss", "grad_norm", "learning_rate", EPOCH} <= names:
            found.producer = found.producer or "Hugging Face"
            found.notes.append(tr("Hugging Face: each loss is the mean of the last logging_steps steps"))
            return _of_next_step(table, found)
        return table
    found.producer = "Hugging Face"
    found.notes.append(
        tr(
            "Hugging Face: each loss is the mean of the last logging_steps steps, beside the rate of the last, or "
            "before transformers 4.51 of the step after"
        )
    )
    summary = _column(table, "train_runtime")
    assert summary is not None
    columns = []
    for column in table.columns:
        keep = ~np.isin(column.rows, summary.rows)
        if keep.any():
            columns.append(Column(column.name, column.rows[keep], column.values[keep]))
        else:
            found.left_out.append(LeftOut(column.name, tr("is about the whole training, not a step")))
    return _of_next_step(replace(table, columns=tuple(columns)), found)


def _of_next_step(table: Table, found: Found) -> Table:
    """Undoes rates of the next step, which show where the last is 0: no update of a schedule that ends at 0 has it."""
    rate, step = _column(table, "learning_rate"), _column(table, STEP)
    if rate is None or len(rate.values) < 3 or rate.values[-1] != 0 or rate.values[-2] <= 0:
        return table
    steps = np.empty(0) if step is None else dense(step, table.count)[rate.rows]
    if not len(steps) or not (np.diff(steps) == 1).all():
        found.notes.append(tr("transformers before 4.51 wrote this log: each rate is that of the step after"))
        return table
    found.notes.append(
        tr("transformers before 4.51 wrote this log, each rate a step too early: undone, it is that of its own step")
    )
    return _with(table, Column(rate.name, rate.rows[1:], rate.values[:-1]))


def _nan_filter(table: Table, found: Found) -> Table:
    """Undoes Hugging Face's logging_nan_inf_filter, which logs 0 where all losses since the last row were no numbers.

    That is so where the norm of the gradient is no number; in old logs, without it, where a loss that is not small is
    followed by zeros alone.
    """
    loss, norm = (_column(table, name) or _column(table, f"train/{name}") for name in ("loss", "grad_norm"))
    if loss is None or not (loss.values == 0).any():
        return table
    if norm is not None:
        step = _column(table, STEP)
        counts = np.arange(table.count) if step is None else dense(step, table.count)
        lost = (loss.values == 0) & np.isin(counts[loss.rows], counts[norm.rows[~np.isfinite(norm.values)]])
    else:
        last = int(np.flatnonzero(np.append(True, loss.values != 0))[-1]) - 1
        suddenly = found.producer == "Hugging Face" and last >= 0 and loss.values[last] > _SMALL * loss.values[0]
        lost = suddenly & (np.arange(len(loss.values)) > last)
    if not lost.any():
        return table
    found.notes.append(
        tr(
            "Hugging Face logs 0 for a loss that is no number (logging_nan_inf_filter): {count} zeros are read as NaN",
            count=int(lost.sum()),
        )
    )
    return _with(table, Column(loss.name, loss.rows, np.where(lost, np.nan, loss.values)))


def _mmengine(table: Table, found: Found) -> Table:
    """Gives the rows of a validation the step of the training before, and undoes means of single iterations."""
    step, iteration, loss = (_column(table, name) for name in (STEP, "iter", "loss"))
    if step is None or iteration is None or loss is None or _column(table, "data_time") is None:
        return table
    found.producer = "MMEngine"
    counts = dense(step, table.count).copy()
    trained = dense(iteration, table.count)
    last = 0.0
    for row in range(table.count):
        last = last if np.isnan(trained[row]) else float(trained[row])
        counts[row] = last
    if not np.array_equal(counts, dense(step, table.count), equal_nan=True):
        found.notes.append(
            tr("MMEngine counts epochs in the rows of a validation: they have the step of the training before")
        )
        step = Column(STEP, np.arange(table.count), counts)
    steps = counts[loss.rows]
    raw = without_means(loss.values) if len(steps) and (np.diff(steps) == 1).all() and steps[0] <= 1 else None
    if raw is not None and _is_exact(raw, loss.values, 2 * _WINDOW):
        found.notes.append(
            tr(
                "MMEngine logs the mean of {window} losses beside the rate of one: undone, these are single losses",
                window=_WINDOW,
            )
        )
        loss = Column("loss", loss.rows, raw)
    else:
        found.notes.append(
            tr(
                "MMEngine: each loss is the mean of up to {window} iterations, beside the rate of the last one",
                window=_WINDOW,
            )
        )
    rest = tuple(column for column in table.columns if column.name != "iter")
    return _with(replace(table, columns=rest), step, loss)


def _finder(table: Table, found: Found) -> Table:
    """Undoes the smoothing of a learning-rate finder's history, and its pairs of a loss and the next rate."""
    rates = [column for column in table.columns if meaning(column.name).role == RATE]
    loss = _column(table, "loss")
    if loss is None or not rates or len(table.columns) != len(rates) + 1 or not 5 <= table.count <= 100_000:
        return table
    rate = rates[0]
    whole = all(len(column.rows) == table.count for column in table.columns)
    if not whole or not (np.diff(rate.values, prepend=0) > 0).all():
        return table
    lr = rate.values
    if _leaves_rung_out(lr):
        found.producer = "Lightning"
        found.notes.append(
            tr("Lightning's finder logs a moving average that halves the first losses: undone, these are the losses")
        )
        found.notes.append(tr("Lightning's finder leaves out the second rung of its rates, and never trains with it"))
        return _with(table, Column("loss", loss.rows, without_average(loss.values)))
    for share in _SHARES:
        raw = without_share(loss.values, share)
        if _is_exact(raw, loss.values, 4 / share):
            found.producer = "Ignite or pytorch-lr-finder"
            found.notes.append(
                tr("the finder logs a moving average (smooth_f={share:g}): undone, these are the losses", share=share)
            )
            loss = Column("loss", loss.rows, raw)
            break
    first = float(_of_rate_before(rate).values[0])
    if (_geometric(lr) or _linear(lr)) and first > 0 and _is_round(first) and not _is_round(float(lr[0])):
        found.producer = "Ignite"
        found.notes.append(
            tr("Ignite logs with each loss the next rate: undone, the first loss is of the rate {first:g}", first=first)
        )
        rates = [_of_rate_before(column) for column in rates]
    elif not found.producer:
        found.notes.append(
            tr("learning-rate finders smooth their losses unless told otherwise: the curve may lag behind")
        )
    return _with(table, *rates, loss)


def _of_rate_before(rate: Column) -> Column:
    """Returns the rates one row later, with the one that goes on before the first."""
    lr = rate.values
    first = lr[0] * (lr[0] / lr[1]) if _geometric(lr) else 2 * lr[0] - lr[1]
    return Column(rate.name, rate.rows, np.append(first, lr[:-1]))


def without_average(smoothed: Array, beta: float = _LIGHTNING) -> Array:
    """Returns losses l (n,) of their average: a_i = beta*a_(i-1) + (1 - beta)*l_i, logged as a_i/(1 - beta^(i+2))."""
    average = np.empty(len(smoothed))
    weight = beta
    for place, value in enumerate(smoothed.tolist()):
        weight *= beta
        average[place] = value * (1 - weight)
    with np.errstate(over="ignore", invalid="ignore"):
        return (average - beta * np.append(0.0, average[:-1])) / (1 - beta)


def without_share(smoothed: Array, share: float) -> Array:
    """Returns losses l (n,) of s_0 = l_0, s_i = share*l_i + (1 - share)*s_(i-1)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.append(smoothed[:1], (smoothed[1:] - (1 - share) * smoothed[:-1]) / share)


def without_means(means: Array, window: int = _WINDOW) -> Array:
    """Returns losses (n,) of the means of the last `window`, or of all at the beginning."""
    losses = list[float]()
    for place, mean in enumerate(means.tolist()):
        size = min(place + 1, window)
        losses.append(mean * size - sum(losses[place + 1 - size :]))
    return np.array(losses, float)


def _is_exact(raw: Array, smoothed: Array, growth: float) -> bool:
    """Whether losses are float32 up to rounding, as PyTorch's are, and those that were logged are not.

    A wrong way of undoing makes numbers that are float32 by chance, which is ruled out by some of them.
    """
    finite = np.isfinite(raw) & np.isfinite(smoothed)
    raw, smoothed = raw[finite], smoothed[finite]
    with np.errstate(over="ignore", invalid="ignore"):
        single, logged = raw.astype(np.float32), smoothed.astype(np.float32)
        error = np.abs(raw - single)
        most = _ROUNDING * growth * np.maximum(np.abs(smoothed), np.abs(raw))
        proving = most < np.abs(raw) * 2.0**-28
        told = np.abs(smoothed - logged) > 0
    proofs = int(proving.sum())
    return proofs >= _LEAST_PROOF and 2 * int(told.sum()) > len(raw) and bool((error[proving] <= most[proving]).all())


def _geometric(lr: Array) -> bool:
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = lr[2:] / lr[1:-1]
    return bool((np.abs(factors / factors[0] - 1) < _RUNG).all() and abs(factors[0] - 1) > _RUNG)


def _linear(lr: Array) -> bool:
    steps = np.diff(lr)[1:]
    return bool(steps[0] != 0 and (np.abs(steps / steps[0] - 1) < _RUNG).all())


def _leaves_rung_out(lr: Array) -> bool:
    """Whether the first step of a ladder of rates is twice the others, as only Lightning's is."""
    if _geometric(lr) and abs(lr[1] / lr[0] / (lr[2] / lr[1]) ** 2 - 1) < _RUNG:
        return True
    return _linear(lr) and abs((lr[1] - lr[0]) / (lr[2] - lr[1]) / 2 - 1) < _RUNG


def _is_round(value: float) -> bool:
    return abs(float(f"{value:.3g}") / value - 1) < 1e-12
