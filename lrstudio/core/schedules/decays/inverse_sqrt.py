from __future__ import annotations

from lrstudio.core.declaration import MOST_STEPS, param
from lrstudio.core.schedules.base import Schedule


class InverseSqrt(Schedule):
    """Rises in a straight line for warmup_steps, then falls as one over the root of the step (Vaswani et al. 2017).

        lr(t) = lr0*min((t + 1)/n, sqrt(n/(t + 1)))     with n = max(1, warmup_steps)

    The run's rate is the highest one; Vaswani counts the steps from 1. Without a warm-up it is lr/√(t + 1). The rate
    needs no number of steps that is planned ahead, and never reaches 0.
    warmup_steps: steps of the rise; more of them also keep the rate higher afterwards.
    Source: Vaswani et al. 2017, section 5.3; the root is the usual decay of stochastic gradient descent.

    >>> from lrstudio.core.schedules import InverseSqrt
    >>> InverseSqrt(warmup_steps=4).rates(steps=16, lr=0.8).round(4).tolist()[::3]
    [0.2, 0.8, 0.6047, 0.506, 0.4438, 0.4]
    """

    key = "inverse_sqrt"
    title = "Inverse square root"
    rule = """
        n = max(1, warmup_steps)
        lr = lr0*min((t + 1)/n, sqrt(n/(t + 1)))
    """

    warmup_steps: int = param(0, "steps until the highest rate; 0 begins with it", 0, MOST_STEPS, label="warm-up steps")
