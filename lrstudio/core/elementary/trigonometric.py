"""sin, cos, tan, atan.

x = k π/2 + r with π/2 in three parts (Cody and Waite 1980); from `LIMIT` on r is the fraction of the product with 190
bits of 2/π (Payne and Hanek 1983). r has double length; minimax polynomials for |r| ≤ π/4.
"""

from __future__ import annotations

from typing import NamedTuple

from lrstudio.core.elementary.arithmetic import (
    INFINITY,
    INTEGER_BITS,
    MANTISSA,
    NAN,
    fast_two_sum,
    head,
    polynomial,
    quotient,
    rounded,
    two_sum,
    with_sign,
)
from lrstudio.core.elementary.machine import Machine, Value

LIMIT = 2.0**14
_HALF_PI = (1.5707963267923333, 2.5633441515905732e-12, 3.9455541665632055e-24)
"""39, 39 and 53 bits: the products of the first two with k < 2^14 are exact."""
_PAIR = (1.5707963267948966, 6.123233995736766e-17)
_PER_HALF_PI = 0.6366197723675814
SIN = (
    -0.16666666666666635,
    0.008333333333323263,
    -0.00019841269830365435,
    2.755731385756558e-06,
    -2.5050780966325772e-08,
    1.5897986144965982e-10,
)
"""(sin r - r)/r³ as a polynomial of r²."""
_SIXTH = (-0.16666666666666666, -9.25185853854297e-18)
SIN_FINER = (
    0.008333333333333325,
    -0.00019841269841256172,
    2.755731921467771e-06,
    -2.5052105022905556e-08,
    1.6058379337274368e-10,
    -7.579271659222485e-13,
)
"""((sin r - r)/r³ + 1/6)/r² with one more term."""
COS = (
    0.041666666666666644,
    -0.0013888888888881285,
    2.4801587293508027e-05,
    -2.755731541532994e-07,
    2.087585685158275e-09,
    -1.1366098610005973e-11,
)
"""(cos r - 1 + r²/2)/r⁴ as a polynomial of r²."""
ATAN = (
    -0.33333333333333254,
    0.19999999999966606,
    -0.14285714281305809,
    0.11111110832035222,
    -0.09090899009264822,
    0.07692080483669296,
    -0.06663316320012881,
    0.058493254457629755,
    -0.05045365803332598,
    0.03820966720879349,
    -0.01805769597243142,
)
"""(atan t - t)/t³ as a polynomial of t², 0 ≤ t ≤ tan(π/8)."""
_TINY = 2.0**-28
_LOW_WORD = (1 << 32) - 1


class Reduced(NamedTuple):
    """x = k π/2 + r + low; the lowest bits of the word `k` count the quarter turns."""

    r: Value
    low: Value
    k: Value


def _reduced(m: Machine, x: Value) -> Reduced:
    k, bits = rounded(m, x * _PER_HALF_PI)
    high, error = two_sum(x - k * _HALF_PI[0], -(k * _HALF_PI[1]))
    rest = k * _HALF_PI[2] - error
    r = high - rest
    return Reduced(r, (high - r) - rest, bits)


def _product(a: Value, b: Value) -> tuple[Value, Value]:
    """Returns the upper and the lower word of a b."""
    low = (a & _LOW_WORD) * (b & _LOW_WORD)
    first = (a >> 32) * (b & _LOW_WORD) + (low >> 32)
    second = (a & _LOW_WORD) * (b >> 32) + (first & _LOW_WORD)
    return (a >> 32) * (b >> 32) + (first >> 32) + (second >> 32), a * b


def _reduced_huge(m: Machine, x: Value) -> Reduced:
    """Returns the same for |x| ≥ LIMIT; scalars only.

    |x| = M 2^e. The bits of 2/π with a weight that makes a multiple of 4 with 2^e do not count; the next 192 give
    M 2^e 2/π modulo 4 with an error below 2^-137, where the fraction is at least 2^-62.
    """
    size = m.bits(m.abs(x))
    position = (size >> 52) - (1075 + 2 - 64)
    index, shift = position >> 6, position & 63
    words = [m.two_over_pi(index + i) for i in range(4)]
    windows = [(words[i] << shift) | ((words[i + 1] >> 1) >> (63 - shift)) for i in range(3)]
    mantissa = (size & MANTISSA) | (1 << 52)
    carried, lowest = _product(mantissa, windows[2])
    upper, lower = _product(mantissa, windows[1])
    middle = lower + carried
    carry = ((lower & carried) | ((lower | carried) & (middle ^ ((1 << 64) - 1)))) >> 63
    top = mantissa * windows[0] + upper + carry
    high, low = (top << 2) | (middle >> 62), (middle << 2) | (lowest >> 62)
    return _of_turns(m, x, high, low, (top >> 62) + (high >> 63))


