from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


class Adadelta(Optimizer):
    """Scales the gradient by the size of its own past steps (torch.optim.Adadelta; Zeiler 2012).

        d = g + weight_decay*w
        v ← rho*v + (1 - rho)*d^2
        delta = sqrt(u + eps)/sqrt(v + eps)*d
        u ← rho*u + (1 - rho)*delta^2
        w ← w - lr*delta

    Steps have the unit of w, so that lr = 1 needs no tuning; they start tiny, at about sqrt(eps/(1 - rho)), and grow.
    rho: both means go over about 1/(1 - rho) steps. eps: the larger, the larger the first steps.
    eps_outside: another reading of the formula, sqrt(v) + eps. weight_decay: pulls the parameters towards 0.
    No stability limit is known: the divisor follows the steps themselves.
    Source: Zeiler 2012, in PyTorch's form.

    >>> from lrstudio.core.optimizers import Adadelta
    >>> Adadelta(rho=0.75, eps=0.01).path(lambda w: 3.0, w=1, lr=1, steps=2).round(3).tolist()
    [1.0, 0.8, 0.587]
    """

    key = "adadelta"
    title = "Adadelta"
    default_lr = 1.0
    in_torch = "torch.optim.Adadelta(params, lr, rho={rho}, eps={eps}, weight_decay={weight_decay})"
    in_optax = "optax.adadelta(learning_rate, {rho}, {eps})"
    in_keras = "keras.optimizers.Adadelta(rho={rho}, epsilon={eps})"
    rule = """
        d = g + weight_decay*w
        v = rho*v + (1 - rho)*d^2
        delta = sqrt(u + eps)/where(eps_outside, sqrt(v) + eps, sqrt(v + eps))*d
        u = rho*u + (1 - rho)*delta^2
        w = w - lr*delta
    """

    rho: float = param(0.9, "share of the old means that is kept", 0, 1, label="decay of squares ρ")
    eps: float = param(1e-6, "keeps the division from 0 and makes the first step", 0, 1, scale="log", label="epsilon ε")
    eps_outside: bool = param(False, "add eps after the lower root", label="ε outside the root")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
