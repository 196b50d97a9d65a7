from __future__ import annotations

from lrstudio.core.declaration import length, param
from lrstudio.core.schedules.base import Schedule


class Cosine(Schedule):
    """Half a cosine from the rate down to eta_min in T_max steps (CosineAnnealingLR).

        lr(t) = eta_min + (lr0 - eta_min)*(1 + cos(pi*t/T_max))/2

    It stays long near the top and near the bottom. T_max: steps until the bottom, usually all of them; beyond it the
    rate rises again. eta_min: the rate at the bottom. doubled: leaves out the half, so that it begins at 2*lr0.
    Source: torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov & Hutter 2017.

    >>> from lrstudio.core.schedules import Cosine
    >>> Cosine().rates(steps=4, lr=1).round(4).tolist()  # T_max is the number of steps
    [1.0, 0.8536, 0.5, 0.1464]
    """

    key = "cosine"
    title = "Cosine"
    rule = "lr = eta_min + (lr0 - eta_min)*(1 + cos(pi*t/T_max))/where(doubled, 1, 2)"

    T_max: int | None = length("steps from the top to the bottom", label="steps to lowest")
    eta_min: float = param(0.0, "rate at the bottom", 0, label="lowest rate")
    doubled: bool = param(False, "leave out the factor 1/2: begins at twice the rate", label="twice the rate")
