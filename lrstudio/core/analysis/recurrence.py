"""An optimizer on a bowl is a linear recurrence with two roots for every curvature; they say what a rate will do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrstudio.core.optimizers import ASGD, SGD, Adagrad, Adam, Adamax, AdamW, NAdam, Optimizer, RAdam, RMSprop

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """What is left of an optimizer on a bowl of curvature h, with its preconditioner frozen and its warm-up over.

    With the distance e from the minimum: b = momentum*b + h*e, then e loses rate * gain * b; with `nesterov` rate *
    gain * (h*e + momentum*b). `pull` is weight decay that is part of the gradient, `decoupled` that which is not.
    `preconditioned` says that the curvatures are those of the Hessian divided by the preconditioner.
    """

    momentum: float = 0.0
    gain: float = 1.0
    nesterov: bool = False
    pull: float = 0.0
    decoupled: float = 0.0
    preconditioned: bool = False

    def trace_and_determinant(self, rate: Array, curvature: Array) -> tuple[Array, Array]:
        """Of the 2x2 matrix of one step; rate and curvature broadcast."""
        beta = self.momentum
        push = rate * self.gain * (curvature if self.preconditioned else curvature + self.pull)
        kept = 1 - rate * self.decoupled
        if self.nesterov:
            return kept + beta - push * (1 + beta), beta * (kept - push)
        return kept + beta - push, beta * kept

    def limit(self, curvature: Array) -> Array:
        """The rate at which the steps begin to grow, for every curvature; infinite where it is not above 0."""
        beta = self.momentum
        steep = self.gain * (curvature if self.preconditioned else curvature + self.pull)
        lead = 1 + 2 * beta if self.nesterov else 1
        resistance = steep * lead + self.decoupled * (1 + beta)
        with np.errstate(divide="ignore"):
            return np.where(steep > 0, 2 * (1 + beta) / np.where(steep > 0, resistance, 1.0), np.inf)

    def curvature_limit(self, rate: Array) -> Array:
        """The curvature at which the steps begin to grow, for every rate above 0."""
        beta = self.momentum
        lead = 1 + 2 * beta if self.nesterov else 1
        steep = (1 + beta) * (2 / rate - self.decoupled) / (self.gain * lead)
        return steep if self.preconditioned else steep - self.pull


def recurrence(optimizer: Optimizer) -> Recurrence | None:
    """That of an optimizer; None where a step does not depend on the size of the gradient or there is no rule known.

    `pull` is left at 0 for preconditioned optimizers: add it to the Hessian before it is divided.
    """
    match optimizer:
        case SGD(momentum=0.0):
            return Recurrence(pull=optimizer.weight_decay)
        case SGD():
            gain = 1 - optimizer.dampening
            nesterov, pull = optimizer.nesterov, optimizer.weight_decay
            return Recurrence(momentum=optimizer.momentum, gain=gain, nesterov=nesterov, pull=pull)
        case ASGD():
            return Recurrence(pull=optimizer.weight_decay, decoupled=optimizer.lambd)
        case Adagrad():
            return Recurrence(preconditioned=True)
        case RMSprop():
            return Recurrence(momentum=optimizer.momentum, preconditioned=True)
        case AdamW():
            beta = optimizer.beta1
            return Recurrence(momentum=beta, gain=1 - beta, decoupled=optimizer.weight_decay, preconditioned=True)
        case NAdam():
            return Recurrence(momentum=optimizer.beta1, gain=1 - optimizer.beta1, nesterov=True, preconditioned=True)
        case Adam() | Adamax() | RAdam():
            return Recurrence(momentum=optimizer.beta1, gain=1 - optimizer.beta1, preconditioned=True)
    return None


def preconditioner(optimizer: Optimizer, state: Mapping[str, Array], step: int) -> Array | None:
    """What the optimizer divides the gradient by after `step` updates, shaped as its state (G, P).

    None where it divides by nothing. The state is that of `Simulation.states()`; all runs of it share `optimizer`.
    """
    match optimizer:
        case Adam() | AdamW():
            size = state["top"] if optimizer.amsgrad else state["v"]
            return np.asarray(np.sqrt(size / (1 - optimizer.beta2**step)) + optimizer.eps)
        case NAdam() | RAdam():
            return np.asarray(np.sqrt(state["v"] / (1 - optimizer.beta2**step)) + optimizer.eps)
        case RMSprop():
            size = state["v"] - state["m"] ** 2 if optimizer.centered else state["v"]
            return np.asarray(np.sqrt(size) + optimizer.eps)
        case Adagrad():
            return np.asarray((np.sqrt(state["s"]) + optimizer.eps) * (1 + (step - 1) * optimizer.lr_decay))
        case Adamax():
            return np.asarray(state["u"]) if "u" in state else None
    return None
