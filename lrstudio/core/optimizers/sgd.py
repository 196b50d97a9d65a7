from __future__ import annotations

from typing import Self

from lrstudio.core.declaration import param
from lrstudio.core.language import tr
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence


class SGD(Optimizer):
    """Gradient descent, with momentum where asked (torch.optim.SGD).

        d = g + weight_decay*w
        b ← momentum*b + (1 - dampening)*d      (b = d at the first update)
        w ← w - lr*d without momentum, - lr*b with it, - lr*(d + momentum*b) with nesterov

    momentum: a constant gradient is followed lr/(1 - momentum) far per step; shallow directions become faster, steep
    ones swing. The stability limit rises from 2/λ to 2(1 + momentum)/λ, λ the largest curvature.
    dampening: weakens the gradient within the momentum. nesterov: takes the slope ahead of the step, which damps swings
    and has the limit 2(1 + momentum)/((1 + 2*momentum)*λ). weight_decay: adds it to every curvature.
    Source: Polyak 1964 (heavy ball), Nesterov 1983, in PyTorch's form of Sutskever et al. 2013.

    >>> from lrstudio.core.optimizers import SGD
    >>> SGD().path(lambda w: 2 * w, w=1, lr=0.1, steps=3).round(4).tolist()  # each step leaves 1 - 0.1*2 of w
    [1.0, 0.8, 0.64, 0.512]
    >>> SGD(momentum=0.5).path(lambda w: 2 * w, w=1, lr=0.1, steps=3).round(4).tolist()
    [1.0, 0.8, 0.54, 0.302]
    """

    key = "sgd"
    title = "SGD"
    default_lr = 1e-3
    in_torch = (
        "torch.optim.SGD(params, lr, momentum={momentum}, dampening={dampening}, "
        "nesterov={nesterov}, weight_decay={weight_decay})"
    )
    in_optax = "optax.sgd(learning_rate, {momentum}, {nesterov})"
    in_keras = "keras.optimizers.SGD(weight_decay={weight_decay})"
    unlike_keras = "has a velocity that keeps the rates of its past steps"
    rule = """
        d = g + weight_decay*w
        b = momentum*b + where(t == 1, 1, 1 - dampening)*d
        step = where(momentum == 0, d, where(nesterov, d + momentum*b, b))
        w = w - lr*step
    """

    momentum: float = param(0.0, "share of the last step that is kept", 0, 1)
    dampening: float = param(0.0, "share of the gradient that momentum leaves out", 0, 1)
    nesterov: bool = param(False, "look ahead along the momentum (Nesterov)", label="Nesterov")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)

    def check(self) -> None:
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            raise ValueError(tr("nesterov = true: needs momentum above 0 and dampening = 0"))

    def recurrence(self, step: int | None = None) -> Recurrence:
        if not self.momentum:
            return Recurrence(coupled=self.weight_decay)
        beta, gain = self.momentum, 1 - self.dampening
        direct, carried = (gain, gain * beta) if self.nesterov else (0.0, gain)
        return Recurrence(momentum=beta, direct=direct, carried=carried, coupled=self.weight_decay)

    @classmethod
    def variants(cls) -> tuple[Self, ...]:
        return cls(), cls(momentum=0.9), cls(momentum=0.9, nesterov=True)
