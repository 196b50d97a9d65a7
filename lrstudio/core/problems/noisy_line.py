from __future__ import annotations

import numpy as np

from lrstudio.core.declaration import param
from lrstudio.core.problems.base import Data, Problem, least_squares
from lrstudio.core.random_numbers import uniform


class NoisyLine(Problem):
    """A line through noisy points; the noise is uniform, so that the best bias is its mean above the true one."""

    key = "noisy_line"
    title = "Noisy line"
    loss = "mean((w*x + b - y)^2)"
    names = ("w", "b")
    start = (-1.0, 1.0)
    model = "w*x + b"
    depends_on_seed = True

    n: int = param(100, "number of points", 2, 100_000, scale="log", label="points")
    slope: float = param(3.0, "slope of the line that the points are drawn around", -100, 100)
    bias: float = param(2.0, "value of that line at x = 0", -100, 100)
    noise: float = param(1.0, "width of the uniform noise [0, width) that is added to y", 0, 100)

    @property
    def domain(self) -> tuple[tuple[float, float], ...]:  # type: ignore[override]
        """A square around the best line that holds the start."""
        best = (self.slope, self.bias + self.noise / 2)
        half = 1.25 * max(2.0, *(abs(value - start) for value, start in zip(best, self.start, strict=True)))
        return tuple((value - half, value + half) for value in best)

    def data(self, seed: int) -> Data:
        random = np.random.default_rng(seed)
        x = uniform(random, -1, 1, self.n)
        return {"x": x, "y": self.slope * x + self.bias + self.noise * random.random(self.n)}

    def optimum(self, data: Data) -> tuple[float, ...]:
        return least_squares(data)
