from __future__ import annotations

from lrstudio.core.declaration import MOST_STEPS, param
from lrstudio.core.schedules.base import Schedule


class ConstantLR(Schedule):
    """A share of the rate in the first total_iters steps, then all of it (ConstantLR).

        lr(t) = lr0*factor     for t < total_iters, then lr0

    A warm-up in one jump. factor: the share, 1/3 as in PyTorch, where 0 ends in an error at the jump. total_iters:
    steps until the jump.
    Source: torch.optim.lr_scheduler.ConstantLR.

    >>> from lrstudio.core.schedules import ConstantLR
    >>> ConstantLR(factor=0.5, total_iters=2).rates(steps=4, lr=0.8).tolist()
    [0.4, 0.4, 0.8, 0.8]
    """

    key = "constant_lr"
    title = "Constant share at first"
    rule = "lr = lr0*where(t < total_iters, factor, 1)"

    factor: float = param(1 / 3, "share of the rate in the first steps", 0, 1, label="share at first")
    total_iters: int = param(5, "steps until the whole rate", 1, MOST_STEPS)
