from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence


class ASGD(Optimizer):
    """Gradient descent whose rate fades (torch.optim.ASGD; Polyak & Juditsky 1992).

        d = g + weight_decay*w
        w ← w*(1 - lambd*eta) - eta*d
        eta ← lr/(1 + lambd*lr*t)^alpha         (lr at the first update)

    PyTorch keeps an average of the weights beside them; here the weights themselves are shown.
    lambd: the rate begins to fade after about 1/(lambd*lr) steps; it also pulls the weights towards 0.
    alpha: the power of t by which it fades; averaging takes one between 1/2 and 1.
    weight_decay: pulls the weights towards 0.
    Source: Polyak & Juditsky 1992; Bottou's SGD code, which PyTorch follows.

    >>> from lrstudio.core.optimizers import ASGD
    >>> ASGD(lambd=1, alpha=1).path(lambda w: 3.0, w=0, lr=0.5, steps=3).round(4).tolist()  # rates 1/2, 1/3, 1/4
    [0.0, -1.5, -2.0, -2.25]
    """

    key = "asgd"
    title = "ASGD"
    default_lr = 1e-2
    in_torch = "torch.optim.ASGD(params, lr, lambd={lambd}, alpha={alpha}, weight_decay={weight_decay})"
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

    def recurrence(self, step: int | None = None) -> Recurrence:
        fade = self.lambd * (0 if step is None else step - 1)
        return Recurrence(coupled=self.weight_decay, decoupled=self.lambd, fade=fade, power=self.alpha)
