from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import length, param
from lrstudio.core.schedules.base import Schedule


@dataclass(frozen=True, kw_only=True)
class Polynomial(Schedule):
    """Falls to 0 in total_iters steps as η₀(1 - t/T)^power (PolynomialLR)."""

    key = "polynomial"
    title = "Polynomial"
    rule = "lr = lr0*(1 - min(t, total_iters)/total_iters)^power"

    total_iters: int | None = length("steps until the rate is 0", label="decay steps")
    power: float = param(1.0, "shape: 1 is a straight line, more falls earlier", above=0, high=20)
