from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class NAdam(Optimizer):
    """Adam that looks ahead along its momentum (torch.optim.NAdam; Dozat 2016)."""

    key = "nadam"
    title = "NAdam"
    default_lr = 2e-3
    rule = """
        d = g + weight_decay*w
        mu = beta1*(1 - 0.5*0.96^(t*momentum_decay))
        next = beta1*(1 - 0.5*0.96^((t + 1)*momentum_decay))
        product = mu*where(t == 1, 1, product)
        m = beta1*m + (1 - beta1)*d
        v = beta2*v + (1 - beta2)*d^2
        ahead = (1 - mu)/(1 - product)*d + next/(1 - product*next)*m
        w = w - lr*ahead / (sqrt(v/(1 - beta2^t)) + eps)
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    momentum_decay: float = param(4e-3, "how soon the momentum has its full share", 0, 1)
