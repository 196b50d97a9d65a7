from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import param
from lrstudio.core.elementary import power
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence


class RAdam(Optimizer):
    """Adam that divides only once it has seen enough gradients (torch.optim.RAdam; Liu et al. 2020).

        d = g + weight_decay*w
        m ← beta1*m + (1 - beta1)*d             v ← beta2*v + (1 - beta2)*d^2
        most = 2/(1 - beta2) - 1                rho = most - 2*t*beta2^t/(1 - beta2^t)
        r = sqrt((rho - 4)*(rho - 2)*most/((most - 4)*(most - 2)*rho))
        w ← w - lr * m/(1 - beta1^t) * r*sqrt(1 - beta2^t)/(sqrt(v) + eps)     (without what follows m where rho <= 5)

    A mean of few squares says little of their true mean, so the first steps (five with beta2 = 0.999) are those of
    momentum alone, and the next ones are short: a warm-up that is built in.
    beta2: the larger, the longer that warm-up. beta1, eps, weight_decay: as in Adam.
    Source: Liu et al. 2020, in PyTorch's form.

    >>> from lrstudio.core.optimizers import RAdam
    >>> RAdam().path(lambda w: 3.0, w=4, lr=0.1, steps=7).round(3).tolist()  # 0.1 times the gradient, then it divides
    [4.0, 3.7, 3.4, 3.1, 2.8, 2.5, 2.497, 2.494]
    """

    key = "radam"
    title = "RAdam"
    default_lr = 1e-3
    in_torch = "torch.optim.RAdam(params, lr, betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay})"
    unlike_optax = "adds eps after the bias is corrected"
    rule = """
        d = g + weight_decay*w
        m = beta1*m + (1 - beta1)*d
        v = beta2*v + (1 - beta2)*d^2
        most = 2/(1 - beta2) - 1
        rho = most - 2*t*beta2^t/(1 - beta2^t)
        trust = sqrt((max(rho, 5) - 4)*(max(rho, 5) - 2)*most/((most - 4)*(most - 2)*max(rho, 5)))
        scale = where(rho > 5, trust*sqrt(1 - beta2^t)/(sqrt(v) + eps), 1)
        w = w - lr * m/(1 - beta1^t) * scale
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(
        0.999, "share of the old mean of squares that is kept", 0.7, 0.999999, label="second moment β₂"
    )
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)

    def recurrence(self, step: int | None = None) -> Recurrence:
        law = Recurrence.of_mean(self.beta1, step, preconditioned=True)
        scale = None if step is None else self._rectification(step)
        return law if scale is None else replace(law, carried=law.carried * scale)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        if self._rectification(step) is None:
            return np.ones_like(state["v"])
        return np.asarray((np.sqrt(state["v"]) + self.eps) / np.sqrt(1 - power(self.beta2, step)))

    @property
    def state_decay(self) -> float | None:
        return None if self.weight_decay else self.beta2

    def _rectification(self, step: int) -> float | None:
        """Returns r, the factor of the rate at a step; None while it does not divide yet."""
        most, kept = 2 / (1 - self.beta2) - 1, power(self.beta2, step)
        rho = most - 2 * step * kept / (1 - kept)
        if rho <= 5:
            return None
        return float(np.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)))
