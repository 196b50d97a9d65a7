from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.problems.base import Surface


@dataclass(frozen=True, kw_only=True)
class Matyas(Surface):
    """A long, shallow trough: condition number 25."""

    key = "matyas"
    title = "Matyas"
    loss = "0.26*(x^2 + y^2) - 0.48*x*y"
    names = ("x", "y")
    start = (-8.0, 6.0)
    domain = ((-10.0, 10.0), (-10.0, 10.0))
    known = ((0.0, 0.0),)
    least = 0.0
