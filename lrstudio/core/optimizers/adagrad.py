from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class Adagrad(Optimizer):
    """Divides by the root of all squared gradients so far (torch.optim.Adagrad; Duchi et al. 2011)."""

    key = "adagrad"
    title = "Adagrad"
    default_lr = 1e-2
    rule = """
        d = g + weight_decay*w
        s = s + where(t == 1, initial_accumulator_value, 0) + d^2
        w = w - lr/(1 + (t - 1)*lr_decay) * d/(sqrt(s) + eps)
    """

    lr_decay: float = param(0.0, "how fast the rate falls with the number of steps", 0, 10, label="rate decay")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    initial_accumulator_value: float = param(0.0, "where the sum of squares starts", 0, 1e6, label="initial sum")
    eps: float = param(1e-10, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
