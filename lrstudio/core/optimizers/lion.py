from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


class Lion(Optimizer):
    """Steps of one size in the direction of the momentum's sign (Chen et al. 2023).

        u = sign(beta1*m + (1 - beta1)*g)
        m ← beta2*m + (1 - beta2)*g
        w ← w*(1 - lr*weight_decay) - lr*u

    Every parameter moves by exactly lr, so near a minimum it jitters by lr: take a rate 3 to 10 times smaller than
    Adam's, and a schedule that ends small.
    beta1: the weight of the momentum against the newest gradient. beta2: the momentum is a mean of about 1/(1 - beta2)
    gradients. weight_decay: each step takes lr*weight_decay of w, as in AdamW.
    No stability limit is known: a step does not depend on the size of the gradient.
    Source: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"; not in torch.optim.

    >>> from lrstudio.core.optimizers import Lion
    >>> Lion().path(lambda w: 300.0, w=1, lr=0.1, steps=3).round(4).tolist()
    [1.0, 0.9, 0.8, 0.7]
    """

    key = "lion"
    title = "Lion"
    default_lr = 1e-4
    in_optax = "optax.lion(learning_rate, {beta1}, {beta2}, weight_decay={weight_decay})"
    in_keras = "keras.optimizers.Lion(beta_1={beta1}, beta_2={beta2})"
    rule = """
        u = sign(beta1*m + (1 - beta1)*g)
        m = beta2*m + (1 - beta2)*g
        w = w*(1 - lr*weight_decay) - lr*u
    """

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="direction β₁")
    beta2: float = param(0.99, "share of the old momentum that is kept", 0, 0.999999, label="momentum β₂")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
