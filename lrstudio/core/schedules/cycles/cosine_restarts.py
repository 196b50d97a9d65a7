from __future__ import annotations

from lrstudio.core.declaration import length, param
from lrstudio.core.schedules.base import Schedule


class CosineRestarts(Schedule):
    """A cosine that starts again after T_0 steps, each time T_mult times as long (CosineAnnealingWarmRestarts).

        lr(t) = eta_min + (lr0 - eta_min)*(1 + cos(pi*s/T_i))/2

    s are the steps since the last restart and T_i = T_0*T_mult^i is the length of the cycle. A restart throws the run
    out of a narrow minimum; the end of each cycle is a good result by itself.
    T_0: the first cycle. T_mult: 1 makes all alike, 2 doubles each. eta_min: the rate at the bottom.
    Source: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts; SGDR, Loshchilov & Hutter 2017.

    >>> from lrstudio.core.schedules import CosineRestarts
    >>> CosineRestarts(T_0=2, T_mult=2).rates(steps=7, lr=1).round(4).tolist()  # restarts at 2 and 6
    [1.0, 0.5, 1.0, 0.8536, 0.5, 0.1464, 1.0]
    """

    key = "cosine_restarts"
    title = "Cosine with restarts"
    rule = """
        n = floor(where(T_mult == 1, t/T_0, log(t/T_0*(T_mult - 1) + 1)/log(T_mult)) + 0.000000001)
        begin = T_0*where(T_mult == 1, n, (T_mult^n - 1)/(T_mult - 1))
        lr = eta_min + (lr0 - eta_min)*(1 + cos(pi*(t - begin)/(T_0*T_mult^n)))/2
    """

    T_0: int | None = length("steps until the first restart", label="first cycle T₀")
    T_mult: int = param(1, "factor by which each cycle is longer than the one before", 1, 100, label="cycle growth")
    eta_min: float = param(0.0, "rate at the bottom", 0, label="lowest rate")
