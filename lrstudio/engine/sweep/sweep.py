"""Sweeps an experiment along one or two axes: many runs that are summarized instead of recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from lrstudio.core.analysis.evidence_accumulator import EvidenceAccumulator
from lrstudio.core.analysis.verdict import factor, judge
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.judgement import Minima, known_minima, surroundings_at
from lrstudio.engine.sweep.axis import Axis, start_index, with_value
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, begin, compiled

Progress = Callable[[float], None]

UNKNOWN = -1
MOST_CELLS = 2**25
"""The most runs of a sweep; a summary has 57 bytes for each."""
_VALUES, _FEWEST, _MOST = 2**13, 64, 4096
"""A chunk's runs times the data points of a step, and bounds of its runs: malloc reuses arrays below 128 kB."""


@dataclass(frozen=True)
class Summary:
    """The results of runs as arrays of one shape, an entry per run.

    `final_loss` is the last finite loss and `best_loss` the least one. `steps_to_target` is the first step with the
    target loss or less, `diverged_at` the first whose numbers are not finite; -1 where there is none. With mini-batches
    these losses are those on all data, at the end of every epoch and at the last step. `verdict` are indices into
    VERDICTS, `factor` the factor per step of the last half, `turns` the number of clear reversals in the first 64
    steps. `late_loss` is the largest loss of the last quarter; with mini-batches the larger of two on all data, at the
    end and an eighth of the steps before. Of a run that ended early it is NaN, as is `factor`. Before it is computed an
    entry has the verdict -1 and NaN losses.
    """

    verdict: Array
    final_loss: Array
    best_loss: Array
    steps_to_target: Array
    diverged_at: Array
    factor: Array
    turns: Array
    late_loss: Array

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Self:
        """Returns a summary with no entry computed."""
        return cls(
            verdict=np.full(shape, UNKNOWN, np.int8),
            final_loss=np.full(shape, np.nan),
            best_loss=np.full(shape, np.nan),
            steps_to_target=np.full(shape, UNKNOWN, np.int64),
            diverged_at=np.full(shape, UNKNOWN, np.int64),
            factor=np.full(shape, np.nan),
            turns=np.full(shape, UNKNOWN, np.int64),
            late_loss=np.full(shape, np.nan),
        )

    def put(self, members: Array | slice, part: Summary) -> None:
        """Stores the results of some runs, by flat indices."""
        for column in fields(self):
            getattr(self, column.name).ravel()[members] = getattr(part, column.name)

    def at(self, index: Array | tuple[Any, ...]) -> Summary:
        """Returns the entries at an index of any kind."""
        return Summary(*(getattr(self, column.name)[index] for column in fields(self)))


