"""Evaluates the functions on arrays: in WebAssembly where there are many elements, else with NumPy, the same bits."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary.functions import FUNCTIONS, Function
from lrstudio.core.elementary.machine import NUMPY
from lrstudio.core.elementary.trigonometric import LIMIT
from lrstudio.core.elementary.wat import array_module
from lrstudio.core.kernel.host import Kernel, SharedKernels, available

_FEW, _MANY = 4, 2**12
"""A kernel is ten times faster from one element on, but a folded constant is not worth its compilation, and only many
elements are worth loading wasmtime."""
_BLOCK = 2**13
_LANES = {"d": "f64x2", "f": "f32x4"}
_POWERS = "powers of one base"


def evaluated(name: str, *arguments: Any) -> Any:
    """Returns a function of `FUNCTIONS`, element by element, in the arguments' type: float32 or float64."""
    dtype = np.dtype(np.float32 if np.result_type(*arguments) == np.float32 else np.float64)
    with np.errstate(over="ignore"):
        wide = np.broadcast_arrays(*(np.asarray(argument, dtype) for argument in arguments))
    flat = [np.ascontiguousarray(argument).reshape(-1) for argument in wide]
    ready = (name, dtype.char) in _KERNELS
    worth = _FEW if "wasmtime" in sys.modules else _MANY
    many = ready or (flat[0].size >= worth and available())
    if many and name == "pow" and np.size(arguments[0]) == 1 and dtype == np.float64:
        name = _POWERS
    return (in_kernel if many else with_numpy)(name, flat).reshape(wide[0].shape)[()]


def with_numpy(name: str, arguments: list[Array]) -> Array:
    """Returns a function of arrays (n,), operation by operation on blocks that fit into the cache."""
    result, function = np.empty_like(arguments[0]), FUNCTIONS[name]
    if result.dtype == np.float32 and function.single is not None:
        function = Function(function.single)
    with np.errstate(all="ignore"):
        for begin in range(0, result.size, _BLOCK):
            parts = [argument[begin : begin + _BLOCK].astype(float, copy=False) for argument in arguments]
            result[begin : begin + _BLOCK] = _on_block(function, parts)
    return result


def _on_block(function: Function, arguments: list[Array]) -> Array:
    result: Array = function.formula(NUMPY, *arguments)
    if function.huge is not None and (huge := np.abs(arguments[0]) >= LIMIT).any():
        result[huge] = function.huge(NUMPY, arguments[0][huge])
    return result


def in_kernel(name: str, arguments: list[Array]) -> Array:
    """Returns a function of arrays (n,), block by block."""
    result = np.empty_like(arguments[0])
    kernel = _KERNELS.take(key := (name, result.dtype.char))
    for begin in range(0, result.size, _BLOCK):
        parts = [argument[begin : begin + _BLOCK] for argument in arguments]
        result[begin : begin + _BLOCK] = 0.0 if name == _POWERS and _vanish(*parts) else kernel(parts)
    _KERNELS.give(key, kernel)
    return result


def _vanish(base: Array, exponents: Array) -> bool:
    """Returns whether all powers of the base are surely rounded to 0: x^y < e^(-y (1 - x)) < 2^-1100."""
    return bool(0 < base[0] < 1 and exponents.min() * (1 - base[0]) > 763)


class _ArrayKernel:
    """A function, by its name and NumPy's letter of a type, of at most `_BLOCK` elements."""

    def __init__(self, key: tuple[str, str]) -> None:
        name, kind = key
        arguments = ("pow", _LANES[kind], 1) if name == _POWERS else (name, _LANES[kind])
        self._kernel, dtype, arity = Kernel(array_module(*arguments)), np.dtype(kind), FUNCTIONS[arguments[0]].arity
        self._addresses = [self._kernel.allocate(_BLOCK * dtype.itemsize) for _ in range(arity + 1)]
        self._views = [self._kernel.view(address, (_BLOCK,), dtype) for address in self._addresses]

    @property
    def size(self) -> int:
        return self._kernel.size

    def __call__(self, arguments: list[Array]) -> Array:
        """Returns the result, valid until the next call."""
        for view, argument in zip(self._views, arguments, strict=False):
            view[: argument.size] = argument
        self._kernel.call("apply", *self._addresses, self._addresses[-1] + arguments[0].nbytes)
        return self._views[-1][: arguments[0].size]


_KERNELS = SharedKernels(_ArrayKernel)


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
