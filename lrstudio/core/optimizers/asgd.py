from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class ASGD(Optimizer):
    """Gradient descent whose rate fades (torch.optim.ASGD; Polyak & Juditsky 1992).

    PyTorch keeps an average of the weights beside them; here they are seen themselves.
    """

    key = "asgd"
    title = "ASGD"
    default_lr = 1e-2
    rule = """
        d = g + weight_decay*w
        eta = where(t == 1, lr, eta)
        w = w*(1 - lambd*eta) - eta*d
        eta = lr/(1 + lambd*lr*t)^alpha
    """

    lambd: float = param(
        1e-4, "how soon the rate fades, and a pull of the weights towards 0", 0, 1, scale="log", label="decay λ"
    )
    alpha: float = param(0.75, "how steeply the rate fades", 0, 2, label="decay power α")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
