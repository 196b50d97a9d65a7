"""An optimizer on a bowl is a linear recurrence with two roots for every curvature; they say what a rate will do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.optimizers import (
    ASGD,
    SGD,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    NAdam,
    Newton,
    Optimizer,
    RAdam,
    RMSprop,
)

_BISECTIONS, _LARGEST = 200, 1e300
_PRODUCTS = 4096
"""After so many steps the product of NAdam's momenta is 0."""


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """What one step of an optimizer does on a bowl of curvature h while its divisor and its coefficients stay.

    With the distance e from the minimum and the rate r: b = momentum*b + h*e, then e loses
    r * (direct*h*e + carried*b). `pull` is weight decay that is part of the gradient, `decoupled` that which is not.
    `preconditioned` says that the curvatures are those of the Hessian divided by the divisor, `relative` that each
    direction is divided by its own curvature. The step uses r = rate / (1 + fade*rate)^power.
    """

    momentum: float = 0.0
    direct: float = 0.0
    carried: float = 1.0
    pull: float = 0.0
    decoupled: float = 0.0
    fade: float = 0.0
    power: float = 0.0
    preconditioned: bool = False
    relative: bool = False

    @property
    def plain(self) -> bool:
        """Whether the limit follows from the curvature of the loss itself."""
        return not (self.preconditioned or self.relative)

    def trace_and_determinant(self, rate: Array, curvature: Array) -> tuple[Array, Array]:
        """Of the 2x2 matrix of one step; rate and curvature broadcast."""
        beta, used = self.momentum, self._used(rate)
        push = used * self._steep(curvature)
        kept = 1 - used * self.decoupled
        return kept + beta - push * (self.direct + self.carried), beta * (kept - push * self.direct)

    def limit(self, curvature: Array) -> Array:
        """The rate at which the steps begin to grow, for every curvature; infinite where it is not above 0.

        There 1 + trace + determinant is 0: every step turns back and is as long as the last.
        """
        beta, steep = self.momentum, self._steep(curvature)
        resistance = steep * self._lead + self.decoupled * (1 + beta)
        with np.errstate(divide="ignore"):
            used = np.where(steep > 0, 2 * (1 + beta) / np.where(steep > 0, resistance, 1.0), np.inf)
        return self._given(used)

    def curvature_limit(self, rate: Array) -> Array:
        """The curvature at which the steps begin to grow, for every rate above 0."""
        steep = (1 + self.momentum) * (2 / self._used(rate) - self.decoupled) / self._lead
        if self.relative:
            return np.where(steep > 1, np.inf, 0.0)
        return steep if self.preconditioned else steep - self.pull

    @property
    def fades(self) -> bool:
        """Whether a constant rate has less and less effect, so that no limit holds for a whole run."""
        return bool(self.decoupled and self.power)

    @property
    def _lead(self) -> float:
        return self.direct * (1 + self.momentum) + self.carried

    def _steep(self, curvature: Array) -> Array:
        if self.relative:
            return np.where(np.asarray(curvature) != 0, 1.0, 0.0)
        return curvature if self.preconditioned else curvature + self.pull

    def _used(self, rate: Array) -> Array:
        return rate / (1 + self.fade * rate) ** self.power if self.fade else rate

    def _given(self, used: Array) -> Array:
        """The least rate of which a step uses so much; infinite where none is large enough."""
        if not self.fade or not self.power:
            return used
        top = min(1 / (self.fade * (self.power - 1)), _LARGEST) if self.power > 1 else _LARGEST
        low, high = np.asarray(used, float).copy(), np.full(np.shape(used), top)
        for _ in range(_BISECTIONS):
            middle = np.sqrt(low) * np.sqrt(high)
            enough = self._used(middle) >= used
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.where(self._used(np.asarray(top)) > used, high, np.inf)


