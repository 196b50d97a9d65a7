from __future__ import annotations

from lrstudio.core.declaration import length, param
from lrstudio.core.schedules.base import Schedule


class Linear(Schedule):
    """A straight line from start_factor to end_factor times the rate in total_iters steps (LinearLR; η₀ - kt).

        lr(t) = lr0*(start_factor + (end_factor - start_factor)*t/total_iters)

    start_factor, end_factor: the ends, as shares of the rate; 0 to 1 is a warm-up, 1 to 0 a decay. total_iters: the
    length of the line; after it the rate stays. The defaults are a decay over all steps, as most ask for; PyTorch's are
    a warm-up (1/3 to 1 in 5 steps), which is the schedule Warm-up here.
    Source: torch.optim.lr_scheduler.LinearLR.

    >>> from lrstudio.core.schedules import Linear
    >>> Linear(end_factor=0.5, total_iters=2).rates(steps=4, lr=0.8).round(4).tolist()
    [0.8, 0.6, 0.4, 0.4]
    """

    key = "linear"
    title = "Linear"
    rule = "lr = lr0*(start_factor + (end_factor - start_factor)*min(t, total_iters)/total_iters)"

    start_factor: float = param(1.0, "share of the rate at the first step", 0, 100)
    end_factor: float = param(0.0, "share of the rate at the end", 0, 100)
    total_iters: int | None = length("steps from start to end", label="steps to the end")
