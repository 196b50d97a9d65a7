from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class Adamax(Optimizer):
    """Momentum, divided by the largest recent gradient (torch.optim.Adamax; Kingma & Ba 2015)."""

    key = "adamax"
    title = "Adamax"
    default_lr = 2e-3
    rule = """
        d = g + weight_decay*w
        m = beta1*m + (1 - beta1)*d
        u = max(beta2*u, abs(d) + eps)
        w = w - lr/(1 - beta1^t)*m/u
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(
        0.999, "share of the largest gradient that is kept each step", 0, 0.999999, label="infinity norm β₂"
    )
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
