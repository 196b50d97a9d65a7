from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer


class Rprop(Optimizer):
    """Each weight has a step of its own, which grows while the slope keeps its sign (torch.optim.Rprop; Riedmiller).

        size ← size*eta_plus where the gradient has kept its sign, size*eta_minus where it has changed it
        w ← w - size*sign(g)                    (no step, and no memory of g, after a change of sign)

    The size starts at lr and stays within step_min and step_max; the gradient's size does not matter, which makes it
    fast on whole data sets and useless with mini-batches, whose signs are noise.
    eta_plus: how fast steps grow. eta_minus: how much shorter they are after they went too far.
    step_min, step_max: how fine it can settle, and how far it can go at once.
    No stability limit is known: a step does not depend on the size of the gradient.
    Source: Riedmiller & Braun 1993, in PyTorch's form.

    >>> from lrstudio.core.optimizers import Rprop
    >>> Rprop().path(lambda w: 2 * w, w=1, lr=0.5, steps=4).round(4).tolist()  # -0.5, -0.6, turned, +0.3
    [1.0, 0.5, -0.1, -0.1, 0.2]
    """

    key = "rprop"
    title = "Rprop"
    default_lr = 1e-2
    in_torch = "torch.optim.Rprop(params, lr, etas=({eta_minus}, {eta_plus}), step_sizes=({step_min}, {step_max}))"
    unlike_optax = "has the rate of its beginning as first step"
    rule = """
        same = g*before
        size = where(t == 1, lr, size)
        size = max(step_min, min(step_max, size*where(same > 0, eta_plus, where(same < 0, eta_minus, 1))))
        before = where(same < 0, 0, g)
        w = w - size*sign(before)
    """

    eta_minus: float = param(
        0.5, "factor of the step after the sign has changed", 0.000001, 0.999999, label="shrink factor η⁻"
    )
    eta_plus: float = param(1.2, "factor of the step while the sign stays", 1.000001, 10, label="growth factor η⁺")
    step_min: float = param(1e-6, "the smallest step", 0, 1, scale="log", label="smallest step")
    step_max: float = param(50.0, "the largest step", 1e-6, 1e6, scale="log", label="largest step")
