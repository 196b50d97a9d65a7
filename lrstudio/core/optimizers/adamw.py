from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.adam import Adam
from lrstudio.core.optimizers.recurrence import Recurrence


class AdamW(Adam):
    """Adam whose weight decay is apart from the gradient (torch.optim.AdamW; Loshchilov & Hutter 2019).

        m ← beta1*m + (1 - beta1)*g             v ← beta2*v + (1 - beta2)*g^2
        w ← w*(1 - lr*weight_decay)
        w ← w - lr * (m/(1 - beta1^t)) / (sqrt(v/(1 - beta2^t)) + eps)

    In Adam parameters with large gradients hardly decay, because the decay is divided too; here all decay alike.
    weight_decay: each step takes lr*weight_decay of w, so that the decay follows the schedule.
    beta1, beta2, eps, amsgrad, eps_uncorrected: as in Adam.
    Source: Loshchilov & Hutter 2019, in PyTorch's form.

    >>> from lrstudio.core.optimizers import AdamW
    >>> AdamW(weight_decay=0.5).path(lambda w: 0.0, w=1, lr=0.2, steps=2).round(4).tolist()  # the decay alone
    [1.0, 0.9, 0.81]
    """

    key = "adamw"
    title = "AdamW"
    in_torch = (
        "torch.optim.AdamW(params, lr, betas=({beta1}, {beta2}), eps={eps}, "
        "weight_decay={weight_decay}, amsgrad={amsgrad})"
    )
    in_keras = (
        "keras.optimizers.AdamW(weight_decay={weight_decay}, beta_1={beta1}, beta_2={beta2}, "
        "epsilon={eps}, amsgrad={amsgrad})"
    )
    in_optax = "optax.adamw(learning_rate, {beta1}, {beta2}, {eps}, weight_decay={weight_decay})"
    rule = """
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g^2
        top = max(top, v)
        w = w*(1 - lr*weight_decay)
        small = where(eps_uncorrected, eps/sqrt(1 - beta2^t), eps)
        w = w - lr * (m/(1 - beta1^t)) / (sqrt(where(amsgrad, top, v)/(1 - beta2^t)) + small)
    """

    weight_decay: float = param(0.01, "share of the weights, times the rate, that each step takes away", 0, 10)

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence.of_mean(self.beta1, step, decoupled=self.weight_decay, preconditioned=True)

    @property
    def state_decay(self) -> float | None:
        return None if self.amsgrad else self.beta2
