"""Ends of domains, signed zeros, infinities, NaN, subnormal numbers, and the exact cases of pow."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from lrstudio.core import elementary

INF, NAN = math.inf, math.nan
TINY, LEAST = 2.0**-1022, 5e-324
VALUES: dict[str, list[tuple[float, float]]] = {
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (709.782712893384, 1.7976931348622732e308)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (LEAST, LEAST), (-1e-300, -1e-300), (-800, -1.0)],
    "log": [(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN), (LEAST, -744.4400719213812)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-1.5, NAN), (-INF, NAN), (LEAST, LEAST)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (LEAST, LEAST), (1e22, -0.8522008497671888)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (1e22, 0.523214785395139)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (-LEAST, -LEAST), (1e22, -1.6287782256068988)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (INF, np.pi / 2), (-INF, -np.pi / 2), (LEAST, LEAST), (1.0, np.pi / 4)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (LEAST, LEAST), (30.0, 1.0)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (-LEAST, -LEAST), (711.0, INF)],
    "cosh": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (-711.0, INF)],
    "sigmoid": [(0.0, 0.5), (INF, 1.0), (-INF, 0.0), (40.0, 1.0), (-745.0, LEAST), (-800.0, 0.0)],
    "softplus": [(0.0, np.log(2)), (INF, INF), (-INF, 0.0), (1e300, 1e300), (-745.0, LEAST), (-800.0, 0.0)],
}
NUMBERS = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 1e17, 2.0**53 - 1, TINY, LEAST, 1e308, INF]
SIGNED = [*NUMBERS, *(-x for x in NUMBERS), NAN]


def same(x: Any, y: Any) -> bool:
    """Equal numbers with equal signs, or both not a number."""
    return bool(np.array_equal(x, y, equal_nan=True) and (np.isnan(x) | (np.signbit(x) == np.signbit(y))).all())


@pytest.mark.parametrize("name", VALUES)
def test_special_arguments_have_their_values(name: str) -> None:
    arguments, expected = np.array([*VALUES[name], (NAN, NAN)]).T
    assert same(getattr(elementary, name)(arguments), expected)


def _pow(x: float, y: float) -> float:
    """Python's pow, which raises where IEEE 754 has a value."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return math.copysign(INF, x) if y % 2 == 1 else INF
    except ValueError:
        return (math.copysign(INF, x) if y % 2 == 1 else INF) if x == 0 else NAN


def test_pow_has_every_special_case_of_ieee_754() -> None:
    bases, exponents = np.array(list(itertools.product(SIGNED, SIGNED))).T
    expected = np.array([_pow(x, y) for x, y in zip(bases.tolist(), exponents.tolist(), strict=True)])
    found = elementary.power(bases, exponents)
    special = ~np.isfinite(expected) | (expected == 0) | (np.abs(expected) == 1)
    assert same(found[special], expected[special])
    assert np.allclose(found[~special], expected[~special], rtol=4e-16, atol=LEAST)


def test_pow_of_small_integers_is_exact() -> None:
    bases, exponents = np.array([(x, y) for x in range(-12, 13) for y in range(13)], float).T
    assert same(
        elementary.power(bases, exponents),
        np.array([float(int(x) ** int(y)) for x, y in zip(bases, exponents, strict=True)]),
    )


def test_float32_is_float64_rounded_once() -> None:
    x = np.linspace(-5, 5, 1001, dtype=np.float32)
    found = elementary.tanh(x)
    assert found.dtype == np.float32
    assert same(found, elementary.tanh(x.astype(float)).astype(np.float32))


@pytest.mark.parametrize("shape", [(), (1,), (0,), (3, 4)])
def test_the_shape_stays(shape: tuple[int, ...]) -> None:
    assert np.shape(elementary.exp(np.ones(shape))) == np.shape(elementary.power(np.ones(shape), 2.0)) == shape
