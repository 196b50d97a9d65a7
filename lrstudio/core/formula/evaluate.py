"""The value of a tree, found by walking it: for one step that is looked at, not for computing many."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.graph import COMPARISONS, CONSTANTS, ELEMENTWISE
from lrstudio.core.formula.parse import Call, Expression, Name, Number

Value = float | Array
"""A Python number takes on the precision of the arrays that it meets."""


def evaluate(tree: Expression, environment: Mapping[str, Value]) -> Value:
    """The value of a tree whose names are in the environment or are constants; KeyError names one that is not.

    What consists of Python numbers alone is computed in float64, as the coefficients of an update are.
    `mean` and `sum` go over the last axis.
    """
    match tree:
        case Number(value):
            return value
        case Name(name):
            return environment[name] if name in environment else CONSTANTS[name]
        case Call("^", (base, Number(exponent))) if exponent in (1, 2, 3, 4):
            return _power(evaluate(base, environment), int(exponent))
        case Call(function, args):
            with np.errstate(all="ignore"):
                return _apply(function, [evaluate(arg, environment) for arg in args])


def _apply(function: str, args: list[Value]) -> Value:
    arrays = [arg for arg in args if isinstance(arg, np.ndarray)]
    dtype = np.result_type(*arrays) if arrays else np.dtype(float)
    given = [np.asarray(arg, dtype) for arg in args]
    if function == "relu":
        result = np.where(given[0] > 0, given[0], 0)
    elif function in ("mean", "sum"):
        result = getattr(np, function)(given[0], axis=-1)
    elif function == "where":
        result = np.where(given[0] != 0, *given[1:])
    else:
        result = ELEMENTWISE[function](*given)
    if function in COMPARISONS:
        result = np.where(result, 1, 0)
    return np.asarray(result, dtype) if arrays else float(result)


def _power(base: Value, exponent: int) -> Value:
    """By multiplying, as the compiled formulas do."""
    with np.errstate(all="ignore"):
        square = base * base
        return {1: base, 2: square, 3: square * base, 4: square * square}[exponent]
