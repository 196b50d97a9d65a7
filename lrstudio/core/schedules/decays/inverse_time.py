from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.schedules.base import Schedule


class InverseTime(Schedule):
    """Falls as one over the step (Keras' InverseTimeDecay; Robbins & Monro 1951).

        lr(t) = lr0/(1 + decay_rate*t/decay_steps)

    Half of the rate is left after decay_steps/decay_rate steps. The sum of all rates has no bound while that of their
    squares has one, which is what stochastic gradient descent needs to arrive in spite of noise.
    decay_rate, decay_steps: together they say how fast. staircase: falls in jumps, at the multiples of decay_steps.
    Source: keras.optimizers.schedules.InverseTimeDecay; Robbins & Monro 1951. PyTorch has none; LambdaLR can do it.

    >>> from lrstudio.core.schedules import InverseTime
    >>> InverseTime(decay_rate=1, decay_steps=2).rates(steps=5, lr=0.6).round(4).tolist()
    [0.6, 0.4, 0.3, 0.24, 0.2]
    """

    key = "inverse_time"
    title = "Inverse time"
    rule = "lr = lr0/(1 + decay_rate*where(staircase, floor(t/decay_steps), t/decay_steps))"

    decay_rate: float = param(0.1, "how much is added to the divisor per decay_steps", 0, 1e6, label="decay rate")
    decay_steps: float = param(1.0, "steps in which the divisor grows by decay_rate", above=0, scale="log")
    staircase: bool = param(False, "fall in jumps in place of smoothly", label="in stairs")
