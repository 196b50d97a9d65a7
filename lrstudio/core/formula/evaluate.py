"""Evaluates a tree by walking it: slow, for explaining single steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.graph import COMPARISONS, CONSTANTS, ELEMENTWISE
from lrstudio.core.formula.parse import Call, Expression, Name, Number

Value = float | Array
"""A Python number takes the precision of the arrays it is combined with."""


Functions = Mapping[str, Callable[..., Array]]
NONE: Functions = {}


def evaluate(tree: Expression, environment: Mapping[str, Value], joined: Functions = NONE) -> Value:
    """Returns the value of a tree; `environment` gives the names' values. Raises KeyError for an unknown name.

    Parts made of Python numbers only are computed in float64, like the coefficients of an update. `mean` and `sum`
    reduce the last axis. `joined` are the functions of all parameters (1, P) that an optimizer's rule has.
    """
    match tree:
        case Number(value):
            return value
        case Name(name):
            return environment[name] if name in environment else CONSTANTS[name]
        case Call("^", (base, Number(exponent))) if exponent in (1, 2, 3, 4):
            return _power(evaluate(base, environment, joined), int(exponent))
        case Call("norm", (Name(name),)) if f"norm({name})" in environment:
            return environment[f"norm({name})"]
        case Call(function, args):
            with np.errstate(all="ignore"):
                values = [evaluate(arg, environment, joined) for arg in args]
                return _joined(joined[function], values) if function in joined else _apply(function, values)


def _joined(function: Callable[..., Array], args: list[Value]) -> Value:
    """Returns a number, or one of each parameter (P,)."""
    value: Array = function(np.asarray(args[0])[None], *args[1:])[0]
    return value if value.size == np.size(args[0]) and np.size(args[0]) > 1 else value.reshape(())


def _apply(function: str, args: list[Value]) -> Value:
    arrays = [arg for arg in args if isinstance(arg, np.ndarray)]
    dtype = np.result_type(*arrays) if arrays else np.dtype(float)
    values = [np.asarray(arg, dtype) for arg in args]
    if function == "relu":
        result = np.where(values[0] > 0, values[0], 0)
    elif function in ("mean", "sum"):
        result = getattr(np, function)(values[0], axis=-1)
    elif function == "where":
        result = np.where(values[0] != 0, *values[1:])
    else:
        result = ELEMENTWISE[function](*values)
    if function in COMPARISONS:
        result = np.where(result, 1, 0)
    return np.asarray(result, dtype) if arrays else float(result)


def _power(base: Value, exponent: int) -> Value:
    """Multiplies, as compiled formulas do, so that the bits agree."""
    with np.errstate(all="ignore"):
        square = base * base
        return {1: base, 2: square, 3: square * base, 4: square * square}[exponent]