def _of_turns(m: Machine, x: Value, high: Value, low: Value, k: Value) -> Reduced:
    """Returns x reduced: |x| = (k + t) π/2, t the signed fraction with the bits `high` and `low`."""
    signed = m.real(((high >> 32) ^ (1 << 31)) | INTEGER_BITS) - (2.0**52 + 2.0**31)
    pieces = [m.real(bits | INTEGER_BITS) - 2.0**52 for bits in (high & _LOW_WORD, low >> 32, low & _LOW_WORD)]
    a, a_error = two_sum(signed * 2.0**-32, pieces[0] * 2.0**-64)
    b, b_error = two_sum(pieces[1] * 2.0**-96, pieces[2] * 2.0**-128)
    t, t_error = two_sum(a, b)
    t, t_low = fast_two_sum(t, a_error + (b_error + t_error))
    t_head, pi_head = head(m, t), 1.5707963109016418
    t_tail, pi_tail = t - t_head, _PAIR[0] - pi_head
    product = t * _PAIR[0]
    error = (((t_head * pi_head - product) + t_head * pi_tail) + t_tail * pi_head) + t_tail * pi_tail
    r, r_low = fast_two_sum(product, error + (t * _PAIR[1] + t_low * _PAIR[0]))
    negative = x < 0.0
    return Reduced(m.where(negative, -r, r), m.where(negative, -r_low, r_low), m.where(negative, 0 - k, k))


def _sine(r: Value, low: Value) -> tuple[Value, Value]:
    square = r * r
    return r, r * square * polynomial(square, SIN) + low * (1.0 - 0.5 * square)


def _cosine(r: Value, low: Value) -> tuple[Value, Value]:
    square = r * r
    half = 0.5 * square
    one = 1.0 - half
    return one, ((1.0 - one) - half) + (square * square * polynomial(square, COS) - r * low)


def _exact_sine(r: Value, low: Value) -> tuple[Value, Value]:
    """Returns the same with fewer roundings."""
    square = r * r
    cube = r * square
    rest = cube * (square * polynomial(square, SIN_FINER) + _SIXTH[1])
    return r, cube * _SIXTH[0] + (rest + low * (1.0 - 0.5 * square))


def _exact_cosine(m: Machine, r: Value, low: Value) -> tuple[Value, Value]:
    """Returns the same with the rounding error of r²/2."""
    first = head(m, r)
    half, half_low = 0.5 * first * first, 0.5 * ((r - first) * (r + first))
    one, square = 1.0 - half, r * r
    return one, ((1.0 - one) - half) + (square * square * polynomial(square, COS) - (half_low + r * low))


def _wave(m: Machine, part: Reduced, k: Value) -> Value:
    """Returns sin(r + k π/2)."""
    sine, cosine = _sine(part.r, part.low), _cosine(part.r, part.low)
    size = m.where(m.odd(k), cosine[0] + cosine[1], sine[0] + sine[1])
    return m.real(m.bits(size) ^ ((k & 2) << 62))


def _tangent(m: Machine, part: Reduced) -> Value:
    sine = fast_two_sum(*_exact_sine(part.r, part.low))
    cosine = fast_two_sum(*_exact_cosine(m, part.r, part.low))
    odd = m.odd(part.k)
    above, above_low = (m.where(odd, -c, s) for s, c in zip(sine, cosine, strict=True))
    below, below_low = (m.where(odd, s, c) for s, c in zip(sine, cosine, strict=True))
    first = head(m, below)
    q, rest = quotient(m, above, above_low, first, (below - first) + below_low)
    return q + rest


def _finite(m: Machine, x: Value, y: Value) -> Value:
    return m.where(m.abs(x) < INFINITY, y, NAN)


def sin(m: Machine, x: Value) -> Value:
    part = _reduced(m, x)
    return m.where(m.equal(x, 0.0), x, _wave(m, part, part.k))


def sin_huge(m: Machine, x: Value) -> Value:
    part = _reduced_huge(m, x)
    return _finite(m, x, _wave(m, part, part.k))


def cos(m: Machine, x: Value) -> Value:
    part = _reduced(m, x)
    return _wave(m, part, part.k + 1)


def cos_huge(m: Machine, x: Value) -> Value:
    part = _reduced_huge(m, x)
    return _finite(m, x, _wave(m, part, part.k + 1))


def tan(m: Machine, x: Value) -> Value:
    return m.where(m.abs(x) < _TINY, x, _tangent(m, _reduced(m, x)))


def tan_huge(m: Machine, x: Value) -> Value:
    return _finite(m, x, _tangent(m, _reduced_huge(m, x)))


def atan(m: Machine, x: Value) -> Value:
    """0, π/4 or π/2 and atan t: t = |x|, (|x| - 1)/(|x| + 1), -1/|x|."""
    size = m.abs(x)
    size = m.where(size > 2.0**60, 2.0**60, size)
    small, large = size < 0.414213562373095, size > 2.414213562373095
    above = m.where(small, size, m.where(large, -1.0, size - 1.0))
    above_low = m.where(small | large, 0.0, size - ((size - 1.0) + 1.0))
    one, other = m.where(large, 0.0, 1.0), m.where(small, 0.0, size)
    below = head(m, one + other)
    first, rest = quotient(m, above, above_low, below, (one - below) + other)
    t, t_low = fast_two_sum(first, rest)
    square = t * t
    high, low = fast_two_sum(m.where(small, 0.0, m.where(large, _PAIR[0], 0.5 * _PAIR[0])), t)
    base_low = m.where(small, 0.0, m.where(large, _PAIR[1], 0.5 * _PAIR[1]))
    low = low + (base_low + ((t_low - square * t_low) + t * square * polynomial(square, ATAN)))
    return with_sign(m, high + low, x)
