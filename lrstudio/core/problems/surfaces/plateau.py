from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.problems.base import Surface


@dataclass(frozen=True, kw_only=True)
class Plateau(Surface):
    """Nearly flat far out: gradients vanish where the start is."""

    key = "plateau"
    title = "Plateau"
    loss = "1 - exp(-(x^2 + y^2)/2)"
    names = ("x", "y")
    start = (2.4, 1.8)
    domain = ((-4.0, 4.0), (-4.0, 4.0))
    known = ((0.0, 0.0),)
    least = 0.0
