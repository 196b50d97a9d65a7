from __future__ import annotations

import numpy as np

from lrstudio.core.problems.base import Data, Problem


class Proportional(Problem):
    """The line y = w·x + b through four points of y = 3x, fitted by the mean of squares."""

    key = "proportional"
    title = "Proportional y = 3x"
    loss = "mean((w*x + b - y)^2)"
    names = ("w", "b")
    start = (0.0, 0.0)
    domain = ((-1.0, 6.0), (-6.0, 7.0))
    model = "w*x + b"

    def data(self, seed: int) -> Data:
        x = np.array([1.0, 2.0, 3.0, 4.0])
        return {"x": x, "y": 3 * x}

    def optimum(self, data: Data) -> tuple[float, ...]:
        return (3.0, 0.0)
