"""The texts of many numbers at once, as `repr` writes them: bytes side by side, and which of them are text.

A float's digits are the shortest that read back to it, by Giulietti's Schubfach ("The Schubfach way to render doubles",
2020) in integers of 64 bits.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array

_DIGITS = 17
_LOWEST, _HIGHEST = -292, 324
"""The exponents of the powers of ten that 64-bit numbers need."""
_LOW_HALF, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_HEAD = np.frombuffer(b"-0.000", np.uint8)
_POINT, _ZERO = ord("."), ord("0")


class Cells(NamedTuple):
    """The bytes (n, width) of n cells of a column, and which of them belong to the text."""

    text: Array
    shown: Array

    @classmethod
    def same(cls, text: str, count: int) -> Cells:
        """Returns equal cells."""
        row = np.frombuffer(text.encode(), np.uint8)
        return cls(np.broadcast_to(row, (count, len(row))), np.broadcast_to(np.True_, (count, len(row))))


def joined(columns: list[Cells]) -> str:
    """Returns the lines of a table."""
    count = len(columns[0].text)
    comma, end = Cells.same(",", count), Cells.same("\n", count)
    parts = [part for column in columns for part in (column, comma)]
    parts[-1] = end
    text = np.concatenate([part.text for part in parts], axis=1)
    shown = np.concatenate([part.shown for part in parts], axis=1)
    return str(text[shown].tobytes(), "ascii")


def whole(values: Array) -> Cells:
    """Returns the cells of integers (n,) from 0 to 10^17 - 1."""
    numbers = values.astype(np.uint64)
    lengths = np.maximum(_length(numbers), 1)
    width = int(lengths.max(initial=1))
    return Cells(_digits(numbers, width), np.arange(width) >= width - lengths[:, None])


def floats(values: Array) -> Cells:
    """Returns the cells of float64 (n,)."""
    bits = np.ascontiguousarray(values, np.float64).view(np.uint64)
    if len(bits) and (bits == bits[0]).all():
        text, shown = Cells.same(repr(float(values[0])), len(bits))
        return Cells(text, shown.copy())
    significand, exponent = _shortest(bits)
    length = _length(significand)
    digits = _digits(significand * _tens()[_DIGITS - length])
    used = _DIGITS - np.argmax(digits[:, ::-1] != _ZERO, axis=1)
    zero = significand == 0
    point = np.where(zero, 1, exponent + length)  # the number is 0.digits times ten to it
    used[zero] = 1
    scientific = (point <= -4) | (point > 16)
    small = ~scientific & (point <= 0)

    places = np.arange(_DIGITS + 1, dtype=np.int8)
    dot = np.where(scientific, 1, np.where(small, _DIGITS, point))
    before = places < dot.astype(np.int8)[:, None]
    wide = np.full((len(bits), _DIGITS + 2), _ZERO, np.uint8)
    wide[:, 1:-1] = digits
    body = np.where(before, wide[:, 1:], wide[:, :-1])
    body[np.arange(len(bits)), dot] = _POINT
    end = np.where(scientific, used + (used > 1), np.where(small, used, np.maximum(used, point + 1) + 1))

    leading = np.where(small, 2 - point, 0).astype(np.int8)
    head = _HEAD[: int(leading.max(initial=0)) + 1]
    head_shown = np.arange(len(head), dtype=np.int8) <= leading[:, None]
    head_shown[:, 0] = bits >> np.uint64(63) != 0
    tail = _exponents(point - 1, scientific)
    text = np.hstack([np.broadcast_to(head, (len(bits), len(head))), body, tail.text])
    cells = Cells(text, np.hstack([head_shown, places < end.astype(np.int8)[:, None], tail.shown]))
    for index in np.flatnonzero(~np.isfinite(values)).tolist():
        word = repr(float(values[index])).encode()
        cells.text[index, : len(word)] = np.frombuffer(word, np.uint8)
        cells.shown[index] = np.arange(cells.shown.shape[1]) < len(word)
    return cells


def _exponents(powers: Array, scientific: Array) -> Cells:
    """Returns the exponents of the scientific numbers among the others; no bytes if there are none."""
    if not scientific.any():
        return Cells(np.empty((len(powers), 0), np.uint8), np.empty((len(powers), 0), bool))
    text = np.full((len(powers), 5), ord("e"), np.uint8)
    text[:, 1] = np.where(powers < 0, ord("-"), ord("+"))
    text[:, 2:] = _digits(np.abs(powers).astype(np.uint64), 3)
    shown = np.repeat(scientific[:, None], 5, axis=1)
    shown[:, 2] &= np.abs(powers) >= 100
    return Cells(text, shown)


def _shortest(bits: Array) -> tuple[Array, Array]:
    """Returns integers s and exponents k: s·10^k is the shortest decimal, and of these the closest."""
    fraction, field = bits & np.uint64(2**52 - 1), (bits >> np.uint64(52)).astype(np.int64) & 0x7FF
    c = np.where(field > 0, fraction | np.uint64(2**52), fraction)
    q = np.where(field > 0, field - 1075, -1074)
    odd, closer = c & np.uint64(1), (fraction == 0) & (field > 1)
    k = (q * 1262611 - np.where(closer, 524031, 0)) >> 22  # floor(log10(2^q)), or of 3/4·2^q
    h = (q + ((-k * 1741647) >> 19) + 1).astype(np.uint64)
    high, low = (half[-k - _LOWEST] for half in _powers())
    value = c << np.uint64(2)
    lower = _rounded_to_odd(high, low, (value - np.uint64(2) + closer.astype(np.uint64)) << h) + odd
    upper = _rounded_to_odd(high, low, (value + np.uint64(2)) << h) - odd
    middle = _rounded_to_odd(high, low, value << h)
    s = middle >> np.uint64(2)
    tenth = s // np.uint64(10)
    below, above = lower <= np.uint64(40) * tenth, np.uint64(40) * tenth + np.uint64(40) <= upper
    shorter = (s >= 10) & (below != above)
    floor, ceiling = lower <= np.uint64(4) * s, np.uint64(4) * s + np.uint64(4) <= upper
    half = np.uint64(4) * s + np.uint64(2)
    up = (middle > half) | ((middle == half) & (s & np.uint64(1) > 0))
    up = np.where(floor != ceiling, ceiling, up)
    significand = np.where(shorter, tenth + above, s + up)
    return np.where(c == 0, np.uint64(0), significand), np.where(c == 0, 0, k + shorter)


def _rounded_to_odd(high: Array, low: Array, factor: Array) -> Array:
    """Returns (high·2^64 + low)·factor / 2^128, whose last bit is set if it is not whole."""
    carried, _ = _product(low, factor)
    top, bottom = _product(high, factor)
    bottom = bottom + carried
    return (top + (bottom < carried)) | (bottom > 1)


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """Returns the high and the low 64 bits of products."""
    a_high, a_low, b_high, b_low = a >> _HALF, a & _LOW_HALF, b >> _HALF, b & _LOW_HALF
    low, cross, other = a_low * b_low, a_high * b_low, a_low * b_high
    middle = (low >> _HALF) + (cross & _LOW_HALF) + (other & _LOW_HALF)
    return a_high * b_high + (cross >> _HALF) + (other >> _HALF) + (middle >> _HALF), a * b


def _length(numbers: Array) -> Array:
    """Returns the number of digits, 0 for 0."""
    return np.searchsorted(_tens(), numbers, side="right")


def _digits(numbers: Array, width: int = _DIGITS) -> Array:
    """Returns the last digits (n, width) of integers, with leading zeros."""
    fours = np.empty((len(numbers), -(-width // 4)), np.uint32)
    for column in range(fours.shape[1] - 1, -1, -1):
        higher = numbers // np.uint64(10**4)
        fours[:, column] = _fours()[numbers - higher * np.uint64(10**4)]
        numbers = higher
    return fours.view(np.uint8)[:, -width:]


@cache
def _tens() -> Array:
    return np.array([10**power for power in range(_DIGITS + 1)], np.uint64)


@cache
def _fours() -> Array:
    """Returns the four digits of each number below ten thousand, as the bytes of one integer."""
    numbers = np.arange(10**4)[:, None] // [1000, 100, 10, 1] % 10
    return (numbers + _ZERO).astype(np.uint8).view(np.uint32)[:, 0]


@cache
def _powers() -> tuple[Array, Array]:
    """Returns the halves of 10^k·2^e, rounded up to 128 bits of which the highest is set."""
    powers = []
    for k in range(_LOWEST, _HIGHEST + 1):
        numerator, denominator = (10**k, 1) if k >= 0 else (1, 10**-k)
        shift = 127 - ((k * 1741647) >> 19)
        if shift >= 0:
            numerator <<= shift
        else:
            denominator <<= -shift
        powers.append(-(-numerator // denominator))
    return np.array([power >> 64 for power in powers], np.uint64), np.array(
        [power % 2**64 for power in powers], np.uint64
    )
