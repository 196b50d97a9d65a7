from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Momentum, divided by the root mean square of the gradient (torch.optim.Adam; Kingma & Ba 2015)."""

    key = "adam"
    title = "Adam"
    default_lr = 1e-3
    rule = """
        d = g + weight_decay*w
        m = beta1*m + (1 - beta1)*d
        v = beta2*v + (1 - beta2)*d^2
        top = max(top, v)
        w = w - lr * (m/(1 - beta1^t)) / (sqrt(where(amsgrad, top, v)/(1 - beta2^t)) + eps)
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    amsgrad: bool = param(False, "divide by the largest mean square so far (AMSGrad)", label="AMSGrad")
