"""Which rates an optimizer bears on a bowl, and how fast it gets there: limit, best rate, factor per step.

Curvatures are those of the loss as it is written. The problems here take the mean of squares (1/m); 1/(2m) would halve
the curvatures and double the limits. For preconditioned optimizers (Adam, RMSprop) give the curvatures of the Hessian
divided by the preconditioner (`curvature.curvatures(objective, w, preconditioner)`); what comes out holds while the
preconditioner stays as it is. `step` is the update, counted from 1, whose coefficients count (bias correction, NAdam's
momentum, RAdam's rectification); None is long after the warm-up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrstudio.core.analysis.recurrence import Recurrence, recurrence
from lrstudio.core.array import Array
from lrstudio.core.optimizers import Optimizer

_FINEST, _POINTS, _ROUNDS = 1e-9, 257, 8


class Mode(NamedTuple):
    """What one curvature does at one rate: the size of its slower root and how many steps a full swing takes.

    The period is 2 where the sign changes at every step, more where momentum swings, infinite where nothing does.
    """

    curvature: float
    factor: float
    period: float


def limits(optimizer: Optimizer, curvatures: Array, step: int | None = None) -> Array | None:
    """The limit of the rate for each of the curvatures, infinite where there is none; None for unknown optimizers."""
    known = recurrence(optimizer, step)
    return None if known is None else known.limit(np.asarray(curvatures, float))


def stability_limit(optimizer: Optimizer, curvatures: Array, step: int | None = None) -> float | None:
    """The rate above which the steps grow along the steepest of the curvatures (P,).

    Infinite where nothing is curved upwards; None for optimizers whose steps do not depend on the gradient's size.
    """
    each = limits(optimizer, curvatures, step)
    return None if each is None else float(np.min(each, initial=np.inf))


def curvature_limits(optimizer: Optimizer, rates: Array) -> Array | None:
    """The curvature above which the steps grow at each of the rates: 2/rate for gradient descent.

    The inverse of `limits`: 0 or less where every upward curvature is too much, infinite for the rate 0; None for
    unknown optimizers.
    """
    known = recurrence(optimizer)
    if known is None:
        return None
    rates = np.asarray(rates, float)
    with np.errstate(divide="ignore"):
        return np.where(rates > 0, known.curvature_limit(rates), np.where(rates == 0, np.inf, np.nan))


def factors(optimizer: Optimizer, rates: Array, curvatures: Array, step: int | None = None) -> Array | None:
    """By what the distance from the minimum is multiplied each step in the end, shaped as rates: the slowest counts.

    The spectral radius of the optimizer's companion matrices: below 1 it shrinks, at 1 it cycles, above 1 it grows.
    """
    known = recurrence(optimizer, step)
    return None if known is None else _factors(known, np.asarray(rates, float), np.asarray(curvatures, float))


def modes(optimizer: Optimizer, rate: float, curvatures: Array) -> tuple[Mode, ...] | None:
    """What each curvature does at a rate, the slowest first."""
    known = recurrence(optimizer)
    if known is None:
        return None
    bent = np.asarray(curvatures, float)
    roots = _roots(known, np.asarray(rate, float), bent)
    slower = roots[np.abs(roots).argmax(axis=0), np.arange(len(bent))]
    angles = np.abs(np.angle(slower))
    with np.errstate(divide="ignore"):
        periods = 2 * np.pi / angles
    found = [Mode(float(h), float(abs(z)), float(p)) for h, z, p in zip(bent, slower, periods, strict=True)]
    return tuple(sorted(found, key=lambda mode: -mode.factor))


def best_rate(optimizer: Optimizer, curvatures: Array) -> tuple[float, float] | None:
    """The constant rate that shrinks the distance fastest in the end, and its factor per step.

    Directions without upward curvature are left out. For gradient descent it is 2/(least + greatest). None where there
    is no upward curvature or the optimizer is unknown.
    """
    known = recurrence(optimizer)
    bent = np.asarray(curvatures, float)
    bent = bent[bent > 0]
    if known is None or not len(bent):
        return None
    if known == Recurrence(pull=known.pull):
        rate = 2 / (bent.min() + bent.max() + 2 * known.pull)
        return float(rate), float(_factors(known, rate, bent))
    top = float(known.limit(bent).min())
    low, high = np.log(top * _FINEST), np.log(top)
    for _ in range(_ROUNDS):  # the factor falls, may be level, and rises
        rates = np.linspace(low, high, _POINTS)
        found = _factors(known, np.exp(rates), bent)
        level = np.flatnonzero(found <= found.min() * (1 + 1e-13))
        first, last = int(level[0]), int(level[-1])
        low, high = rates[max(0, first - 1)], rates[min(_POINTS - 1, last + 1)]
    rate = np.exp(rates[(first + last) // 2])
    return float(rate), float(_factors(known, rate, bent))


def _factors(known: Recurrence, rates: Array, curvatures: Array) -> Array:
    slowest: Array = np.abs(_roots(known, rates[..., None], curvatures)).max(axis=(0, -1))
    return slowest


def _roots(known: Recurrence, rates: Array, curvatures: Array) -> Array:
    """Both roots (2, ...) of z² - trace z + determinant."""
    trace, determinant = known.trace_and_determinant(rates, curvatures)
    spread = np.sqrt(np.asarray(trace * trace - 4 * determinant, complex))
    return np.stack(np.broadcast_arrays((trace + spread) / 2, (trace - spread) / 2))
