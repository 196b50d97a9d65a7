from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.optimizers.base import Optimizer


@dataclass(frozen=True, kw_only=True)
class Newton(Optimizer):
    """Divides the gradient by the curvature: a whole step ends at the quadratic's stationary point (Newton's method).

    `newton` is the gradient times the pseudo-inverse of the exact Hessian: in a direction without curvature there is no
    step. Where the curvature is negative it goes up, to saddles and maxima, as the method does.
    """

    key = "newton"
    title = "Newton"
    default_lr = 1.0
    most_parameters = 16
    rule = """
        w = w - lr*newton
    """
