from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.schedules.base import Schedule


class Exponential(Schedule):
    """Falls by the factor gamma every decay_steps steps (ExponentialLR; η₀e^(-kt) with gamma = e^-k).

        lr(t) = lr0 * gamma^(t/decay_steps)

    gamma, decay_steps: together they say how fast; half of the rate is left after decay_steps*log(1/2)/log(gamma)
    steps. staircase: falls in jumps, at the multiples of decay_steps.
    Source: torch.optim.lr_scheduler.ExponentialLR (decay_steps = 1); TensorFlow's ExponentialDecay has all three.

    >>> from lrstudio.core.schedules import Exponential
    >>> Exponential(gamma=0.5, decay_steps=2).rates(steps=5, lr=0.8).round(4).tolist()
    [0.8, 0.5657, 0.4, 0.2828, 0.2]
    """

    key = "exponential"
    title = "Exponential"
    rule = "lr = lr0 * gamma^where(staircase, floor(t/decay_steps), t/decay_steps)"

    gamma: float = param(0.99, "factor per decay_steps", 0, 2, label="decay factor γ")
    decay_steps: float = param(1.0, "steps in which the rate falls by gamma", above=0, scale="log")
    staircase: bool = param(False, "fall in jumps in place of smoothly", label="in stairs")
