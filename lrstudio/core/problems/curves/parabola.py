from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.problems.base import Data, Problem


@dataclass(frozen=True, kw_only=True)
class Parabola(Problem):
    """The smallest problem there is: one weight, one minimum at -1, curvature 2 everywhere."""

    key = "parabola"
    title = "Parabola (w + 1)²"
    loss = "(w + 1)^2"
    names = ("w",)
    start = (5.0,)
    domain = ((-8.0, 6.0),)

    def optimum(self, data: Data) -> tuple[float, ...]:
        return (-1.0,)
