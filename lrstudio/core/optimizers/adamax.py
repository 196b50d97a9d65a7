from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence


class Adamax(Optimizer):
    """Momentum, divided by the largest recent gradient (torch.optim.Adamax; Kingma & Ba 2015).

        d = g + weight_decay*w
        m ← beta1*m + (1 - beta1)*d
        u ← max(beta2*u, |d| + eps)
        w ← w - lr/(1 - beta1^t)*m/u

    Adam with the maximum norm: no step is longer than about lr, and one large gradient makes the steps small for about
    1/(1 - beta2) updates.
    beta1: the direction is a mean of about 1/(1 - beta1) gradients. beta2: how slowly the maximum is forgotten.
    eps: keeps the division from 0. weight_decay: pulls the parameters towards 0.
    Source: Kingma & Ba 2015, section 7.1, in PyTorch's form.

    >>> from lrstudio.core.optimizers import Adamax
    >>> Adamax().path(lambda w: 300.0, w=1, lr=0.1, steps=3).round(4).tolist()
    [1.0, 0.9, 0.8, 0.7]
    """

    key = "adamax"
    title = "Adamax"
    default_lr = 2e-3
    in_torch = "torch.optim.Adamax(params, lr, betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay})"
    in_optax = "optax.adamax(learning_rate, {beta1}, {beta2}, {eps})"
    unlike_keras = "adds epsilon after the maximum"
    rule = """
        d = g + weight_decay*w
        m = beta1*m + (1 - beta1)*d
        u = max(beta2*u, abs(d) + eps)
        w = w - lr/(1 - beta1^t)*m/u
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(
        0.999, "share of the largest gradient that is kept each step", 0, 0.999999, label="infinity norm β₂"
    )
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence.of_mean(self.beta1, step, preconditioned=True)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        return np.asarray(state["u"])

    @property
    def state_decay(self) -> float | None:
        return None if self.weight_decay else self.beta2

    def state_of(self, gradients: Array, decays: Array) -> dict[str, Array]:
        return {"u": (decays * (np.abs(gradients) + self.eps)).max(axis=0)}
