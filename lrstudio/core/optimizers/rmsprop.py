from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.parameter import Value


class RMSprop(Optimizer):
    """Divides by the root of a moving mean of squared gradients (torch.optim.RMSprop; Hinton 2012).

        d = g + weight_decay*w
        v ← alpha*v + (1 - alpha)*d^2           m ← alpha*m + (1 - alpha)*d
        b ← momentum*b + d/(sqrt(v) + eps)      (sqrt(v - m^2) where centered)
        w ← w - lr*b

    Steps are about lr long in every direction, whatever the gradient's size; the first is lr/sqrt(1 - alpha) long,
    because v starts at 0 without a correction.
    alpha: the mean goes over about 1/(1 - alpha) steps; a small one follows the gradient quickly and is noisy.
    momentum: as in SGD, of the scaled gradient. centered: divides by the standard deviation, so that steady gradients
    make larger steps. eps: bounds the step where gradients are near 0.
    eps_inside: sqrt(v + eps), as Keras and, by default, optax. weight_decay: pulls the parameters towards 0.
    Source: Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013.

    >>> from lrstudio.core.optimizers import RMSprop
    >>> RMSprop(alpha=0.75).path(lambda w: 3.0, w=1, lr=0.1, steps=2).round(4).tolist()  # the first is 0.1/sqrt(0.25)
    [1.0, 0.8, 0.6488]
    """

    key = "rmsprop"
    title = "RMSprop"
    default_lr = 1e-2
    in_torch = (
        "torch.optim.RMSprop(params, lr, alpha={alpha}, eps={eps}, "
        "weight_decay={weight_decay}, momentum={momentum}, centered={centered})"
    )
    in_optax = "optax.rmsprop(learning_rate, {alpha}, {eps}, eps_in_sqrt={eps_inside}, centered={centered})"
    in_keras = "keras.optimizers.RMSprop(rho={alpha}, epsilon={eps}, centered={centered})"
    agrees_with: ClassVar[Mapping[str, Mapping[str, Value]]] = {"keras": {"eps_inside": True}}
    unlike_keras = "adds epsilon below the root, and has 1e-7 by default"
    rule = """
        d = g + weight_decay*w
        v = alpha*v + (1 - alpha)*d^2
        m = alpha*m + (1 - alpha)*d
        size = where(centered, v - m^2, v)
        scaled = d/where(eps_inside, sqrt(size + eps), sqrt(size) + eps)
        b = momentum*b + scaled
        w = w - lr*b
    """

    alpha: float = param(0.99, "share of the old mean of squares that is kept", 0, 1, label="decay of squares α")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    momentum: float = param(0.0, "share of the last step that is kept", 0, 1)
    centered: bool = param(False, "use the variance of the gradient in place of its mean square")
    eps_inside: bool = param(False, "add eps below the root, as Keras and optax do", label="ε inside the root")

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence(momentum=self.momentum, preconditioned=True)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        size = state["v"] - state["m"] ** 2 if self.centered else state["v"]
        return np.asarray(np.sqrt(size + self.eps) if self.eps_inside else np.sqrt(size) + self.eps)

    def difference(self, library: str, moved: str | None = None) -> str:
        if library != "torch" and (self.momentum or moved):
            return "has a velocity that keeps the rates of its past steps"
        return super().difference(library, moved)

    @property
    def state_decay(self) -> float | None:
        return None if self.weight_decay or self.alpha == 1 else self.alpha
