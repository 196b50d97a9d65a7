from __future__ import annotations

from math import pi

from lrstudio.core.declaration import param
from lrstudio.core.elementary import cos, sin
from lrstudio.core.problems.base import Surface


class Quadratic(Surface):
    """A bowl that is `condition` times as steep across as along, turned by `angle` degrees.

    Gradient descent is stable below 2/condition, and momentum pays when the condition number is large.
    """

    key = "quadratic"
    title = "Quadratic bowl"
    names = ("x", "y")
    start = (-3.0, 1.0)
    domain = ((-4.0, 4.0), (-4.0, 4.0))
    known_minima = ((0.0, 0.0),)
    least = 0.0

    condition: float = param(
        10.0, "curvature across over curvature along, which is 1", 1, 1e6, scale="log", label="condition number"
    )
    angle: float = param(30.0, "degrees by which the bowl is turned", -90, 90)

    @property
    def loss(self) -> str:  # type: ignore[override]
        """Half of (x cos + y sin)² + condition (y cos - x sin)², expanded."""
        angle = self.angle * pi / 180
        along, across = float(cos(angle)), float(sin(angle))
        xx = (along * along + self.condition * across * across) / 2
        yy = (across * across + self.condition * along * along) / 2
        xy = (1 - self.condition) * along * across
        return f"{_term(xx)}*x^2 + {_term(yy)}*y^2 {'-' if xy < 0 else '+'} {_term(abs(xy))}*x*y"


def _term(factor: float) -> str:
    """Returns the exact text of a factor in the formula language."""
    return repr(factor) if factor < 1e16 else f"{factor:.0f}"
