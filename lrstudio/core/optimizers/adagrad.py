from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.parameter import Value


class Adagrad(Optimizer):
    """Divides by the root of all squared gradients so far (torch.optim.Adagrad; Duchi et al. 2011).

        d = g + weight_decay*w
        s ← s + d^2                             (s starts at initial_accumulator_value)
        w ← w - lr/(1 + (t - 1)*lr_decay) * d/(sqrt(s) + eps)

    Every parameter has a rate of its own, which only falls: about lr/sqrt(t) under gradients of one size. Rare features
    keep a large rate. The first step is lr long, whatever the gradient's size.
    lr_decay: lets the rate fall faster, as 1/t. initial_accumulator_value: makes the first steps smaller.
    eps: bounds the step where all gradients were near 0.
    eps_inside: sqrt(s + eps), as Keras and optax. weight_decay: pulls the parameters towards 0.
    Source: Duchi, Hazan & Singer 2011, in PyTorch's form.

    >>> from lrstudio.core.optimizers import Adagrad
    >>> Adagrad().path(lambda w: 3.0, w=1, lr=0.1, steps=3).round(4).tolist()  # steps of 0.1/sqrt(t)
    [1.0, 0.9, 0.8293, 0.7716]
    """

    key = "adagrad"
    title = "Adagrad"
    default_lr = 1e-2
    in_torch = (
        "torch.optim.Adagrad(params, lr, lr_decay={lr_decay}, weight_decay={weight_decay}, "
        "initial_accumulator_value={initial_accumulator_value}, eps={eps})"
    )
    in_optax = "optax.adagrad(learning_rate, {initial_accumulator_value}, {eps})"
    in_keras = "keras.optimizers.Adagrad(initial_accumulator_value={initial_accumulator_value}, epsilon={eps})"
    agrees_with: ClassVar[Mapping[str, Mapping[str, Value]]] = {
        "optax": {"eps_inside": True},
        "keras": {"eps_inside": True},
    }
    unlike_keras = "begins its sum at 0.1 and adds epsilon below the root"
    unlike_optax = "begins its sum at 0.1 and adds eps below the root"
    rule = """
        d = g + weight_decay*w
        s = s + where(t == 1, initial_accumulator_value, 0) + d^2
        w = w - lr/(1 + (t - 1)*lr_decay) * d/where(eps_inside, sqrt(s + eps), sqrt(s) + eps)
    """

    lr_decay: float = param(0.0, "how fast the rate falls with the number of steps", 0, 10, label="rate decay")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    initial_accumulator_value: float = param(0.0, "where the sum of squares starts", 0, 1e6, label="initial sum")
    eps: float = param(1e-10, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    eps_inside: bool = param(False, "add eps below the root, as Keras and optax do", label="ε inside the root")

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence(preconditioned=True)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        root = np.sqrt(state["s"] + self.eps) if self.eps_inside else np.sqrt(state["s"]) + self.eps
        return np.asarray(root * (1 + (step - 1) * self.lr_decay))

    @property
    def state_decay(self) -> float | None:
        return None if self.weight_decay else 1.0

    def state_of(self, gradients: Array, decays: Array) -> dict[str, Array]:
        return {"s": self.initial_accumulator_value + (gradients**2).sum(axis=0)}
