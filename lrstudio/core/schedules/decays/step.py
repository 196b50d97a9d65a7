from __future__ import annotations

from lrstudio.core.declaration import MOST_STEPS, param
from lrstudio.core.schedules.base import Schedule


class Step(Schedule):
    """Falls by the factor gamma in a jump every step_size steps (StepLR).

        lr(t) = lr0 * gamma^floor(t/step_size)

    step_size: a stretch of constant rate, long enough to reach the noise that belongs to it. gamma: how deep a jump is;
    0.1 is usual.
    Source: torch.optim.lr_scheduler.StepLR.

    >>> from lrstudio.core.schedules import Step
    >>> Step(step_size=2, gamma=0.5).rates(steps=5, lr=0.8).tolist()
    [0.8, 0.8, 0.4, 0.4, 0.2]
    """

    key = "step"
    title = "Step decay"
    rule = "lr = lr0 * gamma^floor(t/step_size)"

    step_size: int = param(10, "steps between two jumps", 1, MOST_STEPS, scale="log", label="steps per drop")
    gamma: float = param(0.1, "factor of a jump", 0, 2, label="drop factor γ")
