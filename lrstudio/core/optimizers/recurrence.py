"""The theory of an optimizer on a quadratic: a linear recurrence with two roots for every curvature.

Curvatures are those of the loss as it is written. The problems here take the mean of squares (1/m); 1/(2m) would halve
the curvatures and double the limits. For preconditioned optimizers (Adam, RMSprop) give the curvatures of the Hessian
divided by the preconditioner (`curvature.curvatures(objective, w, preconditioner)`); the results hold while the
preconditioner is constant.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import power
from lrstudio.core.record import dataclass

_BISECTIONS, _LARGEST = 200, 1e300


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """One update on a quadratic of curvature h with constant divisor and coefficients.

    With the distance e from the minimum and the rate r: b = momentum*b + h*e, then e loses
    r * (direct*h*e + carried*b). `coupled` is weight decay that is part of the gradient, `decoupled` the other kind.
    `preconditioned` says that the curvatures are those of the Hessian divided by the divisor, `relative` that each
    direction is divided by its own curvature. The step uses r = rate / (1 + fade*rate)^power. `coupled` is 0 for
    preconditioned optimizers: add it to the Hessian before dividing.
    """

    momentum: float = 0.0
    direct: float = 0.0
    carried: float = 1.0
    coupled: float = 0.0
    decoupled: float = 0.0
    fade: float = 0.0
    power: float = 0.0
    preconditioned: bool = False
    relative: bool = False

    @classmethod
    def of_mean(cls, beta: float, step: int | None, **others: Any) -> Self:
        """Returns the recurrence of a step along the exponential mean of the gradients, bias-corrected at `step`.

        None for `step` means no bias correction.
        """
        correction = 1.0 if step is None else float(1 - power(beta, step))
        return cls(momentum=beta, carried=(1 - beta) / correction, **others)

    @property
    def plain(self) -> bool:
        """Whether the limit follows from the curvature of the loss without a preconditioner."""
        return not (self.preconditioned or self.relative)

    @property
    def fades(self) -> bool:
        """Whether the effect of a constant rate falls with the step, so that no limit holds for a whole run."""
        return bool(self.decoupled and self.power)

    def limit(self, curvatures: Array) -> Array:
        """Returns the stability limit of the rate for each curvature; infinite for curvatures of 0 or less.

        There 1 + trace + determinant is 0: the distance from the minimum changes sign and keeps its size.
        """
        beta, curvature = self.momentum, self._effective(np.asarray(curvatures, float))
        scale = curvature * self._lead + self.decoupled * (1 + beta)
        with np.errstate(divide="ignore", over="ignore"):
            used = np.where(curvature > 0, 2 * (1 + beta) / np.where(curvature > 0, scale, 1.0), np.inf)
        return self._rate_for(used)

    def stability_limit(self, curvatures: Array) -> float:
        """Returns the rate above which the steps grow along the steepest of the curvatures (P,).

        Infinite where no curvature is above 0.
        """
        return float(np.min(self.limit(curvatures), initial=np.inf))

    def curvature_limit(self, rates: Array) -> Array:
        """Returns the curvature above which the steps grow at each of the rates: 2/rate for gradient descent.

        The inverse of `limit`: 0 or less where every curvature above 0 is too much, infinite for the rate 0.
        """
        rates = np.asarray(rates, float)
        with np.errstate(divide="ignore", over="ignore"):
            curvature = (1 + self.momentum) * (2 / self._used(rates) - self.decoupled) / self._lead
        if self.relative:
            curvature = np.where(curvature > 1, np.inf, 0.0)
        elif not self.preconditioned:
            curvature = curvature - self.coupled
        return np.where(rates > 0, curvature, np.where(rates == 0, np.inf, np.nan))

    def factors(self, rates: Array, curvatures: Array) -> Array:
        """Returns the asymptotic factor per step of the distance from the minimum, shaped as rates.

        The spectral radius of the 2x2 matrices of one step, over all curvatures (P,): below 1 the distance shrinks, at
        1 it cycles, above 1 it grows. The roots are those of z^2 - trace z + determinant.
        """
        beta, used = self.momentum, self._used(np.asarray(rates, float)[..., None])
        step, decay = used * self._effective(np.asarray(curvatures, float)), 1 - used * self.decoupled
        trace, determinant = decay + beta - step * (self.direct + self.carried), beta * (decay - step * self.direct)
        spread = np.sqrt(np.asarray(trace * trace - 4 * determinant, complex))
        largest = np.maximum(np.abs((trace + spread) / 2), np.abs((trace - spread) / 2))
        return np.asarray(largest.max(axis=-1))

    @property
    def _lead(self) -> float:
        return self.direct * (1 + self.momentum) + self.carried

    def _effective(self, curvature: Array) -> Array:
        if self.relative:
            return np.where(curvature != 0, 1.0, 0.0)
        return curvature if self.preconditioned else curvature + self.coupled

    def _used(self, rate: Array) -> Array:
        return rate / power(1 + self.fade * rate, self.power) if self.fade else rate

    def _rate_for(self, used: Array) -> Array:
        """Returns the least rate with this effective rate; infinite if no rate has it."""
        if not self.fade or not self.power:
            return used
        top = min(1 / (self.fade * (self.power - 1)), _LARGEST) if self.power > 1 else _LARGEST
        low, high = np.asarray(used, float).copy(), np.full(np.shape(used), top)
        for _ in range(_BISECTIONS):
            middle = np.sqrt(low) * np.sqrt(high)
            enough = self._used(middle) >= used
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.where(self._used(np.asarray(top)) > used, high, np.inf)
