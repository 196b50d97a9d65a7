"""A problem's loss, compiled: loss, gradient and Hessian of all runs at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.compile import DType, numpy_function
from lrstudio.core.formula.derivative import gradient
from lrstudio.core.formula.graph import Graph
from lrstudio.core.network import NetworkObjective
from lrstudio.core.problems import NetworkProblem, Problem

FLOAT64: DType = np.dtype(np.float64)

_MANY, _SHORT = 64, 8


class Objective:
    """The loss of one problem on its data, computed in `dtype`; `rows` picks a mini-batch of the data.

    Points w are (R, P) and results have the same leading axis; no result depends on the other rows of w.
    """

    def __init__(self, problem: Problem, seed: int = 0, dtype: DType = FLOAT64) -> None:
        self.problem = problem
        self.data = problem.data(seed)
        self.dtype = dtype
        self._columns = [np.asarray(column, dtype) for column in self.data.values()]
        graph = Graph()
        parameters = [graph.input(name) for name in problem.names]
        columns = [graph.input(name, data=True) for name in self.data]
        environment = dict(zip((*problem.names, *self.data), parameters + columns, strict=True))
        loss = graph.lower(parse_expression(problem.loss), environment)
        if graph.nodes[loss].data:
            raise FormulaError("the loss has a value for every data point; write mean(...) around it", 1)
        slopes = gradient(graph, loss, parameters)

        def function(outputs: list[int]) -> Callable[..., tuple[Any, ...]]:
            return numpy_function(graph, parameters + columns, outputs, dtype)

        def hessian() -> Callable[..., tuple[Any, ...]]:
            return function([place for slope in slopes for place in gradient(graph, slope, parameters)])

        self._loss = function([loss])
        self._loss_and_gradient = function([loss, *slopes])
        self._compile_hessian = cache(hessian)  # when first asked for: with many parameters it is a long text

    def at(self, step: int) -> None:
        """Look at the data as they are at a step; here they do not change."""

    @property
    def size(self) -> int:
        """The number of data points; 0 where there is no data."""
        return len(self._columns[0]) if self._columns else 0

    def loss(self, w: Array, rows: Array | None = None) -> Array:
        """The losses (R,)."""
        return self._stacked(w, self._loss(*self._inputs(w, rows)))[:, 0]

    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]:
        """The losses (R,) and their exact gradients (R, P)."""
        stacked = self._stacked(w, self._loss_and_gradient(*self._inputs(w, rows)))
        return stacked[:, 0], stacked[:, 1:]

    def hessian(self, w: Array, rows: Array | None = None) -> Array:
        """The exact second derivatives (R, P, P)."""
        runs, size = w.shape
        return self._stacked(w, self._compile_hessian()(*self._inputs(w, rows))).reshape(runs, size, size)

    def _inputs(self, w: Array, rows: Array | None) -> list[Array]:
        w = w.astype(self.dtype, copy=False)
        if not self._columns:
            return list(w.T)
        columns = self._columns if rows is None else [column[rows] for column in self._columns]
        return [*w.T[:, :, None], *(_side_by_side(column, len(w)) for column in columns)]

    def _stacked(self, w: Array, outputs: tuple[Any, ...]) -> Array:
        stacked = np.empty((len(outputs), len(w)), self.dtype).T  # what belongs to one parameter lies side by side
        for place, output in enumerate(outputs):
            stacked[:, place] = output[..., 0] if self._columns and np.ndim(output) else output
        return stacked


def _side_by_side(column: Array, runs: int) -> Array:
    """A short data column (m,) once for each of many runs, so that numpy's inner loops go over the runs: 5 x as fast.

    With less than 8 numbers numpy adds them up in their order either way: not a bit of a result changes.
    """
    if runs < _MANY or len(column) >= _SHORT:
        return column
    return np.repeat(column, runs).reshape(len(column), runs).T


def objective_of(problem: Problem, seed: int = 0, dtype: DType = FLOAT64) -> Objective | NetworkObjective:
    """The objective of a problem: its formula, compiled, or its network."""
    if isinstance(problem, NetworkProblem):
        return NetworkObjective(problem, seed, dtype)
    return Objective(problem, seed, dtype)
