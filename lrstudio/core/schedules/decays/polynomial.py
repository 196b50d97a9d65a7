from __future__ import annotations

from lrstudio.core.declaration import length, param
from lrstudio.core.schedules.base import Schedule


class Polynomial(Schedule):
    """Falls to end_lr in total_iters steps as η₀(1 - t/T)^power (PolynomialLR).

        lr(t) = end_lr + (lr0 - end_lr)*(1 - t/total_iters)^power

    power: 1 is a straight line, more falls earlier and ends flatter, less falls late. total_iters: from this step on
    the rate is end_lr; by default all steps, where PyTorch's default of 5 suits epochs. end_lr: the rate at the end, 0
    in PyTorch, 1e-7 in Hugging Face's polynomial, 1e-4 in Keras' PolynomialDecay.
    Source: torch.optim.lr_scheduler.PolynomialLR; keras.optimizers.schedules.PolynomialDecay.

    >>> from lrstudio.core.schedules import Polynomial
    >>> Polynomial(power=2).rates(steps=4, lr=0.8).round(4).tolist()
    [0.8, 0.45, 0.2, 0.05]
    """

    key = "polynomial"
    title = "Polynomial"
    rule = "lr = end_lr + (lr0 - end_lr)*(1 - min(t, total_iters)/total_iters)^power"

    total_iters: int | None = length("steps until the lowest rate", label="decay steps")
    power: float = param(1.0, "shape: 1 is a straight line, more falls earlier", above=0, high=20)
    end_lr: float = param(0.0, "rate at the end", 0, label="lowest rate")
