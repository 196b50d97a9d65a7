from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import param
from lrstudio.core.elementary import power
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.parameter import Value

_RISING = 4096
"""After so many steps the momentum is beta1 to the last digit, or the product of the momenta is too small to count."""


class NAdam(Optimizer):
    """Adam that looks ahead along its momentum (torch.optim.NAdam; Dozat 2016).

        d = g + weight_decay*w
        m ← beta1*m + (1 - beta1)*d             v ← beta2*v + (1 - beta2)*d^2
        mu(t) = beta1*(1 - 0.96^(t*momentum_decay)/2)
        w ← w - lr * ((1 - mu(t))/(1 - product)*d + mu(t + 1)/(1 - product*mu(t + 1))*m) / (sqrt(v/(1 - beta2^t)) + eps)

    `product` is mu(1)*...*mu(t). The newest gradient counts at once, as with Nesterov's momentum, which damps swings.
    momentum_decay: how soon the momentum mu rises from half of beta1 to beta1; with 0 it stays at half, with
    1 it rises as in Keras.
    beta1, beta2, eps, weight_decay: as in Adam.
    Source: Dozat 2016, in PyTorch's form.

    >>> from lrstudio.core.optimizers import NAdam
    >>> NAdam(momentum_decay=0).path(lambda w: 300.0, w=1, lr=0.1, steps=2).round(4).tolist()
    [1.0, 0.8944, 0.816]
    """

    key = "nadam"
    title = "NAdam"
    default_lr = 2e-3
    in_torch = (
        "torch.optim.NAdam(params, lr, betas=({beta1}, {beta2}), eps={eps}, "
        "weight_decay={weight_decay}, momentum_decay={momentum_decay})"
    )
    in_keras = "keras.optimizers.Nadam(beta_1={beta1}, beta_2={beta2}, epsilon={eps})"
    agrees_with: ClassVar[Mapping[str, Mapping[str, Value]]] = {"keras": {"momentum_decay": 1.0}}
    unlike_keras = "has a momentum that rises with 0.96^t in place of 0.96^(momentum_decay*t)"
    unlike_optax = "has a momentum that does not rise"
    rule = """
        d = g + weight_decay*w
        mu = beta1*(1 - 0.5*0.96^(t*momentum_decay))
        next = beta1*(1 - 0.5*0.96^((t + 1)*momentum_decay))
        product = mu*where(t == 1, 1, product)
        m = beta1*m + (1 - beta1)*d
        v = beta2*v + (1 - beta2)*d^2
        ahead = (1 - mu)/(1 - product)*d + next/(1 - product*next)*m
        w = w - lr*ahead / (sqrt(v/(1 - beta2^t)) + eps)
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    momentum_decay: float = param(4e-3, "how soon the momentum has its full share", 0, 1)

    def recurrence(self, step: int | None = None) -> Recurrence:
        """ahead = (1 - mu)/(1 - product) * d + next/(1 - product*next) * m, with m = (1 - beta1)*b."""
        beta = self.beta1

        def mu(t: Array) -> Array:
            return np.asarray(beta * (1 - 0.5 * power(0.96, t * self.momentum_decay)))

        if step is None:
            product = 0.0
            now = ahead = beta if self.momentum_decay else beta / 2
        else:
            product = float(np.prod(mu(np.arange(1.0, min(step, _RISING) + 1)))) * beta ** max(0, step - _RISING)
            now, ahead = float(mu(np.array(float(step)))), float(mu(np.array(step + 1.0)))
        return Recurrence(
            momentum=beta,
            direct=(1 - now) / (1 - product),
            carried=(1 - beta) * ahead / (1 - product * ahead),
            preconditioned=True,
        )

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        return np.asarray(np.sqrt(state["v"] / (1 - power(self.beta2, step))) + self.eps)

    @property
    def state_decay(self) -> float | None:
        return None if self.weight_decay else self.beta2
