"""Gives the measures access to the results of an experiment, computed on demand."""

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
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.columns import BLOCK_ROWS
from lrstudio.engine.training.rates import Rates
from lrstudio.engine.training.trace import UNENDED, Trace

_CHUNK = 4096


class Outcome:
    """An experiment with the present rows of its trace, if it has one. Not thread-safe.

    After `stop()` has returned True, results may be incomplete.
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
        """Whether the experiment is over: all steps are made, or every run has diverged or has reached the target."""
        if self._trace is None:
            return False
        return self.last >= self.experiment.steps or self.trace.over(self.experiment.target_loss)

    @property
    def as_declared(self) -> bool:
        """Whether the rates of all steps are those of the experiment, without changes in between."""
        if self._trace is None or self.last < 1:
            return True
        if self.trace.rate_changes:
            return False
        rates = Rates.of(self.experiment)
        if rates.follows_loss:
            return True
        for start in range(0, self.last, BLOCK_ROWS):
            used = self.trace.read("lr", start, min(start + BLOCK_ROWS, self.last))
            declared = np.where(np.isfinite(used), rates.at(start + np.arange(len(used))), np.nan)
            if not np.allclose(used, declared, rtol=1e-9, atol=0, equal_nan=True):
                return False
        return True

    def rows(self, run: int) -> int:
        """Returns the number of rows of the run."""
        return 0 if self._trace is None else min(self.trace.rows(run), self.last + 1)

    def ended(self, run: int) -> int | None:
        """Returns the step at which the run has overflowed; None if it has not."""
        end = UNENDED if self._trace is None or self.trace.finished[run] else int(self.trace.ends[run])
        return end if end <= self.last + 1 else None  # the row of the overflow is missing where it ended every run

    def over(self, run: int) -> bool:
        """Returns whether the run is over."""
        return self.whole or self.ended(run) is not None or bool(self.trace.finished[run])

    def column(self, name: str, run: int) -> Array:
        """Returns the rows (n, ...) of a run in a column of the trace."""
        return self.trace.of_run(name, run, self.rows(run))

    def weights(self, run: int, step: int) -> Array | None:
        """Returns all weights (1, P) at a step; None if they were not recorded."""
        recorded, weights = self.trace.weights(step)
        return weights[run : run + 1] if recorded == step else None

    def loss(self, run: int, step: int) -> float:
        """Returns the loss on all data at a step; NaN if its weights were not recorded."""
        if self.experiment.batch_sizes[run] is None:
            return float(self.trace.read("loss", step, step + 1)[0, run])
        weights = self.weights(run, step)
        if weights is None:
            return float("nan")
        with np.errstate(all="ignore"):
            return float(self.objective.loss(weights)[0])

    def losses(self, run: int) -> Array:
        """Returns the losses (n,) on all data; NaN with mini-batches if the trace lacks parameters."""
        if self.experiment.batch_sizes[run] is None:
            return self.column("loss", run)
        if not self.experiment.problem.records_all_parameters:
            return np.full(self.rows(run), np.nan)
        if run not in self._losses:
            weights = self.column("params", run)
            with np.errstate(all="ignore"):
                losses = [self.objective.loss(weights[k : k + _CHUNK]) for k in range(0, len(weights), _CHUNK)]
            self._losses[run] = np.concatenate(losses).astype(float)
        return self._losses[run]

    def verdict(self, run: int) -> Verdict:
        """Returns the verdict at the last row."""
        if run not in self._verdicts:
            self._verdicts[run] = judge_run(
                self.experiment, self.trace, run, self.objective, row=max(0, self.rows(run) - 1)
            )
        return self._verdicts[run]

    @cached_property
    def objective(self) -> Objective:
        """The compiled loss in the precision of the runs."""
        return compiled(self.experiment)

    @cached_property
    def minimum(self) -> Array | None:
        """The global minimum (P,) of the loss on all data; None if unknown."""
        problem = self.experiment.problem
        optimum = problem.optimum(problem.data(self.experiment.seed))
        return None if optimum is None else np.array(optimum, float)

    @cached_property
    def floor(self) -> float:
        """The global minimum of the loss on all data; NaN if unknown."""
        if self.minimum is None:
            return float("nan")
        return float(self.experiment.problem.objective(self.experiment.seed).loss(self.minimum[None])[0])

    @cached_property
    def curvatures(self) -> Array:
        """The curvatures (P,) at the minimum, rising; empty if it is unknown."""
        if self.minimum is None:
            return np.empty(0)
        exact = self.experiment.problem.objective(self.experiment.seed)
        return np.asarray(curvatures(exact, self.minimum[None])[0])

    @property
    def samples(self) -> Samples:
        """The largest curvature along the runs, at evenly spaced steps and around the crossings."""
        return self._track.samples()

    def crossing(self, run: int) -> float | None:
        """Returns the step (interpolated, by bisection) at which the largest curvature first exceeds its limit."""
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
