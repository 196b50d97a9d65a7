"""The operations that elementary functions are written with, and NumPy as their first executor.

Values are reals (float64), words (64 bits, unsigned) and conditions. Python's operators mean: `+ - * /` and unary `-`
of reals, rounded to nearest even; `+ - * & | ^ << >>` of words modulo 2^64; `< <= > >=` of reals, false with NaN;
`& | ~` of conditions.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

Value = Any
"""An array of NumPy or a node of the WebAssembly writer."""


class Machine(Protocol):
    """What Python's operators do not spell."""

    def where(self, condition: Value, yes: Value, no: Value) -> Value:
        """Returns `yes` where the condition holds, else `no`."""

    def equal(self, x: Value, y: Value) -> Value:
        """Returns the condition x = y of reals."""

    def odd(self, word: Value) -> Value:
        """Returns the condition that the lowest bit of a word is set."""

    def abs(self, x: Value) -> Value:
        """Returns |x|."""

    def floor(self, x: Value) -> Value:
        """Returns the largest integer that is not above x."""

    def bits(self, x: Value) -> Value:
        """Returns the word with the bits of a real."""

    def real(self, word: Value) -> Value:
        """Returns the real with the bits of a word."""

    def two_over_pi(self, index: Value) -> Value:
        """Returns the word of `TWO_OVER_PI` with an index; on scalars only."""


TWO_OVER_PI = (
    0,
    0xA2F9836E4E441529,
    0xFC2757D1F534DDC0,
    0xDB6295993C439041,
    0xFE5163ABDEBBC561,
    0xB7246E3A424DD2E0,
    0x06492EEA09D1921C,
    0xFE1DEB1CB129A73E,
    0xE88235F52EBB4484,
    0xE99C7026B45F7E41,
    0x3991D639835339F4,
    0x9C845F8BBDF9283B,
    0x1FF897FFDE05980F,
    0xEF2F118B5A0A6D1F,
    0x6D367ECF27CB09B7,
    0x4F463F669E5FEA2D,
    0x7527BAC7EBE5F17B,
    0x3D0739F78A5292EA,
    0x6BFB5FB11F8D5D08,
    0x56033046FC7B6BAB,
)
"""64 zeros, then the first 1216 bits of 2/π after the point."""


class NumpyMachine:
    """Executes on arrays of at least one axis."""

    _words = np.array(TWO_OVER_PI, np.uint64)

    def where(self, condition: Value, yes: Value, no: Value) -> Value:
        return np.where(condition, yes, no)

    def equal(self, x: Value, y: Value) -> Value:
        return np.equal(x, y)

    def odd(self, word: Value) -> Value:
        return np.not_equal(word & 1, 0)

    def abs(self, x: Value) -> Value:
        return np.abs(x)

    def floor(self, x: Value) -> Value:
        return np.floor(x)

    def bits(self, x: Value) -> Value:
        return x.view(np.uint64)

    def real(self, word: Value) -> Value:
        return word.view(np.float64)

    def two_over_pi(self, index: Value) -> Value:
        return self._words[index.view(np.int64)]


NUMPY = NumpyMachine()
