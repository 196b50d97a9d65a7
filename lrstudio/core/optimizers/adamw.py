from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence


class AdamW(Optimizer):
    """Adam whose weight decay is apart from the gradient (torch.optim.AdamW; Loshchilov & Hutter 2019).

        m ← beta1*m + (1 - beta1)*g             v ← beta2*v + (1 - beta2)*g^2
        w ← w*(1 - lr*weight_decay)
        w ← w - lr * (m/(1 - beta1^t)) / (sqrt(v/(1 - beta2^t)) + eps)

    In Adam parameters with large gradients hardly decay, because the decay is divided too; here all decay alike.
    weight_decay: each step takes lr*weight_decay of w, so that the decay follows the schedule.
    beta1, beta2, eps, amsgrad: as in Adam.
    Source: Loshchilov & Hutter 2019, in PyTorch's form.

    >>> from lrstudio.core.optimizers import AdamW
    >>> AdamW(weight_decay=0.5).path(lambda w: 0.0, w=1, lr=0.2, steps=2).round(4).tolist()  # the decay alone
    [1.0, 0.9, 0.81]
    """

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

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence.of_mean(self.beta1, step, decoupled=self.weight_decay, preconditioned=True)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        size = state["top"] if self.amsgrad else state["v"]
        return np.asarray(np.sqrt(size / (1 - self.beta2**step)) + self.eps)

    @property
    def state_decay(self) -> float | None:
        return None if self.amsgrad else self.beta2
