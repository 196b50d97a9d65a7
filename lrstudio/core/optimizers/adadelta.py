from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimizer):
    """Scales the gradient by the size of its own past steps (torch.optim.Adadelta; Zeiler 2012)."""

    key = "adadelta"
    title = "Adadelta"
    default_lr = 1.0
    rule = """
        d = g + weight_decay*w
        v = rho*v + (1 - rho)*d^2
        delta = sqrt(u + eps)/where(eps_outside, sqrt(v) + eps, sqrt(v + eps))*d
        u = rho*u + (1 - rho)*delta^2
        w = w - lr*delta
    """

    rho: float = param(0.9, "share of the old means that is kept", 0, 1, label="decay of squares ρ")
    eps: float = param(1e-6, "keeps the division from 0 and makes the first step", 0, 1, scale="log", label="epsilon ε")
    eps_outside: bool = param(False, "add eps after the lower root, as some texts print it", label="ε outside the root")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
