from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """Divides by the root of a moving mean of squared gradients (torch.optim.RMSprop; Hinton 2012)."""

    key = "rmsprop"
    title = "RMSprop"
    default_lr = 1e-2
    rule = """
        d = g + weight_decay*w
        v = alpha*v + (1 - alpha)*d^2
        m = alpha*m + (1 - alpha)*d
        scaled = d/(sqrt(where(centered, v - m^2, v)) + eps)
        b = momentum*b + scaled
        w = w - lr*b
    """

    alpha: float = param(0.99, "share of the old mean of squares that is kept", 0, 1, label="decay of squares α")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    momentum: float = param(0.0, "share of the last step that is kept", 0, 1)
    centered: bool = param(False, "use the variance of the gradient in place of its mean square")
