"""The list of the functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lrstudio.core.elementary import exponential, exponentiation, logarithm, trigonometric
from lrstudio.core.elementary.machine import Value


class Function(NamedTuple):
    """A function over a machine; `huge` replaces it where |x| ≥ `trigonometric.LIMIT`, `single` for float32."""

    formula: Callable[..., Value]
    huge: Callable[..., Value] | None = None
    arity: int = 1
    single: Callable[..., Value] | None = None


FUNCTIONS = {
    "exp": Function(exponential.exp),
    "expm1": Function(exponential.expm1),
    "log": Function(logarithm.log),
    "log1p": Function(logarithm.log1p),
    "sin": Function(trigonometric.sin, trigonometric.sin_huge),
    "cos": Function(trigonometric.cos, trigonometric.cos_huge),
    "tan": Function(trigonometric.tan, trigonometric.tan_huge),
    "atan": Function(trigonometric.atan),
    "tanh": Function(exponential.tanh, single=exponential.tanh_single),
    "sinh": Function(exponential.sinh),
    "cosh": Function(exponential.cosh),
    "sigmoid": Function(exponential.sigmoid),
    "softplus": Function(logarithm.softplus),
    "pow": Function(exponentiation.power, arity=2),
}
