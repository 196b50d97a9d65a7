"""exp, expm1, sinh, cosh, tanh, sigmoid.

x = k ln 2 + r with ln 2 in two parts (Cody and Waite 1980), |r| ≤ ln 2/2, minimax polynomials of r, the sum with its
rounding error, and 2^k put into the exponent.
"""

from __future__ import annotations

from typing import NamedTuple

from lrstudio.core.elementary.arithmetic import (
    BIAS,
    MAGIC_BITS,
    fast_two_sum,
    head,
    limited,
    polynomial,
    power_of_two,
    quotient,
    rounded,
    scaled,
    two_sum,
    with_sign,
    word,
)
from lrstudio.core.elementary.machine import Machine, Value

LN2 = (0.6931471805582987, 1.6465949582897082e-12)
"""The first 38 bits of ln 2, whose product with k is exact, and the rest."""
_PER_LN2 = 1.4426950408889634
EXP = (
    0.5,
    0.16666666666666682,
    0.04166666666666672,
    0.008333333333317178,
    0.00138888888888595,
    0.00019841269896154275,
    2.480158737220215e-05,
    2.755723501410211e-06,
    2.7557234404009854e-07,
    2.5112001431561603e-08,
    2.0926674201034084e-09,
)
"""(e^r - 1 - r)/r² for |r| ≤ ln 2/2."""
COSH = (
    0.5,
    0.041666666666666706,
    0.0013888888888865148,
    2.4801587361551854e-05,
    2.7557243129738157e-07,
    2.092407664310342e-09,
)
"""(cosh r - 1)/r² as a polynomial of r²."""
SINH = (
    0.16666666666666677,
    0.008333333333322219,
    0.00019841269884809216,
    2.7557245414395475e-06,
    2.510864862960882e-08,
)
"""(sinh r - r)/r³ as a polynomial of r²."""
TANH_ABOVE = (
    0.999999999954673,
    0.14092683691868765,
    0.004417248704847531,
    4.2049255152275424e-05,
    1.0988520884610966e-07,
    3.59379148644763e-11,
)
TANH_BELOW = (
    1.0,
    0.47426016974980484,
    0.029170639528130794,
    0.0004991597119747761,
    2.582981832518996e-06,
    2.9032945942344453e-09,
)
"""tanh x / x for |x| ≤ 9.2 as a quotient of polynomials of x²."""
_SINGLE_ONE = 9.2
"""From here on tanh is 1 in float32."""
_TINY = 2.0**-28
_LOWEST, _HIGHEST = -746.0, 710.0
"""Below and above, e^x is 0 and infinite."""
_NEGLIGIBLE = 40.0
"""e^-40 is less than a quarter of the last bit of 1."""


class Reduced(NamedTuple):
    """x = k ln 2 + r + low; `word` is MAGIC_BITS + k."""

    k: Value
    word: Value
    r: Value
    low: Value


def reduced(m: Machine, x: Value) -> Reduced:
    k, bits = rounded(m, x * _PER_LN2)
    high = x - k * LN2[0]
    rest = k * LN2[1]
    r = high - rest
    return Reduced(k, bits, r, (high - r) - rest)


def one_and(r: Value, low: Value) -> tuple[Value, Value]:
    """Returns e^(r + low), |r| ≤ ln 2/2, as a sum 1 + r and a rest."""
    one = 1.0 + r
    return one, ((1.0 - one) + r) + (r * r * polynomial(r, EXP) + low)


def exp(m: Machine, x: Value) -> Value:
    part = reduced(m, limited(m, x, _LOWEST, _HIGHEST))
    high, low = one_and(part.r, part.low)
    return scaled(m, high + low, part.word)


def exp_of_negative(m: Machine, x: Value) -> tuple[Value, Value]:
    """Returns e^x for x ≤ 0 as a sum of double length."""
    part = reduced(m, m.where(x < _LOWEST, _LOWEST, x))
    high, low = fast_two_sum(*one_and(part.r, part.low))
    return scaled(m, high, part.word), scaled(m, low, part.word)


