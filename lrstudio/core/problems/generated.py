"""Data x, y drawn around a curve: where the data of a typed formula come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import choice, param
from lrstudio.core.problems.base import Data

_CURVES: Mapping[str, Callable[[Array], Array]] = {
    "line": lambda x: 1.5 * x - 0.5,
    "sine": lambda x: 2 * np.sin(1.5 * x) + 0.5,
    "parabola": lambda x: 0.5 * x**2 - x - 1,
    "exponential": lambda x: 0.8 * np.exp(0.6 * x),
}


@dataclass(frozen=True, kw_only=True)
class Generated:
    """Points whose x are even in [-3, 3) and whose y are a curve's, with normal noise."""

    curve: str = choice("sine", tuple(_CURVES), "the curve that the data are drawn around")
    n: int = param(60, "number of points", 2, 10_000, scale="log", label="points")
    noise: float = param(0.2, "standard deviation of what is added to y", 0, 100)

    def points(self, seed: int) -> Data:
        """The columns x and y (n,)."""
        random = np.random.default_rng(seed)
        x = random.uniform(-3, 3, self.n)
        return {"x": x, "y": _CURVES[self.curve](x) + self.noise * random.normal(size=self.n)}
