from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class RAdam(Optimizer):
    """Adam that divides only once it has seen enough gradients (torch.optim.RAdam; Liu et al. 2020)."""

    key = "radam"
    title = "RAdam"
    default_lr = 1e-3
    rule = """
        d = g + weight_decay*w
        m = beta1*m + (1 - beta1)*d
        v = beta2*v + (1 - beta2)*d^2
        most = 2/(1 - beta2) - 1
        rho = most - 2*t*beta2^t/(1 - beta2^t)
        trust = sqrt((max(rho, 5) - 4)*(max(rho, 5) - 2)*most/((most - 4)*(most - 2)*max(rho, 5)))
        scale = where(rho > 5, trust*sqrt(1 - beta2^t)/(sqrt(v) + eps), 1)
        w = w - lr * m/(1 - beta1^t) * scale
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(
        0.999, "share of the old mean of squares that is kept", 0.7, 0.999999, label="second moment β₂"
    )
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
