"""Reads typed losses: every name that is no constant, function or data column is a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import Function, numpy_function
from lrstudio.core.formula.derivative import gradient
from lrstudio.core.formula.graph import CONSTANTS, Graph
from lrstudio.core.formula.parse import Call, Expression, Name, parse_expression
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.language import tr
from lrstudio.core.linear_algebra import eigen, solve
from lrstudio.core.record import dataclass

MOST_PARAMETERS = 8
LONGEST_NAME = 20
COLUMNS = ("run", "step", "lr", "loss", "epoch", "val_loss", "accuracy")
"""Columns of a trace's table; no parameter may have such a name."""

_POLYNOMIAL = {"+", "-", "*", "/", "neg", "mean", "sum", "input", "const"}


@dataclass(frozen=True)
class TypedLoss:
    """A loss as a graph; `parameters` and `columns` map the names of its inputs to their indices."""

    graph: Graph
    value: int
    parameters: Mapping[str, int]
    columns: Mapping[str, int]

    def function(self) -> Function:
        """Returns the loss as a function of the parameters (R, 1) and the data columns (m,), if any."""
        return self._function([self.value])

    def quadratic_minimum(self, data: Mapping[str, Array]) -> tuple[float, ...] | None:
        """Returns the minimum of a quadratic loss; None if the loss is not quadratic or has no unique minimum.

        A loss is quadratic if it is a polynomial whose second derivatives do not depend on the parameters.
        """
        function, size = self._gradient_and_hessian, len(self.parameters)
        if function is None:
            return None
        columns = [np.asarray(data[name], float) for name in self.columns]
        with np.errstate(all="ignore"):
            values = function(*[np.zeros((1, 1))] * size, *columns)
        numbers = np.array([float(np.asarray(value).ravel()[0]) for value in values])
        slope, hessian = numbers[:size], numbers[size:].reshape(size, size)
        if not np.isfinite(numbers).all() or eigen(hessian[None]).values[0, 0] <= 1e-12 * np.abs(hessian).max():
            return None
        minimum = solve(hessian, -slope)
        return tuple(float(value) + 0.0 for value in minimum) if np.isfinite(minimum).all() else None

    @cached_property
    def _gradient_and_hessian(self) -> Function | None:
        """All first and second derivatives as a function; None unless the loss is quadratic."""
        indices, graph = list(self.parameters.values()), self.graph
        if any(graph.nodes[index].op not in _POLYNOMIAL for index in graph.needed([self.value])):
            return None
        slopes = gradient(graph, self.value, indices)
        hessian: list[int] = []
        for slope in slopes:
            hessian += gradient(graph, slope, indices)
            if self._depends_on_parameters(hessian):
                return None
        return self._function([*slopes, *hessian])

    def _depends_on_parameters(self, outputs: Sequence[int]) -> bool:
        """Returns whether the outputs depend on the parameters, apart from the number of data points."""
        counts = [index for index, node in enumerate(self.graph.nodes) if node.op == "count"]
        return not set(self.parameters.values()).isdisjoint(self.graph.needed(outputs, given=counts))

    def _function(self, outputs: Sequence[int]) -> Function:
        inputs = [*self.parameters.values(), *self.columns.values()]
        return numpy_function(self.graph, inputs, outputs, np.dtype(np.float64))


def read_loss(text: str, columns: Iterable[str] = ()) -> TypedLoss:
    """Returns the loss of this text over these data columns. Raises FormulaError with message and position.

    The parameters, one to eight, are in order of first appearance.
    """
    tree = parse_expression(text)
    data = tuple(columns)
    names = _parameters(tree, (*data, *CONSTANTS))
    graph = Graph()
    parameters = {name: graph.input(name) for name in names}
    inputs = {name: graph.input(name, data=True) for name in data}
    value = graph.lower(tree, parameters | inputs)
    if graph.nodes[value].data:
        raise FormulaError(tr("the loss has a value for every data point; write mean(...) around it"), 1)
    return TypedLoss(graph, value, parameters, inputs)


def names_in_order(tree: Expression) -> list[Name]:
    """Returns every name of a tree once, in order of appearance."""
    first: dict[str, Name] = {}
    for name in sorted(_names(tree), key=lambda name: name.column):
        first.setdefault(name.name, name)
    return list(first.values())


def _names(tree: Expression) -> list[Name]:
    if isinstance(tree, Name):
        return [tree]
    return [name for arg in tree.args for name in _names(arg)] if isinstance(tree, Call) else []


def _parameters(tree: Expression, others: Sequence[str]) -> list[str]:
    names = [name for name in names_in_order(tree) if name.name not in others]
    for name in names:
        if name.name in COLUMNS or name.name.startswith(("grad_", "loss_plus_")):
            message = tr("{name} is a column of the table; call the parameter something else", name=name.name)
            raise FormulaError(message, name.column)
        if len(name.name) > LONGEST_NAME:
            message = tr("a parameter's name of more than {most} characters", most=LONGEST_NAME)
            raise FormulaError(message, name.column)
    if not names:
        raise FormulaError(tr("there is no parameter in it; write for example (w - 1)^2"), 1)
    if len(names) > MOST_PARAMETERS:
        names_text = ", ".join(name.name for name in names[: MOST_PARAMETERS + 1])
        column = names[MOST_PARAMETERS].column
        message = tr("more than {most} parameters: {names}", most=MOST_PARAMETERS, names=names_text)
        raise FormulaError(message, column)
    return [name.name for name in names]
