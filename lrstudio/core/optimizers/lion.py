from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class Lion(Optimizer):
    """Steps of one size in the direction of the momentum's sign (Chen et al. 2023)."""

    key = "lion"
    title = "Lion"
    default_lr = 1e-4
    rule = """
        u = sign(beta1*m + (1 - beta1)*g)
        m = beta2*m + (1 - beta2)*g
        w = w*(1 - lr*weight_decay) - lr*u
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="direction β₁")
    beta2: float = param(0.99, "share of the old momentum that is kept", 0, 0.999999, label="momentum β₂")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
