from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Gradient descent, with momentum where asked (torch.optim.SGD)."""

    key = "sgd"
    title = "SGD"
    default_lr = 1e-3
    rule = """
        d = g + weight_decay*w
        b = momentum*b + where(t == 1, 1, 1 - dampening)*d
        step = where(momentum == 0, d, where(nesterov, d + momentum*b, b))
        w = w - lr*step
    """

    momentum: float = param(0.0, "share of the last step that is kept", 0, 1)
    dampening: float = param(0.0, "share of the gradient that momentum leaves out", 0, 1)
    nesterov: bool = param(False, "look ahead along the momentum (Nesterov)", label="Nesterov momentum")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)

    def check(self) -> None:
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            raise ValueError("nesterov = true: needs momentum above 0 and dampening = 0")