def recurrence(optimizer: Optimizer, step: int | None = None) -> Recurrence | None:
    """That of an optimizer at the update `step`, counted from 1; None is long after its warm-up.

    The coefficients that change with the step (bias correction, NAdam's momentum, RAdam's rectification) are those of
    this step. None where a step does not depend on the size of the gradient (Lion, Rprop), where the divisor follows
    the steps themselves (Adadelta), or there is no rule known. `pull` is left at 0 for preconditioned optimizers: add
    it to the Hessian before it is divided.
    """
    match optimizer:
        case SGD(momentum=0.0):
            return Recurrence(pull=optimizer.weight_decay)
        case SGD():
            beta, gain = optimizer.momentum, 1 - optimizer.dampening
            direct, carried = (gain, gain * beta) if optimizer.nesterov else (0.0, gain)
            return Recurrence(momentum=beta, direct=direct, carried=carried, pull=optimizer.weight_decay)
        case ASGD():
            made = 0 if step is None else step - 1
            return Recurrence(
                pull=optimizer.weight_decay,
                decoupled=optimizer.lambd,
                fade=optimizer.lambd * made,
                power=optimizer.alpha,
            )
        case Newton():
            return Recurrence(relative=True)
        case Adagrad():
            return Recurrence(preconditioned=True)
        case RMSprop():
            return Recurrence(momentum=optimizer.momentum, preconditioned=True)
        case NAdam():
            return _nadam(optimizer, step)
        case Adam() | AdamW() | Adamax() | RAdam():
            beta = optimizer.beta1
            carried = (1 - beta) / (1.0 if step is None else 1 - beta**step)
            if isinstance(optimizer, RAdam) and step is not None:
                carried *= rectification(optimizer, step) or 1.0
            decoupled = optimizer.weight_decay if isinstance(optimizer, AdamW) else 0.0
            return Recurrence(momentum=beta, carried=carried, decoupled=decoupled, preconditioned=True)
    return None


def rectification(optimizer: RAdam, step: int) -> float | None:
    """By what RAdam multiplies its rate at a step (Liu et al. 2020); None while it does not divide yet."""
    most, kept = 2 / (1 - optimizer.beta2) - 1, optimizer.beta2**step
    rho = most - 2 * step * kept / (1 - kept)
    if rho <= 5:
        return None
    return float(np.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)))


def _nadam(optimizer: NAdam, step: int | None) -> Recurrence:
    """ahead = (1 - mu)/(1 - product) * d + next/(1 - product*next) * m, with m = (1 - beta1)*b."""
    beta = optimizer.beta1

    def mu(t: Array) -> Array:
        return np.asarray(beta * (1 - 0.5 * 0.96 ** (t * optimizer.momentum_decay)))

    if step is None:
        product, last = 0.0, beta if optimizer.momentum_decay else beta / 2
        now = ahead = last
    else:
        product = float(np.prod(mu(np.arange(1.0, min(step, _PRODUCTS) + 1))))
        now, ahead = float(mu(np.array(float(step)))), float(mu(np.array(step + 1.0)))
    return Recurrence(
        momentum=beta,
        direct=(1 - now) / (1 - product),
        carried=(1 - beta) * ahead / (1 - product * ahead),
        preconditioned=True,
    )


def preconditioner(optimizer: Optimizer, state: Mapping[str, Array], step: int) -> Array | None:
    """What the optimizer divides the gradient by after `step` updates, shaped as its state (G, P).

    None where it divides by nothing. The state is that of `Simulation.states()`; all runs of it share `optimizer`.
    """
    match optimizer:
        case Adam() | AdamW():
            size = state["top"] if optimizer.amsgrad else state["v"]
            return np.asarray(np.sqrt(size / (1 - optimizer.beta2**step)) + optimizer.eps)
        case NAdam():
            return np.asarray(np.sqrt(state["v"] / (1 - optimizer.beta2**step)) + optimizer.eps)
        case RAdam():
            if rectification(optimizer, step) is None:
                return np.ones_like(state["v"])
            return np.asarray((np.sqrt(state["v"]) + optimizer.eps) / np.sqrt(1 - optimizer.beta2**step))
        case RMSprop():
            size = state["v"] - state["m"] ** 2 if optimizer.centered else state["v"]
            return np.asarray(np.sqrt(size) + optimizer.eps)
        case Adagrad():
            return np.asarray((np.sqrt(state["s"]) + optimizer.eps) * (1 + (step - 1) * optimizer.lr_decay))
        case Adamax():
            return np.asarray(state["u"]) if "u" in state else None
    return None
