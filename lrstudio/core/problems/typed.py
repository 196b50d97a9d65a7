"""What the problems have in common whose loss somebody has typed."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import text
from lrstudio.core.formula.loss import TypedLoss
from lrstudio.core.parameter import read_number
from lrstudio.core.problems.base import Data, Problem

Domain = tuple[tuple[float, float], ...]

_FAR = 1e9
_NEAR, _WIDE = (2.0, 1.0, 0.5, 0.2, 0.1), (10.0, 3.0, 1.0, 0.3, 0.1)
"""How far around the lowest point that they have the searches for a domain look, one time after the other."""
_BETTER = 0.1
"""What is found far away has to be lower by this share of the way down."""
_MOST_LOOKS, _FEWEST_LOOKS, _ROWS = 512, 64, 30
_WORK = 200_000
"""So many operations on a point and a row one look around may take, so that a long formula does not hold up."""


class Typed(Problem):
    """A problem whose parameters are the unknown names of a text; they start at 1."""

    area: str | None = text(
        None, "what is drawn of each parameter: one interval for all, as -4..4, or -4..4+-2..2", label="drawn area"
    )

    @classmethod
    def group(cls) -> str:
        return "your own"

    @cached_property
    @abstractmethod
    def typed(self) -> TypedLoss:
        """The loss that the text means; FormulaError where it means none."""

    def check(self) -> None:
        intervals(self.area, len(self.names))

    @cached_property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The parameters, in the order in which they appear."""
        return tuple(self.typed.parameters)

    @property
    def start(self) -> tuple[float, ...]:  # type: ignore[override]
        """1 for each of them."""
        return (1.0,) * len(self.names)

    @cached_property
    def domain(self) -> Domain:  # type: ignore[override]
        """The area that was typed; otherwise a square around the lowest point near the start that it has."""
        return intervals(self.area, len(self.names)) or _around(self.typed, self.data(0))

    def optimum(self, data: Data) -> tuple[float, ...] | None:
        """The minimum of a loss of second degree; of others it is not known."""
        return self.typed.quadratic_minimum(data)


def intervals(area: str | None, size: int) -> Domain:
    """An interval for each parameter from `low..high` for all or, joined with +, for one after the other.

    Empty where there is no text; ValueError says what is allowed.
    """
    if area is None:
        return ()
    parts = area.replace("…", "..").replace(",", "+").split("+")
    found = tuple(pair for part in parts if (pair := _interval(part)) is not None)
    if len(found) != len(parts) or len(found) not in (1, size):
        many = f", or {size} of them joined with +" if size > 1 else ""
        raise ValueError(f"area = {area[:60]!r}: must be an interval such as -4..4{many}")
    return found * size if len(found) == 1 else found


def _interval(part: str) -> tuple[float, float] | None:
    low, _, high = part.partition("..")
    ends = read_number(low, whole=False), read_number(high, whole=False)
    if ends[0] is None or ends[1] is None or not max(map(abs, ends)) <= _FAR:  # type: ignore[arg-type]
        return None
    return ends if ends[1] - ends[0] > 1e-9 * max(map(abs, ends)) else None  # type: ignore[arg-type, return-value]


def _around(typed: TypedLoss, data: Data) -> Domain:
    """A square around the lowest point near 1, 1, ... that the start is in; around the start where there is none."""
    columns = [np.asarray(column[:_ROWS], float) for column in data.values()]
    work = len(typed.graph.nodes) * (len(columns[0]) if columns else 1)
    looks = min(max(_WORK // work, _FEWEST_LOOKS), _MOST_LOOKS)
    loss, size = typed.function(), len(typed.parameters)

    def values(points: Array) -> Array:
        with np.errstate(all="ignore"):
            found = np.asarray(loss(*points.T[:, :, None], *columns)[0], float).reshape(-1)
        return np.where(np.isfinite(found), found, np.inf) if len(found) == len(points) else np.zeros(len(points))

    start = np.ones(size)
    best, wide = _lowest(values, start, _NEAR, looks), _lowest(values, start, _WIDE, looks)
    high, low, lower = values(np.stack([start, best, wide]))
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(low) or lower < low - _BETTER * (high - low):
            best = wide
    away = float(np.abs(best - start).max())
    if away > 0.9 * _WIDE[0]:  # it goes on falling, and where to is not known
        best, away = start, 4.0
    half = math.ceil(2.5 * max(2.0, away)) / 2
    return tuple((round(float(value) - half, 1), round(float(value) + half, 1)) for value in best)


def _lowest(values: Callable[[Array], Array], start: Array, reaches: tuple[float, ...], looks: int) -> Array:
    """The lowest of many points around the start, around that one, and so on."""
    random, best = np.random.default_rng(0), start
    for reach in reaches:
        points = best + reach * np.concatenate([np.zeros((1, len(start))), random.uniform(-1, 1, (looks, len(start)))])
        points = np.clip(points, start - _WIDE[0], start + _WIDE[0])
        best = points[int(values(points).argmin())]
    return best
