"""Compares the elementary functions with 60 digits: `python -m tests.elementary_truth [points] [names]`.

Uses mpmath, or python-flint where it is installed, which is ten times faster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath
import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary.arrays import evaluated
from lrstudio.core.elementary.functions import FUNCTIONS

PRECISION = 200
"""Bits: 60 digits."""

TRUTH: dict[str, Callable[..., Any]] = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "atan": mpmath.atan,
    "tanh": lambda x: mpmath.expm1(2 * x) / (mpmath.expm1(2 * x) + 2),
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "pow": mpmath.power,
}


def _even(random: np.random.Generator, low: float, high: float, count: int) -> Array:
    return random.uniform(low, high, count)


def _scales(random: np.random.Generator, low: float, high: float, count: int) -> Array:
    """Returns numbers of both signs with sizes between 2^low and 2^high, evenly in the exponent."""
    return np.asarray(random.choice([-1, 1], count) * 2.0 ** random.uniform(low, high, count))


_WAVES = [(_even, -7, 7), (_even, -20000, 20000), (_scales, -40, 14), (_scales, 14, 1024)]
_HYPERBOLIC = [(_even, -3, 3), (_even, -25, 25), (_even, -710.4, 710.4), (_scales, -60, 1)]
_DOMAINS: dict[str, Sequence[tuple[Callable[..., Array], float, float]]] = {
    "exp": [(_even, -745.2, 709.8), (_even, -1, 1), (_even, -745.2, -708), (_scales, -60, 6)],
    "expm1": [(_even, -40, 709.8), (_even, -3, 3), (_even, 30, 45), (_scales, -1074, 1)],
    "log": [(_scales, -1074, 1024), (_even, 0.3, 3), (_even, 0.9, 1.1), (_scales, -1074, -1020)],
    "log1p": [(_scales, -1074, 1024), (_even, -1, 3), (_even, -0.4, 0.6), (_scales, -60, 60)],
    "sin": _WAVES,
    "cos": _WAVES,
    "tan": _WAVES,
    "atan": [(_even, -4, 4), (_even, -0.5, 0.5), (_scales, -1074, 1024), (_scales, -4, 4)],
    "tanh": [(_even, -3, 3), (_even, -20, 20), (_scales, -1074, 1), (_scales, -4, 4)],
    "sinh": _HYPERBOLIC,
    "cosh": _HYPERBOLIC,
    "sigmoid": [(_even, -5, 5), (_even, -45, 45), (_even, -745, 40), (_even, -745, -700)],
    "softplus": [(_even, -3, 3), (_even, -45, 45), (_even, -745, 1000), (_even, -745, -700)],
}


def points(name: str, count: int, seed: int = 0) -> tuple[Array, ...]:
    """Returns arguments from all over the domain of a function, ends included."""
    random = np.random.default_rng(seed)
    quarter = count // 4
    if name != "pow":
        x = np.concatenate([draw(random, low, high, quarter) for draw, low, high in _DOMAINS[name]])
        return (np.where(x > {"log": 0, "log1p": -1}.get(name, -np.inf), x, -x),)
    x = np.concatenate(
        [
            random.uniform(0.5, 2, quarter),
            np.abs(_scales(random, -1074, 1023, quarter)),
            random.uniform(0.9, 1, quarter),
            random.uniform(0, 10, quarter),
        ]
    )
    with np.errstate(divide="ignore"):
        y = random.uniform(-1, 1, 4 * quarter) * np.minimum(1075 / np.abs(np.log2(x)), 1e300)
    y[2 * quarter : 3 * quarter] = random.integers(1, 10000, quarter)
    y[3 * quarter :] = random.uniform(-9, 9, quarter)
    return x, y


def _flint() -> tuple[dict[str, Callable[..., Any]], Callable[[float], Any]] | None:
    try:
        import flint
    except ImportError:
        return None
    flint.ctx.prec = 400
    named: dict[str, Callable[..., Any]] = {
        name: lambda x, name=name: getattr(x, name)()
        for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "atan", "tanh", "sinh", "cosh")
    }
    more: dict[str, Callable[..., Any]] = {
        "sigmoid": lambda x: 1 / (1 + (-x).exp()),
        "softplus": lambda x: x.exp().log1p(),
        "pow": lambda x, y: x**y,
    }
    return {**named, **more}, flint.arb


def errors(name: str, *arguments: Array, fast: bool = False) -> Iterator[float]:
    """Returns the distance of every value from the truth in units in the last place of the truth."""
    values = evaluated(name, *arguments)
    found = _flint() if fast else None
    truth, real = found or (TRUTH, mpmath.mpf)
    with mpmath.workprec(PRECISION):
        for value, *numbers in zip(values.tolist(), *(argument.tolist() for argument in arguments), strict=True):
            true = truth[name](*map(real, numbers))
            near = abs(float(true))
            if near == np.inf or abs(value) == np.inf:  # the truth rounds to it, or lies within half an ulp below it
                yield 0.0 if value == float(true) else np.inf
                continue
            yield abs(float((true - real(value)) / real(float(np.spacing(near)))))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    for name in sys.argv[2:] or FUNCTIONS:
        arguments = points(name, count)
        found = np.fromiter(errors(name, *arguments, fast=True), float)
        at = int(found.argmax())
        print(f"{name:9}{found[at]:.3f} ulp at {[float(x[at]) for x in arguments]}, {len(found)} points", flush=True)


if __name__ == "__main__":
    main()
