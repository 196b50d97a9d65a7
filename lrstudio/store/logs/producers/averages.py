"""Undoing what learning-rate finders and loggers do to losses: moving averages, means, and rates of the next step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.logs.assemble import Found
from lrstudio.store.logs.model import RATE, Column, Table
from lrstudio.store.logs.names import meaning

_LIGHTNING = 0.98
"""Lightning's finder keeps a moving average with this share of the old value."""
_SHARES = (0.05, 0.1, 0.02, 0.01, 0.2, 0.25, 0.3, 0.5)
"""Shares of the new loss in Ignite's and pytorch-lr-finder's moving average; the first is the default."""
WINDOW = 10
"""Number of iterations whose mean MMEngine logs."""
_RUNG = 1e-6
_ROUNDING, _LEAST_PROOF = 2e-13, 8


def column_named(table: Table, name: str) -> Column | None:
    return next((column for column in table.columns if column.name == name), None)


def with_columns(table: Table, *columns: Column) -> Table:
    new = {column.name: column for column in columns}
    return replace(table, columns=tuple(new.get(column.name, column) for column in table.columns))


def finder(table: Table, found: Found) -> Table:
    """Undoes the smoothing of a learning-rate finder's history, and its pairs of a loss and the next rate."""
    rates = [column for column in table.columns if meaning(column.name).role == RATE]
    loss = column_named(table, "loss")
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
        return with_columns(table, Column("loss", loss.rows, without_average(loss.values)))
    for share in _SHARES:
        raw = without_share(loss.values, share)
        if is_exact(raw, loss.values, 4 / share):
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
    return with_columns(table, *rates, loss)


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


def without_means(means: Array, window: int = WINDOW) -> Array:
    """Returns losses (n,) of the means of the last `window`, or of all at the beginning."""
    losses = list[float]()
    for place, mean in enumerate(means.tolist()):
        size = min(place + 1, window)
        losses.append(mean * size - sum(losses[place + 1 - size :]))
    return np.array(losses, float)


def is_exact(raw: Array, smoothed: Array, growth: float) -> bool:
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
