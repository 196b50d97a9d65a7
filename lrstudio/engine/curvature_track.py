"""The largest curvature along the runs of a trace, measured at more and more of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from lrstudio.core.analysis.lanczos import leading
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.trace import Trace

COARSE, FINE = 64, 512
"""Steps that are measured first, and in the end."""
_POINTS, _NUMBERS = 1024, 2**20
_WELL_BELOW = np.log(0.8)


@dataclass(frozen=True)
class Samples:
    """At steps (n,), rising, the runs' largest curvatures, the limits of these, and the rates, each (n, R).

    A limit is NaN where none is known. What is not finite in a curvature was not, or the run had ended.
    """

    steps: Array
    curvatures: Array
    limits: Array
    rates: Array

    @classmethod
    def none(cls, runs: int = 0) -> Self:
        """No steps yet."""
        return cls(np.empty(0), *(np.empty((0, runs)) for _ in range(3)))

    def crossings(self, run: int) -> list[float]:
        """The steps, not rounded, at which the curvature rises above the limit, from well below it."""
        with np.errstate(all="ignore"):
            share = np.log(self.curvatures[:, run] / self.limits[:, run])
        found, below = [], False
        for place in np.flatnonzero(np.isfinite(share)):
            if share[place] < 0:
                below |= bool(share[place] < _WELL_BELOW)
                last = place
            elif below:
                part = -share[last] / (share[place] - share[last])
                found.append(float(self.steps[last] + part * (self.steps[place] - self.steps[last])))
                below = False
        return found


class CurvatureTrack:
    """Measures a trace from coarse to fine. Of a network it has the steps of which there are snapshots.

    It may be used in any thread, by one at a time; the trace may grow meanwhile.
    """

    def __init__(self, experiment: Experiment, trace: Trace) -> None:
        self.experiment, self.trace = experiment, trace
        self._known: dict[int, Array] = {}
        self._objective: Objective | None = None
        self._near: Array | None = None

    def missing(self, *, whole: bool) -> list[int]:
        """The steps to be measured next, the newest first; none where all are known that are wanted.

        `whole` says that the trace does not grow at the moment: then its last row is wanted too.
        """
        last = self.trace.length - 1
        stride, finest = _stride(last, COARSE), self._finest(last)
        steps = set(_early(last)) | ({last} if whole else set())
        while True:
            steps |= set(range(0, last + 1, stride))
            if self.trace.snapshots is not None:
                steps &= set(self.trace.snapshots.steps)
            left = sorted(steps - self._known.keys(), reverse=True)
            if left or stride <= finest:
                return left
            stride //= 2

    def measure(self, steps: Sequence[int], stop: Stop, enough: Stop = lambda: False) -> None:
        """Find the largest curvatures at some of the steps: at the first ones until `enough()` says so.

        After `stop()`, which is asked more often, the track is of no use.
        """
        if self._objective is None:
            self._objective = self.experiment.problem.objective(self.experiment.seed)
        along = self._along_trace if self.trace.snapshots is None else self._along_snapshots
        for known in along(self._objective, steps, stop):
            self._known |= known
            if stop() or enough():
                break

    def samples(self) -> Samples:
        """What is known, not denser than is wanted of a trace so long."""
        last = self.trace.length - 1
        finest, early = self._finest(last), set(_early(last))
        steps = sorted(step for step in self._known if not step % finest or step in early or step == last)
        if not steps:
            return Samples.none(self.trace.runs)
        rates = np.array([self._rates(step) for step in steps])
        limits = np.full(rates.shape, np.nan)
        for place, run in enumerate(self.experiment.runs):
            law = run.optimizer.recurrence()
            if law is not None and law.plain:
                limits[:, place] = law.curvature_limit(rates[:, place])
        return Samples(np.array(steps, float), np.array([self._known[step] for step in steps]), limits, rates)

    def between(self, before: float, after: float) -> int | None:
        """A step midway that can be measured; None where there is none."""
        finest = self._finest(self.trace.length - 1)
        middle = round((before + after) / 2 / finest) * finest
        return middle if before < middle < after else None

    def _finest(self, last: int) -> int:
        snapshots = self.trace.snapshots
        return _stride(last, FINE) if snapshots is None else snapshots.stride

    def _rates(self, step: int) -> Array:
        """The rates (R,) of the update at a step; after the last one those of the update before."""
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
        """A direction found at one step makes a good beginning at the next."""
        snapshots = self.trace.snapshots
        assert snapshots is not None
        for step in steps:
            kept, w = snapshots.at(step)
            if kept == step:  # it was thinned out meanwhile
                objective.at(step)
                yield {step: self._largest(objective, w, stop)}

    def _largest(self, objective: Objective, w: Array, stop: Stop) -> Array:
        """The values (R,) at the weights w (R, P); a few runs at a time, so that `stop()` is asked often."""
        many = max(1, _NUMBERS // (objective.size * w.shape[1]))
        alive = np.flatnonzero(np.isfinite(w).all(axis=1))
        if self._near is None:
            self._near = np.asarray(np.random.default_rng(0).normal(size=w.shape))
        values = np.full(len(w), np.nan)
        for first in range(0, len(alive), many):
            some = alive[first : first + many]
            found = leading(objective, w[some], self._near[some], stop=stop)
            values[some] = found.values
            fine = np.isfinite(found.directions).all(axis=1)
            self._near[some[fine]] = found.directions[fine]
        return values


def _stride(last: int, most: int) -> int:
    """The least power of two by which there are at most so many steps until the last."""
    stride = 1
    while last > stride * most:
        stride *= 2
    return stride


def _early(last: int) -> list[int]:
    """0, 1, 2, 4, ...: what a logarithmic axis shows first."""
    return [0, *(2**power for power in range(last.bit_length()))]
