"""Rows of values as they are typed: `1e-4:10:256` by equal factors, `0..0.99:100` by equal steps."""

from __future__ import annotations

import math

import numpy as np

MOST = 2**20


def span(option: str, text: str, *, whole: bool = False) -> tuple[float, ...]:
    """The values of `a:b:n` or `a..b:n`, both ends among them; of `whole` ones each once.

    ValueError says what is wrong.
    """
    first, colon, rest = text.partition("..") if ".." in text else text.partition(":")
    last, second, count = rest.partition(":")
    if not (colon and second):
        raise ValueError(f"{option} {text!r}: must be a:b:n (equal factors) or a..b:n (equal steps)")
    low, high = _number(option, text, first), _number(option, text, last)
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= MOST):
        raise ValueError(f"{option} {text!r}: how many must be a whole number from 1 to {MOST}")
    values = [low, *_between(option, text, low, high, int(count), log=colon == ":"), high][: int(count)]
    if whole:
        values = list(dict.fromkeys(float(round(value)) for value in values))
    return tuple(values)


def _between(option: str, text: str, low: float, high: float, count: int, *, log: bool) -> list[float]:
    if log and not (low > 0 and high > 0):
        raise ValueError(f"{option} {text!r}: equal factors need both ends above 0; a..b:n makes equal steps")
    values = np.geomspace(low, high, max(2, count)) if log else np.linspace(low, high, max(2, count))
    inner: list[float] = values[1:-1].tolist()
    return inner


def _number(option: str, text: str, part: str) -> float:
    try:
        value = float(part) if part.isascii() and "_" not in part else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{option} {text!r}: {part!r} is no number")
    return value
