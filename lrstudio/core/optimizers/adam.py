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


class Adam(Optimizer):
    """Momentum, divided by the root mean square of the gradient (torch.optim.Adam; Kingma & Ba 2015).

        d = g + weight_decay*w
        m ← beta1*m + (1 - beta1)*d             v ← beta2*v + (1 - beta2)*d^2
        w ← w - lr * (m/(1 - beta1^t)) / (sqrt(v/(1 - beta2^t)) + eps)

    The first step is lr long in every direction, whatever the gradient's size; later ones are at most about that. Both
    divisions by 1 - beta^t correct the bias of means that start at 0.
    beta1: the direction is a mean of about 1/(1 - beta1) gradients. beta2: the size is one of about 1/(1 - beta2);
    a small one forgets large gradients soon. eps: the larger, the more Adam is like SGD with momentum.
    eps_uncorrected: adds eps before the bias is corrected, as Keras does, so that it counts more at first.
    weight_decay: is scaled with the gradient; see AdamW. amsgrad: divides by the largest v so far, so that no
    parameter's rate ever rises (Reddi et al. 2018).
    Stability limit: 2(1 + beta1)/((1 - beta1)*λ), λ the largest curvature of the Hessian divided by the divisor.
    Source: Kingma & Ba 2015, in PyTorch's form.

    >>> from lrstudio.core.optimizers import Adam
    >>> Adam().path(lambda w: 300.0, w=1, lr=0.1, steps=3).round(4).tolist()
    [1.0, 0.9, 0.8, 0.7]
    """

    key = "adam"
    title = "Adam"
    default_lr = 1e-3
    in_torch = (
        "torch.optim.Adam(params, lr, betas=({beta1}, {beta2}), eps={eps}, "
        "weight_decay={weight_decay}, amsgrad={amsgrad})"
    )
    in_optax = "optax.adam(learning_rate, {beta1}, {beta2}, {eps})"
    in_keras = "keras.optimizers.Adam(beta_1={beta1}, beta_2={beta2}, epsilon={eps}, amsgrad={amsgrad})"
    agrees_with: ClassVar[Mapping[str, Mapping[str, Value]]] = {"keras": {"eps_uncorrected": True}}
    unlike_keras = "adds epsilon before the bias is corrected, so that it counts more at first, and has 1e-7 by default"
    rule = """
        d = g + weight_decay*w
        m = beta1*m + (1 - beta1)*d
        v = beta2*v + (1 - beta2)*d^2
        top = max(top, v)
        small = where(eps_uncorrected, eps/sqrt(1 - beta2^t), eps)
        w = w - lr * (m/(1 - beta1^t)) / (sqrt(where(amsgrad, top, v)/(1 - beta2^t)) + small)
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    amsgrad: bool = param(False, "divide by the largest mean square so far (AMSGrad)", label="AMSGrad")
    eps_uncorrected: bool = param(False, "add eps before the bias is corrected, as Keras does", label="ε uncorrected")

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence.of_mean(self.beta1, step, preconditioned=True)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        size = state["top"] if self.amsgrad else state["v"]
        left = 1 - power(self.beta2, step)
        return np.asarray(np.sqrt(size / left) + (self.eps / np.sqrt(left) if self.eps_uncorrected else self.eps))

    @property
    def state_decay(self) -> float | None:
        return None if self.amsgrad or self.weight_decay else self.beta2
