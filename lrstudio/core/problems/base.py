"""What a problem declares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import Dataset
from lrstudio.core.declaration import Declared
from lrstudio.core.formula.compile import DType
from lrstudio.core.network import Network, Split
from lrstudio.core.objective import FLOAT64, FormulaObjective, Objective

Data = Mapping[str, Array]
Units = tuple[tuple[float, float], tuple[float, float]]


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
    least: ClassVar[float | None] = None
    """The least loss, where it is known beforehand."""
    lower_bound: ClassVar[float | None] = None
    """What the loss never falls below, where its minima are not known."""
    has_landscape: ClassVar[bool] = True
    """Whether the loss can be looked at over its `domain`: drawn, searched for minima, its curvature compared."""
    has_editable_start: ClassVar[bool] = True
    """Whether a run may start elsewhere."""
    has_numerical_gradient: ClassVar[bool] = True
    """Whether the parameters are few enough for finite differences of the loss."""
    records_all_parameters: ClassVar[bool] = True
    """Whether each step of a trace has all parameters; otherwise the `recorded` ones, and snapshots of all."""
    recorded: ClassVar[Any] = slice(None)
    """The indices of `names` among all parameters."""
    depends_on_seed: ClassVar[bool] = False
    """Whether another seed gives other data or another start."""
    is_expensive: ClassVar[bool] = False
    """Whether a step takes so long that fewer rates and steps are tried."""
    has_decision_boundary: ClassVar[bool] = False
    """Whether its network divides a plane into two classes."""
    image_shape: ClassVar[tuple[int, int] | None] = None
    """Rows and columns, where the inputs of its network are images."""
    dataset: ClassVar[Dataset | None] = None
    """The imported data, which session files keep."""

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

    @property
    def network(self) -> Network | None:
        """The layers, where the parameters are a network's weights."""
        return None

    def split(self, seed: int) -> Split:
        """Returns the read-only examples of a network; NotImplementedError where there is none."""
        raise NotImplementedError(f"{self.key} has no network")

    def inputs(self, seed: int, step: int) -> Array:
        """Returns the training inputs (m, in) of a network as they are at a step."""
        return self.split(seed).x

    def input_range(self, seed: int) -> Array:
        """Returns inputs (k, in) of a network whose extremes are those of the training inputs at all steps."""
        return self.split(seed).x

    def equation(self, w: Array) -> str | None:
        """Returns the fit with its parameters (P,) in the units of the imported data."""
        return None

    def objective(self, seed: int = 0, dtype: DType = FLOAT64) -> Objective:
        """Returns what is trained, computed in `dtype`."""
        return FormulaObjective(self.loss, self.names, self.data(seed), dtype)

    @abstractmethod
    def optimum(self, data: Data) -> tuple[float, ...] | None:
        """Where the loss is least, or None where that is not known."""

    def minima(self, data: Data) -> tuple[tuple[float, ...], ...]:
        """All minima that are known, the lowest first."""
        optimum = self.optimum(data)
        return () if optimum is None else (optimum,)


class Surface(Problem):
    """A loss without data, whose minima are known beforehand."""

    known_minima: ClassVar[tuple[tuple[float, ...], ...]]
    """The minima, the lowest first; none where the loss has no floor."""

    def optimum(self, data: Data) -> tuple[float, ...] | None:
        return self.known_minima[0] if self.known_minima else None

    def minima(self, data: Data) -> tuple[tuple[float, ...], ...]:
        return self.known_minima


def least_squares(data: Data) -> tuple[float, float]:
    """Slope and intercept of the line with the least mean square error through x, y."""
    columns = np.stack([data["x"], np.ones_like(data["x"])], axis=1)
    slope, intercept = np.linalg.lstsq(columns, data["y"], rcond=None)[0]
    return float(slope), float(intercept)
