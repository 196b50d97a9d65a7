"""The loss on a grid over one or two parameters, to draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.core.record import dataclass

_VALUES = 2**21
"""The most points times data points of one call, which bounds the memory."""
_WORK, _FEWEST_ROWS = 6_000_000, 200
"""The most points times data points in all, but at least this number of data points."""
_ROUNDING = 1e-9
"""A value below this share of its interval is shown as 0."""

Domain = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Landscape:
    """Losses on a regular grid: axes (n0,), (n1,) and loss (n0,) for one parameter, (n1, n0) for two.

    With more than two it is a slice: the first two vary, the others have their values at the point `through`.
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
        """The fixed parameters of a slice, as `c = 1.5`; otherwise empty."""
        if self.objective is None:
            return ()
        others = list(zip(self.objective.names, self.through, self.domain, strict=False))[len(self.names) :]
        return tuple(f"{name} = {_rounded(value, high - low):.4g}" for name, value, (low, high) in others)

    def loss_at(self, point: tuple[float, ...]) -> float:
        """Returns the exact loss at a point; NaN without an objective."""
        if self.objective is None:
            return float("nan")
        with np.errstate(all="ignore"):
            return float(self.objective.loss(np.array([(*point, *self.through[len(point) :])]))[0])


def landscape(
    objective: Objective,
    domain: Domain,
    resolution: int = 121,
    through: Sequence[float] = (),
) -> Landscape:
    """Returns the loss on a grid over the domain of the first one or two parameters; non-finite losses are NaN.

    With more parameters it is the slice through a point. Very large data are subsampled evenly to limit the time.
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
    fixed_point = tuple(map(float, through)) if len(names) > 2 else ()
    return Landscape(names[:2], axes, loss.reshape([resolution] * len(axes)), objective, fixed_point, domain)


def _rounded(value: float, size: float) -> float:
    """Returns a value, or 0 if it is within rounding of 0 on an interval of this size."""
    return value if abs(value) > _ROUNDING * size else 0.0
