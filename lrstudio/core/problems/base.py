"""What a problem declares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import Dataset
from lrstudio.core.declaration import Declared
from lrstudio.core.formula.compile import DType
from lrstudio.core.formula.symbolic import operations
from lrstudio.core.formula.tensors import Tensor, Tensors, factors_of, vector
from lrstudio.core.language import tr
from lrstudio.core.network import Network, Split
from lrstudio.core.objective import FLOAT64, FormulaObjective, Objective

Data = Mapping[str, Array]
LrFactors = Sequence[tuple[str, float]]
"""Groups of parameters and what their rate is multiplied by."""
Units = tuple[tuple[float, float], tuple[float, float]]


class Problem(Declared):
    """A loss to minimise: a formula of named parameters and, for some problems, data columns."""

    loss: ClassVar[str]
    """The loss in the formula language; `mean` and `sum` go over the data."""
    names: ClassVar[tuple[str, ...]]
    """The names of the parameters (P,)."""
    start: ClassVar[tuple[float, ...]]
    domain: ClassVar[tuple[tuple[float, float], ...]]
    """The interval of each parameter that is drawn."""
    model: ClassVar[str | None] = None
    """The formula that predicts y from x, to draw the fit; None without data x, y."""
    axes: ClassVar[tuple[str, str]] = ("x", "y")
    """The labels of the axes of the data x, y."""
    axis_units: ClassVar[Units] = ((0.0, 1.0), (0.0, 1.0))
    """Offset and scale of x and of y; offset + scale * value is drawn."""
    metrics: ClassVar[tuple[str, ...]] = ()
    """The names of the metrics that are recorded with loss, rate, parameters and gradient."""
    usual_batch: ClassVar[int | None] = None
    """The batch size of a new experiment; None for all data."""
    least: ClassVar[float | None] = None
    """The loss at the global minimum, if known in advance."""
    lower_bound: ClassVar[float | None] = None
    """A lower bound of the loss of a problem without known minima."""
    has_landscape: ClassVar[bool] = True
    """Whether the loss over its `domain` can be drawn and searched for minima."""
    has_editable_start: ClassVar[bool] = True
    """Whether the start of a run can be set."""
    has_numerical_gradient: ClassVar[bool] = True
    """Whether the parameters are few enough for finite differences of the loss."""
    records_all_parameters: ClassVar[bool] = True
    """Whether a trace has all parameters at each step; otherwise it has the `recorded` ones, and snapshots of all."""
    recorded: ClassVar[Any] = slice(None)
    """The indices of `names` among all parameters."""
    depends_on_seed: ClassVar[bool] = False
    """Whether data or start depend on the seed."""
    is_expensive: ClassVar[bool] = False
    """Whether sweeps try fewer rates and steps because a step is slow."""
    has_decision_boundary: ClassVar[bool] = False
    """Whether a network divides a plane into two classes."""
    image_shape: ClassVar[tuple[int, int] | None] = None
    """Rows and columns of the images that are a network's inputs; None for other inputs."""
    head: ClassVar[str] = ""
    """The name of a network's loss in network.HEADS."""
    turn: ClassVar[tuple[float, float] | None] = None
    """Degrees in 1000 steps by which inputs turn, and the scale of the second one; None if they are constant."""
    dataset: ClassVar[Dataset | None] = None
    """The imported data, which session files contain."""

    @property
    def size(self) -> int:
        """P, the number of parameters."""
        return len(self.names)

    def initial(self, seed: int) -> Array:
        """Returns the default start of a run (P,)."""
        return np.array(self.start, float)

    @classmethod
    def group(cls) -> str:
        """Returns `one weight`, `data` (a fit) or `surface` (several parameters)."""
        if cls.model is not None:
            return "data"
        return "one weight" if len(cls.names) == 1 else "surface"

    def data(self, seed: int) -> Data:
        """Returns the data columns (m,) by name; empty for a loss without data."""
        return {}

    @property
    def points_ahead(self) -> int:
        """The number of data points, known without making them; 1 for a loss without data."""
        if not self.has_data:
            return 1
        return int(self.n) if hasattr(self, "n") else len(next(iter(self.data(0).values())))

    @property
    def work(self) -> int:
        """The operations of a loss and its gradient for one data point, roughly."""
        return 4 * operations(self.loss)

    @property
    def has_data(self) -> bool:
        """Whether the loss is over data, so that there can be mini-batches."""
        return self.model is not None

    def shown(self, seed: int) -> Data:
        """Returns the data x, y (k,) to draw, in the units of the axes."""
        return self.data(seed)

    @property
    def network(self) -> Network | None:
        """The layers of the network whose weights are the parameters; None without a network."""
        return None

    @property
    def tensors(self) -> Tensors:
        """The tensors of the parameters: matrices and biases of a network, otherwise one vector."""
        return vector(self.size) if self.network is None else self.network.tensors

    @property
    def lr_groups(self) -> dict[str, tuple[int, ...]]:
        """The tensors of each group of parameters that may have a factor of the rate, by its name.

        The groups of a network are layer1, ..., each also in two parts, layer1.weight and layer1.bias; those of other
        problems are the parameters.
        """
        if self.network is None:
            return {name: (index,) for index, name in enumerate(self.names)}
        groups: dict[str, tuple[int, ...]] = {}
        for layer in range(len(self.network.parts)):
            name, weight, bias = f"layer{layer + 1}", 2 * layer, 2 * layer + 1
            groups |= {name: (weight, bias), f"{name}.weight": (weight,), f"{name}.bias": (bias,)}
        return groups

    def tensors_with(self, lr_factors: LrFactors) -> Tensors:
        """Returns the tensors with the factors of their rates; without a network each parameter is one, as in PyTorch.

        Factors of 1 change nothing. Raises ValueError for an unknown group and for two groups with the same parameters.
        """
        groups, owners = self.lr_groups, dict[int, tuple[str, float]]()
        for name, factor in lr_factors:
            if name not in groups:
                raise ValueError(
                    tr(
                        "lr_factors: {key} has no group {name!r}; it has {names}",
                        key=self.key,
                        name=name,
                        names=_listed(groups),
                    )
                )
            for index in groups[name]:
                if index in owners:
                    both = {"one": owners[index][0], "other": name}
                    raise ValueError(tr("lr_factors: {one} and {other} have the same parameters", **both))
                owners[index] = name, factor
        if all(factor == 1 for _, factor in owners.values()):
            return self.tensors
        own = self.tensors if self.network is not None else [Tensor(index, 1) for index in range(self.size)]
        return tuple(tensor._replace(factor=owners.get(index, ("", 1.0))[1]) for index, tensor in enumerate(own))

    def divisor_of(self, lr_factors: LrFactors) -> Array | None:
        """Returns 1/factor of each parameter (1, P), infinite for 0; None without factors other than 1."""
        factors = np.array(factors_of(self.tensors_with(lr_factors)))
        with np.errstate(divide="ignore"):
            return None if (factors == 1).all() else 1 / factors[None]

    def split(self, seed: int) -> Split:
        """Returns the read-only examples of a network; raises NotImplementedError without a network."""
        raise NotImplementedError(f"{self.key} has no network")

    def inputs(self, seed: int, step: int) -> Array:
        """Returns the training inputs (m, in) of a network at a step."""
        return self.split(seed).x

    def input_range(self, seed: int) -> Array:
        """Returns inputs (k, in) with the same extremes as the training inputs of all steps."""
        return self.split(seed).x

    def equation(self, w: Array) -> str | None:
        """Returns the equation of the fit in the units of the imported data, with its parameters w (P,)."""
        return None

    def objective(self, seed: int = 0, dtype: DType = FLOAT64) -> Objective:
        """Returns the objective to train, computed in `dtype`."""
        return FormulaObjective(self.loss, self.names, self.data(seed), dtype)

    @abstractmethod
    def optimum(self, data: Data) -> tuple[float, ...] | None:
        """Returns the global minimum (P,), or None if it is unknown."""

    def minima(self, data: Data) -> tuple[tuple[float, ...], ...]:
        """Returns the known minima, the lowest first."""
        optimum = self.optimum(data)
        return () if optimum is None else (optimum,)


class Surface(Problem):
    """A loss without data, with minima that are known in advance."""

    known_minima: ClassVar[tuple[tuple[float, ...], ...]]
    """The minima, the lowest first; empty for a loss without a lower bound."""

    def optimum(self, data: Data) -> tuple[float, ...] | None:
        return self.known_minima[0] if self.known_minima else None

    def minima(self, data: Data) -> tuple[tuple[float, ...], ...]:
        return self.known_minima


def _listed(groups: Iterable[str]) -> str:
    names = [name for name in groups if not name.endswith((".weight", ".bias"))]
    parts = [f"{names[0]}.weight, {names[0]}.bias, …"] if f"{names[0]}.weight" in groups else []
    return ", ".join([*names, *parts])


def least_squares(data: Data) -> tuple[float, float]:
    """Returns slope and intercept of the line with the least mean square error through x, y."""
    mean = data["x"].mean()
    slope = ((data["x"] - mean) * data["y"]).sum() / ((data["x"] - mean) ** 2).sum()
    return float(slope), float(data["y"].mean() - slope * mean)
