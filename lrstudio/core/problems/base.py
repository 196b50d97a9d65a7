"""What a problem declares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared

Data = Mapping[str, Array]
Units = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Problem(Declared):
    """What is minimised: a loss formula of named parameters and, perhaps, data columns."""

    loss: ClassVar[str]
    """The loss, in the formula language; `mean` and `sum` go over the data."""
    names: ClassVar[tuple[str, ...]]
    """The parameters, in their order."""
    start: ClassVar[tuple[float, ...]]
    domain: ClassVar[tuple[tuple[float, float], ...]]
    """For each parameter the interval worth drawing."""
    model: ClassVar[str | None] = None
    """Where there is data x, y: the prediction for x, to draw the fit."""
    axes: ClassVar[tuple[str, str]] = ("x", "y")
    """What the data x, y is called."""
    axis_units: ClassVar[Units] = ((0.0, 1.0), (0.0, 1.0))
    """Offset and scale of x and of y: what is drawn is offset + scale * value."""
    metrics: ClassVar[tuple[str, ...]] = ()
    """What is recorded beside loss, rate, parameters and gradient."""
    usual_batch: ClassVar[int | None] = None
    """The data points a step that a new experiment has; None for all."""
    movable: ClassVar[bool] = True
    """Whether a run may start elsewhere."""
    recorded: ClassVar[Any] = slice(None)
    """The places of `names` among all parameters."""

    @property
    def size(self) -> int:
        """P, the number of parameters."""
        return len(self.names)

    def initial(self, seed: int) -> Array:
        """All parameters (P,) where a run starts that says nothing else."""
        return np.array(self.start, float)

    @classmethod
    def group(cls) -> str:
        """One weight, a fit to data, or a surface over several parameters."""
        if cls.model is not None:
            return "data"
        return "one weight" if len(cls.names) == 1 else "surface"

    def data(self, seed: int) -> Data:
        """The data columns (m,) by name; empty where the loss needs none."""
        return {}

    @property
    def has_data(self) -> bool:
        """Whether the loss goes over data, of which there can be batches."""
        return self.model is not None

    def shown(self, seed: int) -> Data:
        """The data x, y (k,) to draw, in the units of its axes."""
        return self.data(seed)

    @abstractmethod
    def optimum(self, data: Data) -> tuple[float, ...] | None:
        """Where the loss is least, or None where that is not known."""

    def minima(self, data: Data) -> tuple[tuple[float, ...], ...]:
        """All minima that are known, the lowest first."""
        optimum = self.optimum(data)
        return () if optimum is None else (optimum,)


@dataclass(frozen=True, kw_only=True)
class Surface(Problem):
    """A loss without data, whose minima are known beforehand."""

    known: ClassVar[tuple[tuple[float, ...], ...]]
    """The minima, the lowest first; none where the loss has no floor."""
    least: ClassVar[float | None]
    """The loss at the lowest of them."""

    def optimum(self, data: Data) -> tuple[float, ...] | None:
        return self.known[0] if self.known else None

    def minima(self, data: Data) -> tuple[tuple[float, ...], ...]:
        return self.known


def least_squares(data: Data) -> tuple[float, float]:
    """Slope and intercept of the line with the least mean square error through x, y."""
    columns = np.stack([data["x"], np.ones_like(data["x"])], axis=1)
    slope, intercept = np.linalg.lstsq(columns, data["y"], rcond=None)[0]
    return float(slope), float(intercept)
