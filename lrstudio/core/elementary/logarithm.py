"""log, log1p, softplus.

x = 2^k (1 + f) with √½ ≤ 1 + f < √2, s = f/(2 + f), log(1 + f) = 2 artanh s = f - f²/2 + s (f²/2 + R(s²)), as in
fdlibm (Sun Microsystems 1993), with the sum of k ln 2 and f kept with its rounding error.
"""

from __future__ import annotations

from typing import NamedTuple

from lrstudio.core.elementary.arithmetic import (
    BIAS,
    INFINITY,
    INTEGER_BITS,
    MANTISSA,
    NAN,
    fast_two_sum,
    polynomial,
    two_sum,
)
from lrstudio.core.elementary.exponential import LN2, exp_of_negative
from lrstudio.core.elementary.machine import Machine, Value

LOG = (
    0.6666666666666731,
    0.3999999999938498,
    0.28571428754375716,
    0.22222197075125827,
    0.1818364931257746,
    0.15311782868489038,
    0.14819081452537783,
)
"""R(z)/z for 0 ≤ z ≤ (3 - √8)²."""
SOFTPLUS = (
    0.6666666666666662,
    0.40000000000053787,
    0.2857142855562566,
    0.2222222436234351,
    0.18181660822341414,
    0.15391291073893995,
    0.131705329914665,
    0.13863546578045674,
)
"""R(z)/z for 0 ≤ z ≤ 1/25."""
_ROOT_HALF = 0x3FE6A09E667F3BCD
_ONE = 0x3FF0000000000000
_NORMAL, _LIFT = 2.0**-1022, 54
_EXACT = 2.0**53
_SURE = 40.0
"""From here on log(1 + e^x) is x."""


class Split(NamedTuple):
    """x = 2^k mantissa; `exponent` is the word k + 1023."""

    k: Value
    exponent: Value
    mantissa: Value


def split(m: Machine, x: Value, lowest: Value = 0.0) -> Split:
    """Returns the parts of x > 0; x has been multiplied by 2^lowest."""
    bits = m.bits(x) + (_ONE - _ROOT_HALF)
    exponent = bits >> 52
    k = m.real(exponent | INTEGER_BITS) - ((2.0**52 + BIAS) + lowest)
    return Split(k, exponent, m.real((bits & MANTISSA) + _ROOT_HALF))


def split_any(m: Machine, x: Value) -> Split:
    """Returns the parts of x > 0, subnormal numbers included."""
    small = x < _NORMAL
    return split(m, m.where(small, x * 2.0**_LIFT, x), m.where(small, float(_LIFT), 0.0))


def _sum(k: Value, f: Value, s: Value, low: Value) -> Value:
    """Returns k ln 2 + log(1 + f) + low, s = f/(2 + f)."""
    half, square = 0.5 * f * f, s * s
    high, rest = fast_two_sum(k * LN2[0], f)
    return high + (rest - (half - (s * (half + square * polynomial(square, LOG)) + (k * LN2[1] + low))))


def log(m: Machine, x: Value) -> Value:
    part = split_any(m, x)
    f = part.mantissa - 1.0
    inside = m.where(x < INFINITY, _sum(part.k, f, f / (2.0 + f), 0.0), x)
    return m.where(x > 0.0, inside, m.where(m.equal(x, 0.0), -INFINITY, NAN))


def log1p(m: Machine, x: Value) -> Value:
    """log(u) + c/u with u + c = 1 + x; near 0, f is x itself."""
    near = (x > -0.29) & (x < 0.41)
    total, error = two_sum(1.0, x)
    part = split(m, total)
    f = m.where(near, x, part.mantissa - 1.0)
    s = f / (2.0 + f)
    per_total = m.real((2 * BIAS - part.exponent) << 52) * (1.0 - 2.0 * s * (1.0 - s))
    low = m.where((x < _EXACT) & ~near, error * per_total, 0.0)
    inside = m.where(x < INFINITY, _sum(m.where(near, 0.0, part.k), f, s, low), x)
    inside = m.where(m.equal(x, 0.0), x, inside)
    return m.where(x > -1.0, inside, m.where(m.equal(x, -1.0), -INFINITY, NAN))


def softplus(m: Machine, x: Value) -> Value:
    """log(1 + e^x) = max(x, 0) + log(1 + f) with f = e^-|x|; from f = ½ on, log(1 + f) = ln 2 + log(1 + (f - 1)/2)."""
    f, low = exp_of_negative(m, -m.abs(x))
    near = f >= 0.5
    f, low = m.where(near, 0.5 * f - 0.5, f), m.where(near, 0.5 * low, low)
    s = f / (2.0 + f)
    half, square = 0.5 * f * f, s * s
    curved = s * (half + square * polynomial(square, SOFTPLUS)) + low * (1.0 - 2.0 * s * (1.0 - s))
    high, rest = fast_two_sum(m.where(near, LN2[0], 0.0), m.where(x > 0.0, x, 0.0))
    high, lower = two_sum(high, f)
    return m.where(x > _SURE, x, high + ((rest + lower) + (m.where(near, LN2[1], 0.0) - (half - curved))))
