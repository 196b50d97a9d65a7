"""Base class of the problems with a typed loss or model."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import choice, param, text
from lrstudio.core.elementary import exp, sin
from lrstudio.core.formula.loss import TypedLoss
from lrstudio.core.language import mark, tr
from lrstudio.core.parameter import read_decimal
from lrstudio.core.problems.base import Data, Problem
from lrstudio.core.random_numbers import normal, uniform

Domain = tuple[tuple[float, float], ...]

_LARGEST_BOUND = 1e9
_NEAR, _WIDE = (2.0, 1.0, 0.5, 0.2, 0.1), (10.0, 3.0, 1.0, 0.3, 0.1)
"""The radii of the rounds of a narrow and of a wide random search around the lowest point so far."""
_BETTER = 0.1
"""The wide search wins if it is lower by this share of the narrow search's descent."""
_MOST_POINTS, _FEWEST_POINTS, _ROWS = 512, 64, 30
_WORK = 200_000
"""The most operations times points times data rows in a search round; a long formula is tried at fewer points."""
_CURVES: Mapping[str, Callable[[Array], Array]] = {
    mark("line"): lambda x: 1.5 * x - 0.5,
    mark("sine"): lambda x: 2 * sin(1.5 * x) + 0.5,
    mark("parabola"): lambda x: 0.5 * x**2 - x - 1,
    mark("exponential"): lambda x: 0.8 * exp(0.6 * x),
}


class Typed(Problem):
    """A problem whose parameters are the unknown names in a text; they start at 1."""

    area: str | None = text(
        None, "what is drawn of each parameter: one interval for all, as -4..4, or -4..4+-2..2", label="drawn area"
    )
    curve: str = choice("sine", tuple(_CURVES), "the curve that the data are drawn around")
    n: int = param(60, "number of points", 2, 10_000, scale="log", label="points")
    noise: float = param(0.2, "standard deviation of what is added to y", 0, 100)

    @classmethod
    def group(cls) -> str:
        return "your own"

    @cached_property
    @abstractmethod
    def typed(self) -> TypedLoss:
        """The parsed loss; raises FormulaError."""

    def check(self) -> None:
        intervals(self.area, len(self.names))

    @cached_property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The parameters in the order of their first appearance."""
        return tuple(self.typed.parameters)

    @property
    def start(self) -> tuple[float, ...]:  # type: ignore[override]
        return (1.0,) * len(self.names)

    @cached_property
    def domain(self) -> Domain:  # type: ignore[override]
        """The typed area, or by default a square around the lowest point near the start."""
        return intervals(self.area, len(self.names)) or _domain_around_lowest(self.typed, self.data(0))

    def optimum(self, data: Data) -> tuple[float, ...] | None:
        """Returns the minimum of a quadratic loss; None for other losses."""
        return self.typed.quadratic_minimum(data)

    def points(self, seed: int) -> Data:
        """Returns data (n,): x uniform in [-3, 3), y the curve plus normal noise."""
        random = np.random.default_rng(seed)
        x = uniform(random, -3, 3, self.n)
        return {"x": x, "y": _CURVES[self.curve](x) + self.noise * normal(random, self.n)}


def intervals(area: str | None, size: int) -> Domain:
    """Returns an interval for each of `size` parameters from `low..high` for all, or one for each joined with +.

    Returns an empty tuple for None. Raises ValueError with the allowed form.
    """
    if area is None:
        return ()
    parts = area.replace("…", "..").replace(",", "+").split("+")
    domain = tuple(pair for part in parts if (pair := _interval(part)) is not None)
    if len(domain) != len(parts) or len(domain) not in (1, size):
        if size == 1:
            raise ValueError(tr("area = {area!r}: must be an interval such as -4..4", area=area[:60]))
        raise ValueError(
            tr(
                "area = {area!r}: must be an interval such as -4..4, or {size} of them joined with +",
                area=area[:60],
                size=size,
            )
        )
    return domain * size if len(domain) == 1 else domain


def _interval(part: str) -> tuple[float, float] | None:
    low, _, high = part.partition("..")
    ends = read_decimal(low), read_decimal(high)
    if ends[0] is None or ends[1] is None or not max(map(abs, ends)) <= _LARGEST_BOUND:  # type: ignore[arg-type]
        return None
    return ends if ends[1] - ends[0] > 1e-9 * max(map(abs, ends)) else None  # type: ignore[arg-type, return-value]


def _domain_around_lowest(typed: TypedLoss, data: Data) -> Domain:
    """Returns a square that holds the start 1, 1, ..., around the lowest point near it; around the start if none."""
    columns = [np.asarray(column[:_ROWS], float) for column in data.values()]
    work = len(typed.graph.nodes) * (len(columns[0]) if columns else 1)
    count = min(max(_WORK // work, _FEWEST_POINTS), _MOST_POINTS)
    loss, size = typed.function(), len(typed.parameters)

    def values(points: Array) -> Array:
        with np.errstate(all="ignore"):
            losses = np.asarray(loss(*points.T[:, :, None], *columns)[0], float).reshape(-1)
        return np.where(np.isfinite(losses), losses, np.inf) if len(losses) == len(points) else np.zeros(len(points))

    start = np.ones(size)
    best, wide = _lowest(values, start, _NEAR, count), _lowest(values, start, _WIDE, count)
    high, low, lower = values(np.stack([start, best, wide]))
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(low) or lower < low - _BETTER * (high - low):
            best = wide
    distance = float(np.abs(best - start).max())
    if distance > 0.9 * _WIDE[0]:  # the loss still falls at the edge of the search
        best, distance = start, 4.0
    half = math.ceil(2.5 * max(2.0, distance)) / 2
    return tuple((round(float(value) - half, 1), round(float(value) + half, 1)) for value in best)


def _lowest(values: Callable[[Array], Array], start: Array, radii: tuple[float, ...], count: int) -> Array:
    """Returns the lowest point of a random search from the start, one round for each radius."""
    random, best = np.random.default_rng(0), start
    for radius in radii:
        points = best + radius * np.concatenate(
            [np.zeros((1, len(start))), uniform(random, -1, 1, (count, len(start)))]
        )
        points = np.clip(points, start - _WIDE[0], start + _WIDE[0])
        best = points[int(values(points).argmin())]
    return best