def _less_one(m: Machine, x: Value, *, positive: bool) -> tuple[Value, Value, Value]:
    """Returns a sum of two and the word of k: e^x - 1 = (high + low) 2^k, -40 ≤ x, x ≤ 0 unless `positive`."""
    part = reduced(m, x)
    inverse = m.real((word(MAGIC_BITS + BIAS) - part.word) << 52)
    start, start_low = (two_sum if positive else fast_two_sum)(-inverse, 1.0)
    if positive:
        large = part.k > 60.0
        start, start_low = m.where(large, 1.0, start), m.where(large, 0.0, start_low)
    r, square = part.r, part.r * part.r
    high, low = fast_two_sum(start, r)
    tail = 0.5 * square + (square * r * polynomial(r, EXP[1:]) + (part.low + part.low * r))
    return high, (low + start_low) + tail, part.word


def expm1(m: Machine, x: Value) -> Value:
    high, low, k = _less_one(m, limited(m, x, -_NEGLIGIBLE, _HIGHEST), positive=True)
    return m.where(m.equal(x, 0.0), x, scaled(m, high + low, k))


def tanh(m: Machine, x: Value) -> Value:
    """-t/(2 + t) with t = e^(-2|x|) - 1."""
    twice = -2.0 * m.abs(x)
    high, low, k = _less_one(m, m.where(twice < -_NEGLIGIBLE, -_NEGLIGIBLE, twice), positive=False)
    high, low = fast_two_sum(high, low)
    factor = power_of_two(m, k)
    high, low = high * factor, low * factor
    below = head(m, 2.0 + high)
    first, rest = quotient(m, high, low, below, ((2.0 - below) + high) + low)
    return with_sign(m, first + rest, x)


def tanh_single(m: Machine, x: Value) -> Value:
    """A minimax quotient, 2^-34 off: a five-hundredth of the last bit of a float32."""
    x = limited(m, x, -_SINGLE_ONE, _SINGLE_ONE)
    square = x * x
    return x * polynomial(square, TANH_ABOVE) / polynomial(square, TANH_BELOW)


def sigmoid(m: Machine, x: Value) -> Value:
    """1/(1 + e^-x) for x ≥ 0, e^x/(1 + e^x) for x < 0."""
    high, low = exp_of_negative(m, -m.abs(x))
    below = head(m, 1.0 + high)
    above = m.where(x < 0.0, high, 1.0), m.where(x < 0.0, low, 0.0)
    first, rest = quotient(m, *above, below, ((1.0 - below) + high) + low)
    return first + rest


class Halves(NamedTuple):
    """cosh x = 2^k (plus cosh r + minus sinh r), sinh x = 2^k (minus cosh r + plus sinh r), cosh r = 1 + even, ..."""

    word: Value
    r: Value
    small: Value
    even: Value
    odd: Value


def _halves(m: Machine, x: Value) -> Halves:
    """Returns the parts of (e^|x| ± e^-|x|)/2; `small` is 2^(-2k-1)."""
    size = m.abs(x)
    part = reduced(m, m.where(size > _HIGHEST + 2.0, _HIGHEST + 2.0, size))
    r, square = part.r, part.r * part.r
    small = m.where(part.k < 31.0, m.real((word(BIAS - 1 + 2 * MAGIC_BITS) - part.word - part.word) << 52), 0.0)
    even = square * polynomial(square, COSH)
    return Halves(part.word, r, small, even, r * square * polynomial(square, SINH) + part.low)


def sinh(m: Machine, x: Value) -> Value:
    k, r, small, even, odd = _halves(m, x)
    minus, plus = 0.5 - small, 0.5 + small
    high, low = two_sum(minus, 0.5 * r)
    high, lower = fast_two_sum(high, small * r)
    rest = (((0.5 - minus) - small) + lower) + (minus * even + plus * odd)
    return m.where(m.abs(x) < _TINY, x, with_sign(m, scaled(m, high + (low + rest), k), x))


def cosh(m: Machine, x: Value) -> Value:
    k, r, small, even, odd = _halves(m, x)
    minus, plus = 0.5 - small, 0.5 + small
    high, low = fast_two_sum(plus, 0.5 * r)
    rest = (((0.5 - plus) + small) - small * r) + (plus * even + minus * odd)
    return scaled(m, high + (low + rest), k)
