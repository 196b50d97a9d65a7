from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import MOST_STEPS, param
from lrstudio.core.schedules.base import Schedule


@dataclass(frozen=True, kw_only=True)
class InverseSqrt(Schedule):
    """Rises in a straight line for warmup_steps, then falls as one over the root of the step (Vaswani et al. 2017).

    The run's rate is the highest one; Vaswani counts the steps from 1. Without a warm-up it is lr/√(t + 1).
    """

    key = "inverse_sqrt"
    title = "Inverse square root"
    rule = """
        n = max(1, warmup_steps)
        lr = lr0*min((t + 1)/n, sqrt(n/(t + 1)))
    """

    warmup_steps: int = param(0, "steps until the highest rate; 0 begins with it", 0, MOST_STEPS, label="warm-up steps")
