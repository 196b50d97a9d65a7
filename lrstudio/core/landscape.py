"""The loss over a part of the plane or the line, or a slice of it, to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective

_VALUES = 2**21
"""So many points times data points at once: memory stays small however much data there is."""
_WORK, _FEWEST_ROWS = 6_000_000, 200
"""So many points times data points in all, but of the data no fewer than these."""
_NOTHING = 1e-9
"""So much of an interval is nothing."""

Domain = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Landscape:
    """Losses on a regular grid: axes (n0,), (n1,) and loss (n0,) for one parameter, (n1, n0) for two.

    Of more than two it is a slice: the first two vary, the others are those of the point `through`.
    """

    names: tuple[str, ...]
    axes: tuple[Array, ...]
    loss: Array
    objective: Objective | None = None
    through: tuple[float, ...] = ()
    domain: Domain = ()
    """The intervals of all parameters, the ones on the axes first."""

    @property
    def cut(self) -> tuple[str, ...]:
        """Where the slice lies, as `c = 1.5`; empty where it is none."""
        if self.objective is None:
            return ()
        others = list(zip(self.objective.names, self.through, self.domain, strict=False))[len(self.names) :]
        return tuple(f"{name} = {_told(value, high - low):.4g}" for name, value, (low, high) in others)

    def loss_at(self, place: tuple[float, ...]) -> float:
        """The exact loss at a place; NaN where there is none."""
        if self.objective is None:
            return float("nan")
        with np.errstate(all="ignore"):
            return float(self.objective.loss(np.array([(*place, *self.through[len(place) :])]))[0])


def landscape(
    objective: Objective,
    domain: Domain,
    resolution: int = 121,
    through: Sequence[float] = (),
) -> Landscape:
    """The loss at resolution**2 points of the domain of the first one or two parameters; non-finite losses are NaN.

    Of more parameters it is the slice through a point. Of very many data points an even share is used, so that the
    picture is there in a fraction of a second.
    """
    names = objective.names
    if len(names) > 2 and len(through) != len(names):
        raise ValueError(f"a landscape of {len(names)} parameters is a slice through a point of as many")
    axes = tuple(np.linspace(low, high, resolution) for low, high in domain[:2])
    points = np.stack([values.ravel() for values in np.meshgrid(*axes)], axis=1)
    fixed = np.array(through[2:], float)
    points = np.concatenate([points, np.broadcast_to(fixed, (len(points), len(fixed)))], axis=1)
    share = max(_FEWEST_ROWS, _WORK // len(points))
    rows = np.linspace(0, objective.size - 1, share).astype(int) if objective.size > share else None
    pieces = np.array_split(points, -(-len(points) * max(1, min(objective.size, share)) // _VALUES))
    with np.errstate(all="ignore"):
        loss = np.concatenate([objective.loss(piece, rows) for piece in pieces]).astype(float)
    loss[~np.isfinite(loss)] = np.nan
    where = tuple(map(float, through)) if len(names) > 2 else ()
    return Landscape(names[:2], axes, loss.reshape([resolution] * len(axes)), objective, where, domain)


def _told(value: float, size: float) -> float:
    """A value, or the 0 that it is but for rounding, on an interval of this size."""
    return value if abs(value) > _NOTHING * size else 0.0