class Sweep:
    """Runs one run of an experiment with all combinations of the values of one or two axes.

    The first axis runs along a row of the result, the second, if there is one, from row to row. Cells are counted row
    by row. Raises ValueError for invalid names and values.
    """

    def __init__(self, experiment: Experiment, axes: Sequence[Axis], run: int = 0) -> None:
        if not 1 <= len(axes) <= 2 or len({axis.name for axis in axes}) < len(axes):
            raise ValueError("a sweep goes along one or two names")
        for axis in axes:
            axis.check(experiment, run)
        self.axes = tuple(axes)
        self.shape = tuple(len(axis.values) for axis in reversed(axes))
        self.cells = int(np.prod(self.shape))
        if self.cells > MOST_CELLS:
            raise ValueError(f"{self.cells} runs: a sweep has at most {MOST_CELLS}")
        self.experiment = experiment.alone(run)
        self._values = [np.array(axis.values, float) for axis in axes]
        self._objectives: dict[Experiment, tuple[Objective, Minima]] = {}

    def run(self, stop: Stop = lambda: False, progress: Progress | None = None, steps: int | None = None) -> Summary:
        """Computes the cells, shaped as `shape`, until `stop()` returns True; the rest stays unknown.

        Calls `progress` with the computed share after every chunk. For `steps` see `chunks`.
        """
        result = Summary.empty(self.shape)
        done = 0
        for members, part in self.chunks(np.arange(self.cells), stop, steps):
            result.put(members, part)
            done += len(members)
            if progress is not None:
                progress(done / self.cells)
        return result

    def chunks(
        self, cells: Array, stop: Stop = lambda: False, steps: int | None = None
    ) -> Iterator[tuple[Array, Summary]]:
        """Yields the indices and the summaries of these cells, a chunk at a time.

        Makes only the first `steps` of the planned ones; the verdicts extrapolate from these.
        """
        for experiment, members in self._by_structure(cells):
            objective, minima = self._compiled(experiment)
            batch_size = experiment.batch_size or max(1, objective.size)
            length = max(_FEWEST, min(_MOST, _VALUES // batch_size))
            for first in range(0, len(members), length):
                chunk = members[first : first + length]
                summary = self._computed(experiment, objective, minima, chunk, stop, steps)
                if summary is None:
                    return
                yield chunk, summary

    def experiment_at(self, cell: int) -> Experiment:
        """Returns the experiment of one cell."""
        experiment = self.experiment
        for axis, index in zip(self.axes, self._indices(np.array([cell])), strict=True):
            experiment = with_value(experiment, 0, axis.name, float(axis.values[int(index[0])]))
        return experiment

    def _indices(self, cells: Array) -> list[Array]:
        """Returns the indices of the cells along each axis."""
        width = len(self.axes[0].values)
        return [cells % width, cells // width][: len(self.axes)]

    def _by_structure(self, cells: Array) -> Iterator[tuple[Experiment, Array]]:
        """Yields the cells that share problem, batches and seed, with their experiment."""
        keys = np.zeros((len(cells), len(self.axes)), np.int64)
        for column, (axis, indices) in enumerate(zip(self.axes, self._indices(cells), strict=True)):
            if axis.structural:
                keys[:, column] = indices
        if not keys.any():
            keys = keys[:1]
            groups, members = keys, np.zeros(len(cells), np.int64)
        else:
            groups, members = np.unique(keys, axis=0, return_inverse=True)
        for number, group in enumerate(groups):
            experiment = self.experiment
            for axis, index in zip(self.axes, group, strict=True):
                if axis.structural:
                    experiment = with_value(experiment, 0, axis.name, float(axis.values[int(index)]))
            yield experiment, cells[members.reshape(-1) == number]

    def _compiled(self, experiment: Experiment) -> tuple[Objective, Minima]:
        """Returns the compiled problem and its minima, cached for one experiment."""
        if experiment not in self._objectives:
            self._objectives.clear()
            objective = compiled(experiment)
            self._objectives[experiment] = objective, known_minima(experiment.problem, experiment.seed)
        return self._objectives[experiment]

    def _batch(self, experiment: Experiment, cells: Array) -> Batch:
        run, runs = experiment.runs[0], len(cells)
        lr = np.full(runs, run.lr)
        starts = np.tile(begin(experiment), (runs, 1))
        numbers: dict[str, dict[str, Array]] = {"optimizer": {}, "schedule": {}}
        for axis, values, indices in zip(self.axes, self._values, self._indices(cells), strict=True):
            group, _, part = axis.name.partition(".")
            if axis.name == "lr":
                lr = values[indices]
            elif group == "start":
                starts[:, start_index(experiment, axis.name)] = values[indices]
            elif group in numbers:
                numbers[group][part] = values[indices]
        return Batch.varied(experiment, lr, starts, numbers["optimizer"], numbers["schedule"])

    def _computed(
        self, experiment: Experiment, objective: Objective, minima: Minima, cells: Array, stop: Stop, steps: int | None
    ) -> Summary | None:
        """Returns the summary of one chunk; None where it was stopped."""
        steps, noisy = min(steps or experiment.steps, experiment.steps), experiment.batch_size is not None
        runner = BatchRunner(experiment, objective, self._batch(experiment, cells))
        with np.errstate(all="ignore"):
            measured = runner.begin()
            full = runner.full_losses() if noisy else None
            initial_loss = measured.loss.astype(float) if full is None else full
            rate = runner.rates.at(np.array([0]))[0].copy()
            stats = EvidenceAccumulator(
                steps,
                runner.w,
                measured.loss,
                measured.gradient,
                experiment.target_loss,
                full=full,
                recorded=None if experiment.problem.records_all_parameters else experiment.problem.recorded,
            )
            for measured in runner.advance(steps):
                if stop():
                    return None
                if noisy and (ended := stats.ending(runner.w, measured.loss)).any():
                    stats.settle(ended, runner.full_losses_before(ended))
                full = runner.full_losses(steps, experiment.schedule_length) if noisy else None
                stats.update(runner.step, runner.w, measured.loss, measured.gradient, full)
                if not stats.alive.any():
                    break
            return _summary_of(stats, runner, minima, (initial_loss, rate), experiment, stop)


def _summary_of(
    stats: EvidenceAccumulator,
    runner: BatchRunner,
    minima: Minima,
    at_start: tuple[Array, Array],
    experiment: Experiment,
    pause: Stop,
) -> Summary:
    """Returns the summary of a chunk; calls `pause` between its parts to yield to the GUI."""
    noisy = experiment.batch_size is not None
    initial_loss, rate = at_start
    pause()
    evidence = stats.evidence(experiment.steps, initial_loss, noisy=noisy)
    pause()
    around = surroundings_at(experiment.problem, runner.objective, runner.w, minima, stats.start, stats.halfway)
    pause()
    evidence.set_surroundings(around)
    if noisy:
        evidence.last = np.where(stats.alive, around.loss, stats.judged)
        evidence.before = np.asarray(runner.objective.loss(stats.earlier), float)
        evidence.halfway = np.asarray(runner.objective.loss(stats.halfway), float)
    if "norm" in experiment.problem.metrics:
        start, end = (np.linalg.norm(np.ascontiguousarray(w), axis=1) for w in (stats.start, runner.w))
        evidence.weight_growth = end / start
    evidence.last_rate = runner.rates.at(np.array([stats.window.steps - 1]))[0]
    evidence.largest_rate = np.maximum(rate, evidence.last_rate)
    best = np.where(np.isfinite(stats.best), stats.best, np.nan)
    late_loss, factors = (np.where(stats.alive, values, np.nan) for values in (evidence.late_loss, factor(evidence)))
    return Summary(judge(evidence), stats.judged, best, stats.hits, stats.ends, factors, stats.turns, late_loss)


def boundary(rates: Array, diverges: Array) -> tuple[float, float]:
    """Returns the bracket of the limit: the last of the rates (n,), rising, before the first that diverges, and that.

    The one is 0 and the other infinite where there is no such rate.
    """
    first = int(diverges.argmax()) if diverges.any() else len(rates)
    low = float(rates[first - 1]) if first else 0.0
    return low, float(rates[first]) if first < len(rates) else float("inf")
