"""What an experiment has done so far, looked at by the measures; what costs time is computed when it is asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lrstudio.core.analysis.curvature import curvatures
from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.curvature_track import CurvatureTrack, Samples
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.training.batch import Rates
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.trace import UNENDED, Trace

_AT_ONCE = 4096


class Outcome:
    """An experiment with the rows its trace has now; without a trace nothing has run. For one thread at a time.

    After `stop()` has said so, what is computed is of no use.
    """

    def __init__(self, experiment: Experiment, trace: Trace | None = None, stop: Stop = lambda: False) -> None:
        self.experiment = experiment
        self._trace, self._stop = trace, stop
        self.last = -1 if trace is None else trace.length - 1
        self._losses: dict[int, Array] = {}
        self._verdicts: dict[int, Verdict] = {}

    @property
    def trace(self) -> Trace:
        assert self._trace is not None
        return self._trace

    @property
    def whole(self) -> bool:
        """Whether nothing more comes: the planned steps are made, or every run has diverged or has the target."""
        if self._trace is None:
            return False
        return self.last >= self.experiment.steps or self.trace.over(self.experiment.target_loss)

    @property
    def as_declared(self) -> bool:
        """Whether the rates that were used are those of the experiment: none was changed on the way and back."""
        if self._trace is None or self.last < 1:
            return True
        if self.trace.rate_changes:
            return False
        rates = Rates.of(self.experiment)
        if rates.follows_loss:
            return True
        used = self.trace.read("lr", 0, self.last)
        declared = np.where(np.isfinite(used), rates.at(np.arange(self.last)), np.nan)
        return bool(np.allclose(used, declared, rtol=1e-9, atol=0, equal_nan=True))

    def rows(self, run: int) -> int:
        """How many rows the run has."""
        return 0 if self._trace is None else min(self.trace.rows(run), self.last + 1)

    def ended(self, run: int) -> int | None:
        """The step at which the run has overflowed; None while it has not."""
        end = UNENDED if self._trace is None else int(self.trace.ends[run])
        return end if end <= self.last else None

    def over(self, run: int) -> bool:
        """Whether nothing more comes of the run."""
        return self.whole or self.ended(run) is not None

    def column(self, name: str, run: int) -> Array:
        """The rows (n, ...) of a run in a column of the trace."""
        return self.trace.read(name, 0, self.rows(run))[:, run]

    def weights(self, run: int, step: int) -> Array | None:
        """All weights (1, P) at a step; None where they were not kept."""
        kept, weights = self.trace.weights(step)
        return weights[run : run + 1] if kept == step else None

    def loss(self, run: int, step: int) -> float:
        """The loss on all data at a step, NaN where the weights of that step were not kept."""
        if self.experiment.batch_size is None:
            return float(self.trace.read("loss", step, step + 1)[0, run])
        weights = self.weights(run, step)
        if weights is None:
            return float("nan")
        with np.errstate(all="ignore"):
            return float(self.objective.loss(weights)[0])

    def losses(self, run: int) -> Array:
        """The losses (n,) on all data; NaN for mini-batches whose trace has not all parameters."""
        if self.experiment.batch_size is None:
            return self.column("loss", run)
        if not self.experiment.problem.records_all_parameters:
            return np.full(self.rows(run), np.nan)
        if run not in self._losses:
            weights = self.column("params", run)
            with np.errstate(all="ignore"):
                found = [self.objective.loss(weights[k : k + _AT_ONCE]) for k in range(0, len(weights), _AT_ONCE)]
            self._losses[run] = np.concatenate(found).astype(float)
        return self._losses[run]

    def verdict(self, run: int) -> Verdict:
        """The verdict at the newest row."""
        if run not in self._verdicts:
            self._verdicts[run] = judge_run(
                self.experiment, self.trace, run, self.objective, row=max(0, self.rows(run) - 1)
            )
        return self._verdicts[run]

    @cached_property
    def objective(self) -> Objective:
        """The loss as the runs have it, in their precision."""
        return compiled(self.experiment)

    @cached_property
    def minimum(self) -> Array | None:
        """The point (P,) where the loss on all data is least; None where it is not known."""
        problem = self.experiment.problem
        optimum = problem.optimum(problem.data(self.experiment.seed))
        return None if optimum is None else np.array(optimum, float)

    @cached_property
    def floor(self) -> float:
        """The least loss on all data there is, NaN where it is not known."""
        if self.minimum is None:
            return float("nan")
        return float(self.experiment.problem.objective(self.experiment.seed).loss(self.minimum[None])[0])

    @cached_property
    def curvatures(self) -> Array:
        """The curvatures (P,) at the minimum, rising; empty where it is not known."""
        if self.minimum is None:
            return np.empty(0)
        exact = self.experiment.problem.objective(self.experiment.seed)
        found: Array = curvatures(exact, self.minimum[None])[0]
        return found

    @property
    def samples(self) -> Samples:
        """The largest curvature along the runs, at evenly spaced steps and where it has been looked at closer."""
        return self._track.samples()

    def crossing(self, run: int) -> float | None:
        """The first step, not rounded, at which the largest curvature rises above its limit; halved in on."""
        while crossings := self.samples.crossings(run):
            steps = self.samples.steps
            after = int(np.searchsorted(steps, crossings[0]))
            middle = self._track.between(steps[max(after - 1, 0)], steps[after])
            if middle is None or self._stop():
                return crossings[0]
            self._track.measure([middle], self._stop)
        return None

    @cached_property
    def _track(self) -> CurvatureTrack:
        track = CurvatureTrack(self.experiment, self.trace)
        track.measure(track.missing(whole=True), self._stop)
        return track
