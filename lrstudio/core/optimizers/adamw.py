from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class AdamW(Optimizer):
    """Adam whose weight decay is apart from the gradient (torch.optim.AdamW; Loshchilov & Hutter 2019)."""

    key = "adamw"
    title = "AdamW"
    default_lr = 1e-3
    rule = """
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g^2
        top = max(top, v)
        w = w*(1 - lr*weight_decay)
        w = w - lr * (m/(1 - beta1^t)) / (sqrt(where(amsgrad, top, v)/(1 - beta2^t)) + eps)
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.01, "share of the weights, times the rate, that each step takes away", 0, 10)
    amsgrad: bool = param(False, "divide by the largest mean square so far (AMSGrad)", label="AMSGrad")
