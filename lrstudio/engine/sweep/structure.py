"""The runs of a sweep that share problem, batches and seed: computes chunks of them, in a kernel or with NumPy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property

import numpy as np

from lrstudio.core.analysis.evidence_accumulator import EvidenceAccumulator
from lrstudio.core.analysis.run_statistics import RunStatistics
from lrstudio.core.analysis.surroundings import Surroundings
from lrstudio.core.analysis.verdict import factor, judge
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.judgement import Minima, known_minima, surroundings_at
from lrstudio.engine.sweep.network_sweep import NetworkSweep
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep_kernel import SweepKernel
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, compiled

Progress = Callable[[float], None]

_VALUES, _FEWEST, _MOST = 2**13, 64, 4096
"""Runs times the data points of a step, and bounds of the runs, that NumPy computes at once: malloc reuses arrays below
128 kB."""
_MOST_VALUES = 2**22
"""Runs times data points that NumPy computes at once even if they are fewer runs."""
_KERNEL_VALUES, _KERNEL_WORK, _KERNEL_FEWEST, _KERNEL_MOST = 2**20, 2**26, 512, 2**14
"""Runs times data points in a kernel, whose steps then take a few milliseconds, and the same times the steps, so that
results come several times a second unless they are fewer runs; the most runs."""
_KERNEL_SHARED = 2**23
"""Runs times data points times steps that are worth a second thread."""


class Structure:
    """The `experiment` of runs that differ in numbers only, and their first `steps`."""

    def __init__(self, experiment: Experiment, steps: int) -> None:
        self.experiment, self._steps = experiment, min(steps, experiment.steps)
        self._objective: Objective = compiled(experiment)
        self._minima: Minima = known_minima(experiment.problem, experiment.seed)
        self._own = threading.local()

    @property
    def has_kernel(self) -> bool:
        """Whether a kernel computes the runs, several chunks of which can then be computed at once."""
        return self._kind is not None

    @cached_property
    def _kind(self) -> type[SweepKernel | NetworkSweep] | None:
        kinds = (SweepKernel, NetworkSweep)
        return next((kind for kind in kinds if kind.supports(self.experiment, self._objective, self._steps)), None)

    def chunk(self, runs: int, threads: int) -> int:
        """Returns how many of so many runs are computed at once, by each of so many threads where there is a kernel."""
        size = self.experiment.batch_size or max(1, self._objective.size)
        if not self.has_kernel:
            return max(1, min(max(_FEWEST, min(_MOST, _VALUES // size)), _MOST_VALUES // size))
        work = size * self._steps
        if self._kind is NetworkSweep:
            work, most = work * self.experiment.problem.size, NetworkSweep.runs(self.experiment, self._objective)
        else:
            soon = max(_KERNEL_FEWEST, min(_KERNEL_MOST, _KERNEL_WORK // work))
            most = min(soon, _KERNEL_VALUES // size)
        share = -(-runs // threads) if runs * work > _KERNEL_SHARED else runs
        return max(4, min(most, share))

    def summary(self, batch: Batch, stop: Stop, progress: Progress | None = None) -> Summary | None:
        """Returns the results of some runs; None where `stop()` returned True.

        Calls `progress` with the share of the steps that are made.
        """
        advanced: Progress = progress or (lambda share: None)
        experiment, noisy = self.experiment, self.experiment.batch_size is not None
        runner = BatchRunner(experiment, self._objective, batch)
        with np.errstate(all="ignore"):
            measured = runner.begin()
            full = runner.full_losses() if noisy else None
            first_rate = runner.rates.at(np.array([0]))[0].copy()  # a schedule may follow the loss
            if self.has_kernel:
                stats = self._kernel.run(batch, measured, full, stop, advanced)
            else:
                stats = _accumulated(runner, experiment, self._steps, full, stop, advanced)
            if stats is None:
                return None
            initial_loss = measured.loss.astype(float) if full is None else full
            last_rate = runner.rates.at(np.array([self._steps - 1]))[0]
            return self._summary_of(stats, initial_loss, (first_rate, last_rate), stop)

    @property
    def _kernel(self) -> SweepKernel | NetworkSweep:
        """The kernel of the calling thread."""
        assert self._kind is not None
        if not hasattr(self._own, "kernel"):
            self._own.kernel = self._kind(self.experiment, self._objective, self._steps)
        kernel: SweepKernel | NetworkSweep = self._own.kernel
        return kernel

    def _summary_of(
        self, stats: RunStatistics, initial_loss: Array, rates: tuple[Array, Array], stop: Stop
    ) -> Summary | None:
        """Returns the summary of a chunk with the losses (R,) at the start, and the first and last rates (R,).

        Calls `stop` between its parts, and returns None once that is True. Of ended runs `factor` and `late_loss` are
        NaN.
        """
        experiment, objective, noisy = self.experiment, self._objective, self.experiment.batch_size is not None
        if stop():
            return None
        evidence = stats.evidence(experiment.steps, initial_loss, noisy=noisy)
        if stop():
            return None
        around = self._surroundings(stats)
        if stop():
            return None
        evidence.set_surroundings(around)
        if noisy:
            evidence.last = np.where(stats.alive, around.loss, stats.judged)
            evidence.before = np.asarray(objective.loss(stats.earlier), float)
            evidence.halfway = np.asarray(objective.loss(stats.halfway), float)
        if "norm" in experiment.problem.metrics:
            start, end = (np.linalg.norm(np.ascontiguousarray(w), axis=1) for w in (stats.start, stats.w))
            evidence.weight_growth = end / start
        evidence.last_rate = rates[1]
        evidence.largest_rate = np.maximum(*rates)
        return Summary(
            verdict=judge(evidence),
            final_loss=stats.judged,
            best_loss=np.where(np.isfinite(stats.best), stats.best, np.nan),
            steps_to_target=stats.hits,
            diverged_at=stats.ends,
            factor=np.where(stats.alive, factor(evidence), np.nan),
            turns=stats.turns,
            late_loss=np.where(stats.alive, evidence.late_loss, np.nan),
        )

    def _surroundings(self, stats: RunStatistics) -> Surroundings:
        """Returns the surroundings of the runs at their ends, unknown ones of those that ended early."""
        problem, alive = self.experiment.problem, stats.alive
        points = (stats.w, stats.start, stats.halfway)
        if alive.all():
            w, start, halfway = points
            return surroundings_at(problem, self._objective, w, self._minima, start, halfway)
        nan = np.full(len(alive), np.nan)
        result = Surroundings.unknown(nan.copy(), nan.copy())
        if alive.any():
            w, start, halfway = (values[alive] for values in points)
            part = surroundings_at(problem, self._objective, w, self._minima, start, halfway)
            whole = (np.array(column) for column in result)
            result = Surroundings(*(_put(column, alive, values) for column, values in zip(whole, part, strict=True)))
        return result


def _put(column: Array, where: Array, values: Array) -> Array:
    column[where] = values
    return column


def _accumulated(
    runner: BatchRunner, experiment: Experiment, steps: int, full: Array | None, stop: Stop, advanced: Progress
) -> RunStatistics | None:
    """Returns the statistics of runs that NumPy advances from their start; None where it was stopped."""
    stats = EvidenceAccumulator(
        steps,
        runner.w,
        runner.measured.loss,
        runner.measured.gradient,
        experiment.target_loss,
        full=full,
        recorded=None if experiment.problem.records_all_parameters else experiment.problem.recorded,
    )
    for measured in runner.advance(steps):
        if stop():
            return None
        if full is not None and (ended := stats.ending(runner.w, measured.loss)).any():
            stats.settle(ended, runner.full_losses_before(ended))
        losses = None if full is None else runner.full_losses(steps, experiment.schedule_length)
        stats.update(runner.step, runner.w, measured.loss, measured.gradient, losses)
        advanced(runner.step / steps)
        if not stats.alive.any():
            break
    return stats
