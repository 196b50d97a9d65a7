from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import MOST_STEPS, param
from lrstudio.core.schedules.base import Schedule


@dataclass(frozen=True, kw_only=True)
class Step(Schedule):
    """Falls by the factor gamma in a jump every step_size steps (StepLR)."""

    key = "step"
    title = "Step"
    rule = "lr = lr0 * gamma^floor(t/step_size)"

    step_size: int = param(10, "steps between two jumps", 1, MOST_STEPS, scale="log", label="steps per drop")
    gamma: float = param(0.1, "factor of a jump", 0, 2, label="drop factor γ")
