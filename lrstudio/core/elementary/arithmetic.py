"""Exact sums, quotients of double length, polynomials, powers of two."""

from __future__ import annotations

from collections.abc import Sequence

from lrstudio.core.elementary.machine import Machine, Value

MAGIC = 1.5 * 2.0**52
"""x + MAGIC - MAGIC is x rounded to the nearest integer k for |x| < 2^51; the bits of x + MAGIC are MAGIC_BITS + k."""
MAGIC_BITS = 0x4338000000000000
INTEGER_BITS = 0x4330000000000000
"""The bits of 2^52: the word n < 2^52 or-ed with them are the bits of 2^52 + n."""
SIGN = 1 << 63
MANTISSA = (1 << 52) - 1
BIAS = 1023
_HEAD = (1 << 64) - (1 << 27)
_WORD = 1 << 64
INFINITY, NAN = float("inf"), float("nan")


def word(value: int) -> int:
    """Returns an integer modulo 2^64."""
    return value % _WORD


def two_sum(a: Value, b: Value) -> tuple[Value, Value]:
    """Returns s = fl(a + b) and the exact error a + b - s (Knuth 1969)."""
    total = a + b
    rest = total - a
    return total, (a - (total - rest)) + (b - rest)


def fast_two_sum(a: Value, b: Value) -> tuple[Value, Value]:
    """Returns s = fl(a + b) and the exact error a + b - s, for |a| ≥ |b| or a = 0 (Dekker 1971)."""
    total = a + b
    return total, b - (total - a)


def head(m: Machine, x: Value) -> Value:
    """Returns the first 26 bits of x: the product of two heads is exact."""
    return m.real(m.bits(x) & _HEAD)


def quotient(m: Machine, a: Value, a_low: Value, b: Value, b_low: Value) -> tuple[Value, Value]:
    """Returns q, the first 26 bits of (a + a_low)/(b + b_low), and the rest; b is a head, |a_low| ≤ 2^-26 |a|.

    The remainder a - q b is exact, so the sum has about 75 bits (Dekker 1971).
    """
    inverse = 1.0 / (b + b_low)
    first = head(m, a * inverse)
    return first, ((a - first * b) + (a_low - first * b_low)) * inverse


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Returns Σ c_i x^i, in pairs of terms, then pairs of pairs (Estrin 1960)."""
    terms: list[Value] = list(coefficients)
    while len(terms) > 1:
        pairs = [terms[i] + terms[i + 1] * x for i in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[2 * len(pairs) :]
        if len(terms) > 1:
            x = x * x
    return terms[0]


def with_sign(m: Machine, size: Value, x: Value) -> Value:
    """Returns |size| with the sign of x."""
    return m.real(m.bits(m.abs(size)) | (m.bits(x) & SIGN))


def limited(m: Machine, x: Value, low: float, high: float) -> Value:
    """Returns x between two limits; NaN stays NaN."""
    x = m.where(x < low, low, x)
    return m.where(x > high, high, x)


def rounded(m: Machine, x: Value) -> tuple[Value, Value]:
    """Returns the integer k nearest to x as a real, and the word MAGIC_BITS + k."""
    shifted = x + MAGIC
    return shifted - MAGIC, m.bits(shifted)


def power_of_two(m: Machine, k: Value) -> Value:
    """Returns 2^k of the word MAGIC_BITS + k, -1022 ≤ k ≤ 1023."""
    return m.real((k + word(BIAS - MAGIC_BITS)) << 52)


def scaled(m: Machine, x: Value, k: Value) -> Value:
    """Returns x 2^k of the word MAGIC_BITS + k, -2044 ≤ k ≤ 2046, rounded once where it is subnormal."""
    both = k + word(2 * BIAS - MAGIC_BITS)
    half = both >> 1
    return x * m.real(half << 52) * m.real((both - half) << 52)
