"""The loss of all runs at once, its gradient and its Hessian."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import power
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.compile import DType, numpy_function
from lrstudio.core.formula.derivative import gradient
from lrstudio.core.formula.graph import Graph
from lrstudio.core.language import tr

if TYPE_CHECKING:
    from lrstudio.core.network.classifier import Classifier

FLOAT64: DType = np.dtype(np.float64)

_MANY, _SHORT = 64, 8
_FORMULAS = 64
"""Number of cached formulas: the same are compiled again at every change of a rate or a start."""
_DERIVING = Lock()
_STEP = float(power(np.finfo(float).eps, 1 / 3))
"""The step of central differences, relative to the parameters."""

Products = Callable[[Array], Array]
"""Maps directions (R, P), one for each of R points, to Hessian times direction (R, P)."""


class LossFormula(NamedTuple):
    """The operations of a loss: nodes of a graph by their roles; `slopes` are its derivatives in the parameters."""

    graph: Graph
    parameters: tuple[int, ...]
    columns: tuple[int, ...]
    loss: int
    slopes: tuple[int, ...]


class Objective(ABC):
    """A loss on its data, computed in `dtype` at R points w (R, P) at once; `rows` picks a mini-batch of the data."""

    metrics: ClassVar[tuple[str, ...]] = ()
    """The names of the measured metrics: norms of parameters and gradient, and the results of `evaluate`."""

    formula: LossFormula | None = None
    """The operations of the loss, where it is a formula that kernels can compute."""

    classifier: Classifier | None = None
    """The network and its data, where it is one that kernels can train."""

    def __init__(self, names: tuple[str, ...], data: Mapping[str, Array], dtype: DType) -> None:
        self.names, self.data, self.dtype = names, data, dtype

    @property
    def size(self) -> int:
        """The number of data points; 0 without data."""
        return len(next(iter(self.data.values()), ()))

    def at(self, step: int) -> None:  # noqa: B027 # most data are constant
        """Selects the data of a step, if they change with the step."""

    @abstractmethod
    def loss(self, w: Array, rows: Array | None = None) -> Array:
        """Returns the losses (R,)."""

    @abstractmethod
    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]:
        """Returns the losses (R,) and their exact gradients (R, P)."""

    @abstractmethod
    def hessian(self, w: Array, rows: Array | None = None) -> Array:
        """Returns the second derivatives (R, P, P)."""

    def hessian_products(self, w: Array) -> Products:
        """Returns the Hessian-vector products at w (R, P) over all data, from central differences of gradients."""
        steps = _STEP * np.maximum(1.0, np.abs(w).max(axis=1, initial=0.0))

        def products(directions: Array) -> Array:
            lengths = np.linalg.norm(directions, axis=1)
            scale = np.where(lengths > 0, lengths, 1.0)
            offset = directions * (steps / scale)[:, None]
            gradients = self.loss_and_gradient(np.concatenate([w + offset, w - offset]))[1].astype(float)
            product: Array = (gradients[: len(w)] - gradients[len(w) :]) * (scale / (2 * steps))[:, None]
            return product

        return products

    def evaluate(self, w: Array) -> dict[str, Array]:
        """Returns the metrics (R,) on all data by name."""
        return {}


@lru_cache(_FORMULAS)
def _formula(loss: str, names: tuple[str, ...], data: tuple[str, ...]) -> LossFormula:
    """Returns the operations of a loss of named parameters and data columns."""
    graph = Graph()
    parameters = [graph.input(name) for name in names]
    columns = [graph.input(name, data=True) for name in data]
    environment = dict(zip((*names, *data), parameters + columns, strict=True))
    root = graph.lower(parse_expression(loss), environment)
    if graph.nodes[root].data:
        raise FormulaError(tr("the loss has a value for every data point; write mean(...) around it"), 1)
    slopes = gradient(graph, root, parameters)
    return LossFormula(graph, tuple(parameters), tuple(columns), root, tuple(slopes))


def _second_derivatives(formula: LossFormula) -> list[int]:
    """Returns the nodes of the Hessian, row by row; one thread at a time adds them to the graph."""
    with _DERIVING:
        parameters = list(formula.parameters)
        return [node for slope in formula.slopes for node in gradient(formula.graph, slope, parameters)]


class FormulaObjective(Objective):
    """The compiled loss of a formula of named parameters and data columns; no result depends on the other points."""

    formula: LossFormula

    def __init__(self, loss: str, names: tuple[str, ...], data: Mapping[str, Array], dtype: DType = FLOAT64) -> None:
        super().__init__(names, data, dtype)
        self._columns = [np.asarray(column, dtype) for column in data.values()]
        self.formula = _formula(loss, names, tuple(data))
        self._loss = self._function([self.formula.loss])
        self._loss_and_gradient = self._function([self.formula.loss, *self.formula.slopes])

    def _function(self, outputs: Sequence[int]) -> Callable[..., tuple[Any, ...]]:
        formula = self.formula
        return numpy_function(formula.graph, [*formula.parameters, *formula.columns], outputs, self.dtype)

    @cached_property
    def _hessian(self) -> Callable[..., tuple[Any, ...]]:
        """The second derivatives, compiled at first use, because that is long with many parameters."""
        return self._function(_second_derivatives(self.formula))

    def loss(self, w: Array, rows: Array | None = None) -> Array:
        return self._stacked(w, self._loss(*self._inputs(w, rows)))[:, 0]

    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]:
        stacked = self._stacked(w, self._loss_and_gradient(*self._inputs(w, rows)))
        return stacked[:, 0], stacked[:, 1:]

    def hessian(self, w: Array, rows: Array | None = None) -> Array:
        """Returns the exact second derivatives (R, P, P)."""
        runs, size = w.shape
        return self._stacked(w, self._hessian(*self._inputs(w, rows))).reshape(runs, size, size)

    def _inputs(self, w: Array, rows: Array | None) -> list[Array]:
        w = w.astype(self.dtype, copy=False)
        if not self._columns:
            return list(w.T)
        columns = self._columns if rows is None else [column[rows] for column in self._columns]
        return [*w.T[:, :, None], *(_repeated(column, len(w)) for column in columns)]

    def _stacked(self, w: Array, outputs: tuple[Any, ...]) -> Array:
        stacked = np.empty((len(outputs), len(w)), self.dtype).T  # contiguous in R
        for index, output in enumerate(outputs):
            stacked[:, index] = output[..., 0] if self._columns and np.ndim(output) else output
        return stacked


def _repeated(column: Array, runs: int) -> Array:
    """Repeats a short data column (m,) for each of many runs, so that numpy's inner loops are over the runs: 5x faster.

    NumPy sums fewer than 8 numbers in order in both layouts, so that results are identical.
    """
    if runs < _MANY or len(column) >= _SHORT:
        return column
    return np.repeat(column, runs).reshape(len(column), runs).T
