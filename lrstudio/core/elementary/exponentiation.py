"""x^y = 2^(y log2 |x|) with a logarithm of about 68 bits (as in fdlibm, Sun Microsystems 1993) and its sign.

|x| = 2^k m, s = (m - 1)/(m + 1), ln m = (2/3) s (3 + s² + s⁴ P(s²)). Every factor is split into a head of 26 bits and
a rest, so that the products of the heads are exact (Dekker 1971).
"""

from __future__ import annotations

from lrstudio.core.elementary.arithmetic import (
    INFINITY,
    NAN,
    SIGN,
    fast_two_sum,
    head,
    limited,
    polynomial,
    quotient,
    rounded,
    scaled,
)
from lrstudio.core.elementary.exponential import one_and
from lrstudio.core.elementary.logarithm import split_any
from lrstudio.core.elementary.machine import Machine, Value

POW = (
    0.6,
    0.428571428571511,
    0.3333333332988043,
    0.27272727911646877,
    0.23076859663414187,
    0.20003619372487846,
    0.17528245061818937,
    0.17859889324807085,
)
"""P(z) for 0 ≤ z ≤ (3 - √8)²."""
_SCALE = (0.9617966860532761, 7.872699542894897e-09)
"""2/(3 ln 2)."""
_LN2 = (0.6931471675634384, 1.2996506893889889e-08)
_MOST = 1100.0
"""2 to this power overflows; 2 to the opposite is 0."""
_SURE = 2.0**64
"""Any |x| ≠ 1 to this power overflows or underflows."""


def _log2(m: Machine, x: Value) -> tuple[Value, Value]:
    """Returns log2 x of x > 0 as a head and a rest."""
    k, _, mantissa = split_any(m, x)
    below = head(m, mantissa + 1.0)
    s, s_low = quotient(m, mantissa - 1.0, 0.0, below, (1.0 - below) + mantissa)
    high, low = s * s, s_low * (s + (s + s_low))
    square = high + low
    rest = square * square * polynomial(square, POW)
    three = head(m, 3.0 + high + rest)
    three_low = (rest - ((three - 3.0) - high)) + low
    whole = s + s_low
    product, product_low = fast_two_sum(s * three, s_low * three + three_low * whole)
    first = head(m, product)
    first_low = (product - first) + product_low
    high, low = _SCALE[0] * first, _SCALE[1] * first + first_low * (_SCALE[0] + _SCALE[1])
    total = head(m, (high + low) + k)
    return total, low - ((total - k) - high)


def _power_of_size(m: Machine, x: Value, y: Value) -> Value:
    """Returns x^y of 0 < x < ∞."""
    log, log_low = _log2(m, x)
    y = limited(m, y, -_SURE, _SURE)
    y_head = head(m, y)
    high = y_head * log
    low = (y - y_head) * log + y * log_low
    low = m.where(m.abs(high) < _MOST, low, 0.0)
    high = limited(m, high, -_MOST, _MOST)
    k, bits = rounded(m, high + low)
    fraction, fraction_low = fast_two_sum(high - k, low)
    first = head(m, fraction)
    rest = (fraction - first) + fraction_low
    r, r_low = fast_two_sum(first * _LN2[0], first * _LN2[1] + rest * (_LN2[0] + _LN2[1]))
    one, tail = one_and(r, r_low)
    return scaled(m, one + tail, bits)


def power(m: Machine, x: Value, y: Value) -> Value:
    size, reciprocal = m.abs(x), y < 0.0
    value = _power_of_size(m, size, y)
    value = m.where(m.equal(size, 0.0), m.where(reciprocal, INFINITY, 0.0), value)
    value = m.where(m.equal(size, INFINITY), m.where(reciprocal, 0.0, INFINITY), value)
    value = m.where(m.equal(x, x) & m.equal(y, y), value, NAN)
    integer, half = m.equal(m.floor(y), y), 0.5 * y
    even = m.equal(m.floor(half), half)
    signed = m.real(m.bits(value) | (m.bits(x) & SIGN))
    value = m.where(integer & ~even, signed, value)
    value = m.where((x < 0.0) & (x > -INFINITY) & ~integer, NAN, value)
    return m.where(m.equal(y, 0.0) | m.equal(x, 1.0), 1.0, value)
