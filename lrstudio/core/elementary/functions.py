"""The list of the functions, and their evaluation on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lrstudio.core.elementary import exponential, exponentiation, logarithm, trigonometric
from lrstudio.core.elementary.machine import NUMPY, Value


class Function(NamedTuple):
    """A function over a machine; `huge` replaces it where |x| ≥ `trigonometric.LIMIT`."""

    formula: Callable[..., Value]
    huge: Callable[..., Value] | None = None
    arity: int = 1


FUNCTIONS = {
    "exp": Function(exponential.exp),
    "expm1": Function(exponential.expm1),
    "log": Function(logarithm.log),
    "log1p": Function(logarithm.log1p),
    "sin": Function(trigonometric.sin, trigonometric.sin_huge),
    "cos": Function(trigonometric.cos, trigonometric.cos_huge),
    "tan": Function(trigonometric.tan, trigonometric.tan_huge),
    "atan": Function(trigonometric.atan),
    "tanh": Function(exponential.tanh),
    "sinh": Function(exponential.sinh),
    "cosh": Function(exponential.cosh),
    "sigmoid": Function(exponential.sigmoid),
    "softplus": Function(logarithm.softplus),
    "pow": Function(exponentiation.power, arity=2),
}


def evaluated(name: str, *arguments: Any) -> Any:
    """Returns a function of `FUNCTIONS`, element by element, in the arguments' type: float32 or float64."""
    dtype = np.float32 if np.result_type(*arguments) == np.float32 else np.float64
    function = FUNCTIONS[name]
    wide = np.broadcast_arrays(*(np.asarray(argument, np.float64) for argument in arguments))
    flat = [np.ascontiguousarray(argument).reshape(-1) for argument in wide]
    with np.errstate(all="ignore"):
        result = function.formula(NUMPY, *flat)
        if function.huge is not None and (huge := np.abs(flat[0]) >= trigonometric.LIMIT).any():
            result[huge] = function.huge(NUMPY, flat[0][huge])
        return result.astype(dtype, copy=False).reshape(wide[0].shape)[()]


def exp(x: Any) -> Any:
    """Returns e^x."""
    return evaluated("exp", x)


def expm1(x: Any) -> Any:
    """Returns e^x - 1."""
    return evaluated("expm1", x)


def log(x: Any) -> Any:
    """Returns the natural logarithm."""
    return evaluated("log", x)


def log1p(x: Any) -> Any:
    """Returns log(1 + x)."""
    return evaluated("log1p", x)


def sin(x: Any) -> Any:
    """Returns the sine of x in radians."""
    return evaluated("sin", x)


def cos(x: Any) -> Any:
    """Returns the cosine of x in radians."""
    return evaluated("cos", x)


def tan(x: Any) -> Any:
    """Returns the tangent of x in radians."""
    return evaluated("tan", x)


def atan(x: Any) -> Any:
    """Returns the arc tangent in radians."""
    return evaluated("atan", x)


def tanh(x: Any) -> Any:
    """Returns the hyperbolic tangent."""
    return evaluated("tanh", x)


def sinh(x: Any) -> Any:
    """Returns the hyperbolic sine."""
    return evaluated("sinh", x)


def cosh(x: Any) -> Any:
    """Returns the hyperbolic cosine."""
    return evaluated("cosh", x)


def sigmoid(x: Any) -> Any:
    """Returns 1/(1 + e^-x)."""
    return evaluated("sigmoid", x)


def softplus(x: Any) -> Any:
    """Returns log(1 + e^x)."""
    return evaluated("softplus", x)


def power(x: Any, y: Any) -> Any:
    """Returns x^y with the special cases of IEEE 754 (pow)."""
    return evaluated("pow", x, y)
