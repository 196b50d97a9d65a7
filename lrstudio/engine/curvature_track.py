"""Measures the largest curvature along the runs of a trace, from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from lrstudio.core.analysis.lanczos import leading
from lrstudio.core.array import Array
from lrstudio.core.elementary import log
from lrstudio.core.objective import Objective
from lrstudio.core.random_numbers import normal
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.trace import Trace

COARSE, FINE = 64, 512
"""The number of steps that are measured at first, and finally."""
_POINTS, _NUMBERS = 1024, 2**20
_WELL_BELOW = log(0.8)


@dataclass(frozen=True)
class Samples:
    """The largest curvatures of the runs at steps (n,), rising, their stability limits and the rates, each (n, R).

    A limit is NaN where the optimizer has none. A curvature is NaN where it overflowed and after the end of a run.
    """

    steps: Array
    curvatures: Array
    limits: Array
    rates: Array

    @classmethod
    def none(cls, runs: int = 0) -> Self:
        """Returns empty samples."""
        return cls(np.empty(0), *(np.empty((0, runs)) for _ in range(3)))

    def crossings(self, run: int) -> list[float]:
        """Returns the interpolated steps at which the curvature rises above the limit from well below it."""
        with np.errstate(all="ignore"):
            share = log(self.curvatures[:, run] / self.limits[:, run])
        crossings, below = [], False
        for index in np.flatnonzero(np.isfinite(share)):
            if share[index] < 0:
                below |= bool(share[index] < _WELL_BELOW)
                last = index
            elif below:
                part = -share[last] / (share[index] - share[last])
                crossings.append(float(self.steps[last] + part * (self.steps[index] - self.steps[last])))
                below = False
        return crossings


class CurvatureTrack:
    """Measures a trace from coarse to fine; of a network's, the steps that have snapshots.

    Not thread-safe, but the trace may grow meanwhile.
    """

    def __init__(self, experiment: Experiment, trace: Trace) -> None:
        self.experiment, self.trace = experiment, trace
        self._measured: dict[int, Array] = {}
        self._objective: Objective | None = None
        self._directions: Array | None = None

    def missing(self, *, whole: bool) -> list[int]:
        """Returns the steps to be measured next, the newest first; empty once all are measured.

        A `whole` trace does not grow at the moment: its last row is measured too.
        """
        last = self.trace.length - 1
        stride, finest = _stride(last, COARSE), self._finest(last)
        steps = set(_early(last)) | ({last} if whole else set())
        while True:
            steps |= set(range(0, last + 1, stride))
            if self.trace.snapshots is not None:
                steps &= set(self.trace.snapshots.steps)
            left = sorted(steps - self._measured.keys(), reverse=True)
            if left or stride <= finest:
                return left
            stride //= 2

    def measure(self, steps: Sequence[int], stop: Stop, enough: Stop = lambda: False) -> None:
        """Measures the largest curvatures at the steps in their order, until `enough()` returns True.

        Polls `stop()` more often, after which the track must not be used any more.
        """
        if self._objective is None:
            self._objective = self.experiment.problem.objective(self.experiment.seed)
        along = self._along_trace if self.trace.snapshots is None else self._along_snapshots
        for curvatures in along(self._objective, steps, stop):
            self._measured |= curvatures
            if stop() or enough():
                break

    def samples(self) -> Samples:
        """Returns the measured steps, thinned out to those of a trace of this length."""
        last = self.trace.length - 1
        finest, early = self._finest(last), set(_early(last))
        steps = sorted(step for step in self._measured if not step % finest or step in early or step == last)
        if not steps:
            return Samples.none(self.trace.runs)
        rates = np.array([self._rates(step) for step in steps])
        limits = np.full(rates.shape, np.nan)
        for index, run in enumerate(self.experiment.runs):
            law = run.law()
            if law is not None and law.plain and not run.has_lr_factors:
                limits[:, index] = law.curvature_limit(rates[:, index])
        return Samples(np.array(steps, float), np.array([self._measured[step] for step in steps]), limits, rates)

    def between(self, before: float, after: float) -> int | None:
        """Returns a step midway that can be measured; None where there is none."""
        finest = self._finest(self.trace.length - 1)
        middle = round((before + after) / 2 / finest) * finest
        return middle if before < middle < after else None

    def _finest(self, last: int) -> int:
        snapshots = self.trace.snapshots
        return _stride(last, FINE) if snapshots is None else snapshots.stride

    def _rates(self, step: int) -> Array:
        """Returns the rates (R,) of the update at a step; at the last row those of the update before."""
        rates: Array = self.trace.read("lr", step, step + 1)[0]
        if step and not np.isfinite(rates).all():
            rates = np.where(np.isfinite(rates), rates, self.trace.read("lr", step - 1, step)[0])
        own = [run.lr for run in self.experiment.runs]
        return rates if step else np.where(np.isfinite(rates), rates, own)

    def _along_trace(self, objective: Objective, steps: Sequence[int], stop: Stop) -> Iterator[dict[int, Array]]:
        runs = self.trace.runs
        many = max(1, min(_POINTS, _NUMBERS // max(1, objective.size)) // runs)
        for first in range(0, len(steps), many):
            some = steps[first : first + many]
            w = np.concatenate([self.trace.read("params", step, step + 1)[0] for step in some])
            values = np.where(np.isfinite(w).all(axis=1), leading(objective, w, stop=stop).values, np.nan)
            yield dict(zip(some, values.reshape(len(some), runs), strict=True))

    def _along_snapshots(self, objective: Objective, steps: Sequence[int], stop: Stop) -> Iterator[dict[int, Array]]:
        """Measures one step after another: an eigenvector is a good initial guess for the next step's."""
        snapshots = self.trace.snapshots
        assert snapshots is not None
        for step in steps:
            saved, w = snapshots.at(step)
            if saved == step:  # otherwise it was thinned out meanwhile
                objective.at(step)
                yield {step: self._largest(objective, w, stop)}

    def _largest(self, objective: Objective, w: Array, stop: Stop) -> Array:
        """Returns the values (R,) at the weights w (R, P); a few runs at a time, so that `stop()` is polled often."""
        many = max(1, _NUMBERS // (objective.size * w.shape[1]))
        alive = np.flatnonzero(np.isfinite(w).all(axis=1))
        if self._directions is None:
            self._directions = normal(np.random.default_rng(0), w.shape)
        values = np.full(len(w), np.nan)
        for first in range(0, len(alive), many):
            some = alive[first : first + many]
            pairs = leading(objective, w[some], self._directions[some], stop=stop)
            values[some] = pairs.values
            fine = np.isfinite(pairs.directions).all(axis=1)
            self._directions[some[fine]] = pairs.directions[fine]
        return values


def _stride(last: int, most: int) -> int:
    """Returns the least power of two that divides the steps until the last into at most so many strides."""
    stride = 1
    while last > stride * most:
        stride *= 2
    return stride


def _early(last: int) -> list[int]:
    """Returns 0 and the powers of two, which are far apart on a logarithmic axis."""
    return [0, *(2**power for power in range(last.bit_length()))]
