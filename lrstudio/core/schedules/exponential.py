from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.schedules.base import Schedule


@dataclass(frozen=True, kw_only=True)
class Exponential(Schedule):
    """Falls by the factor gamma every decay_steps steps (ExponentialLR; η₀e^(-kt) with gamma = e^-k)."""

    key = "exponential"
    title = "Exponential"
    rule = "lr = lr0 * gamma^where(staircase, floor(t/decay_steps), t/decay_steps)"

    gamma: float = param(0.99, "factor per decay_steps", 0, 2, label="decay factor γ")
    decay_steps: float = param(1.0, "steps in which the rate falls by gamma", above=0, scale="log")
    staircase: bool = param(False, "fall in jumps in place of smoothly", label="in stairs")
