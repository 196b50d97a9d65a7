from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import MOST_STEPS, param
from lrstudio.core.elementary import power
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence

_AVERAGING = """
    z = where(t == 1, w, z)
    rate = lr*min(1, t/max(1, warmup_steps))
    top = max(top, rate)
    weight = t^r*top^weight_lr_power
    total = total + weight
    c = where(total == 0, 0, weight/total)
    w = w + c*(z - w) - rate*(1 - momentum*(1 - c))*d
    z = z - rate*d
"""


def _between_mean_and_steps(beta: float, r: float, step: int | None, **others: Any) -> Recurrence:
    """The law of w = (1 - beta)*z + beta*x while the share c of a step in the mean stays as it is."""
    share = 0.0 if step is None else float(power(step, r) / np.sum(power(np.arange(1.0, step + 1), r)))
    return Recurrence(momentum=1 - share, direct=1 - beta, carried=beta * share, **others)


class ScheduleFreeSGD(Optimizer):
    """Gradient descent that averages its own steps in place of a schedule (Defazio et al. 2024; schedulefree).

        d = g + weight_decay*w
        w ← w + c*(z - w) - lr*(1 - momentum*(1 - c))*d         z ← z - lr*d       (z = w at first)
        c = weight/(all weights so far), with weight = t^r*(largest lr so far)^weight_lr_power

    z are the weights of plain gradient descent and x their mean so far; the gradient is taken between the two, at
    w = (1 - momentum)*z + momentum*x, which is what the plots show. What is to be used afterwards is the mean,
    x = w + (1 - 1/momentum)*(z - w), the weights for evaluation; `lrstudio run` prints their loss.
    momentum: how near to the mean the gradient is taken. weight_decay: pulls the weights towards 0.
    warmup_steps: the rate rises over so many steps. r: the larger, the more late steps count in the mean.
    weight_lr_power: how little the steps of the warm-up count in it.
    Stability limit: 2/((1 - momentum)*λ) late in a run, λ the largest curvature; early it is lower.
    Source: Defazio et al. 2024, "The Road Less Scheduled", as the package schedulefree 1.4.1.

    >>> from lrstudio.core.optimizers import ScheduleFreeSGD
    >>> ScheduleFreeSGD(momentum=0.5).path(lambda w: 4.0, w=1, lr=0.1, steps=3).round(4).tolist()
    [1.0, 0.6, 0.3, -0.0]
    """

    key = "schedule_free_sgd"
    title = "Schedule-free SGD"
    default_lr = 1.0
    average = "w + (1 - 1/momentum)*(z - w)"
    rule = "d = g + weight_decay*w" + _AVERAGING

    momentum: float = param(0.9, "how near to the mean the gradient is taken", above=0, high=1, label="momentum β")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    warmup_steps: int = param(0, "steps in which the rate rises", 0, MOST_STEPS, label="warm-up steps")
    r: float = param(0.0, "power of the step's number in the mean", 0, 10, label="power of the step r")
    weight_lr_power: float = param(2.0, "power of the rate in the mean", 0, 10, label="power of the rate")

    def recurrence(self, step: int | None = None) -> Recurrence:
        return _between_mean_and_steps(self.momentum, self.r, step, coupled=self.weight_decay)


class ScheduleFreeAdamW(Optimizer):
    """AdamW that averages its own steps in place of a schedule (Defazio et al. 2024; schedulefree).

        v ← beta2*v + (1 - beta2)*g^2
        d = g/(sqrt(v/(1 - beta2^t)) + eps) + weight_decay*w
        w ← w + c*(z - w) - lr*(1 - beta1*(1 - c))*d            z ← z - lr*d       (z = w at first)
        c = weight/(all weights so far), with weight = t^r*(largest lr so far)^weight_lr_power

    As schedule-free SGD with the gradient of Adam without momentum: the mean takes the momentum's place. The weights
    for evaluation are x = w + (1 - 1/beta1)*(z - w), which the plots do not show.
    beta1: how near to the mean the gradient is taken. beta2, eps: as in Adam. weight_decay: pulls the weights to 0.
    warmup_steps: the rate rises over so many steps. r: the larger, the more late steps count in the mean.
    weight_lr_power: how little the steps of the warm-up count in it.
    Stability limit: as that of schedule-free SGD, of the Hessian divided by the divisor.
    Source: Defazio et al. 2024, "The Road Less Scheduled", as the package schedulefree 1.4.1.

    >>> from lrstudio.core.optimizers import ScheduleFreeAdamW
    >>> ScheduleFreeAdamW(beta1=0.5).path(lambda w: 300.0, w=1, lr=0.1, steps=3).round(4).tolist()
    [1.0, 0.9, 0.825, 0.75]
    """

    key = "schedule_free_adamw"
    title = "Schedule-free AdamW"
    default_lr = 2.5e-3
    average = "w + (1 - 1/beta1)*(z - w)"
    unlike_keras = "differs between its backends and has no weights for evaluation"
    rule = (
        """
        v = beta2*v + (1 - beta2)*g^2
        d = g/(sqrt(v/(1 - beta2^t)) + eps) + weight_decay*w
    """.rstrip(" ")
        + _AVERAGING.replace("momentum", "beta1")
    )

    beta1: float = param(0.9, "how near to the mean the gradient is taken", above=0, high=0.999999, label="mean β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    eps: float = param(1e-8, "keeps the division from 0", 0, 1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    warmup_steps: int = param(0, "steps in which the rate rises", 0, MOST_STEPS, label="warm-up steps")
    r: float = param(0.0, "power of the step's number in the mean", 0, 10, label="power of the step r")
    weight_lr_power: float = param(2.0, "power of the rate in the mean", 0, 10, label="power of the rate")

    def recurrence(self, step: int | None = None) -> Recurrence | None:
        return None if self.weight_decay else _between_mean_and_steps(self.beta1, self.r, step, preconditioned=True)

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array:
        return np.asarray(np.sqrt(state["v"] / (1 - power(self.beta2, step))) + self.eps)

    @property
    def state_decay(self) -> float | None:
        return self.beta2
