from __future__ import annotations

from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.recurrence import Recurrence


class Newton(Optimizer):
    """Divides the gradient by the curvature: a whole step ends at the quadratic's stationary point (Newton's method).

        w ← w - lr * H⁺g

    H⁺ is the pseudo-inverse of the exact Hessian (`newton` in the rule): in a direction without curvature there is no
    step. Where the curvature is negative it goes up, to saddles and maxima, as the method does. The rate 1 is a whole
    step, a smaller one is damped; on a quadratic the stability limit is 2, whatever the curvatures. There are no
    hyper-parameters.
    Source: Nocedal & Wright 2006, chapter 3; not in torch.optim.

    >>> from lrstudio.core.optimizers import Newton
    >>> Newton().recurrence().stability_limit([0.01, 500.0])
    2.0
    >>> Newton().recurrence().factors([0.5, 1.0, 1.9], [0.01, 500.0]).round(4).tolist()
    [0.5, 0.0, 0.9]
    """

    key = "newton"
    title = "Newton"
    default_lr = 1.0
    most_parameters = 16
    rule = """
        w = w - lr*newton
    """

    def recurrence(self, step: int | None = None) -> Recurrence:
        return Recurrence(relative=True)
