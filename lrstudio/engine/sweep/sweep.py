"""One experiment with hundreds to a million runs that keeps summaries in place of traces."""

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
from lrstudio.engine.judgement import Minima, known_minima, look_around
from lrstudio.engine.sweep.axis import Axis, start_index, with_value
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, begin, compiled

Progress = Callable[[float], None]

UNKNOWN = -1
MOST_CELLS = 2**21
_VALUES, _FEWEST, _MOST = 2**13, 64, 4096
"""A chunk's runs times the data points that each looks at: arrays above 128 kB are taken from the system anew."""


@dataclass(frozen=True)
class Summary:
    """Arrays of one shape, an entry per run.

    `final_loss` is the last finite loss and `best_loss` the least one. `steps_to_target` is the first step with the
    target loss or less, `diverged_at` the first whose numbers are not finite; -1 where there is none. With mini-batches
    these losses are those on all data, at the end of every epoch and at the last step. `verdict` are places in
    VERDICTS, `factor` the factor per step of the last half, `turns` how often the run clearly turned back in its first
    64 steps. `height` is the largest loss of the last quarter; with mini-batches the larger of two over all data, that
    at the end and that an eighth of the steps before. Where nothing has been computed yet the verdict is -1 and the
    losses are NaN.
    """

    verdict: Array
    final_loss: Array
    best_loss: Array
    steps_to_target: Array
    diverged_at: Array
    factor: Array
    turns: Array
    height: Array

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Self:
        """Nothing computed yet."""
        return cls(
            verdict=np.full(shape, UNKNOWN, np.int8),
            final_loss=np.full(shape, np.nan),
            best_loss=np.full(shape, np.nan),
            steps_to_target=np.full(shape, UNKNOWN, np.int64),
            diverged_at=np.full(shape, UNKNOWN, np.int64),
            factor=np.full(shape, np.nan),
            turns=np.full(shape, UNKNOWN, np.int64),
            height=np.full(shape, np.nan),
        )

    def put(self, places: Array, part: Summary) -> None:
        """Take the results of some runs; places count through the arrays row by row."""
        for column in fields(self):
            getattr(self, column.name).ravel()[places] = getattr(part, column.name)

    def at(self, places: Array | tuple[Any, ...]) -> Summary:
        """The entries at these places."""
        return Summary(*(getattr(self, column.name)[places] for column in fields(self)))


class Sweep:
    """All combinations of one or two axes' values for one run of an experiment; everything else stays as it is.

    The first axis runs along a row of the result, the second, if there is one, from row to row. Cells are counted row
    by row. Raises ValueError for names and values that cannot be.
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
            raise ValueError(f"{self.cells} runs: at most {MOST_CELLS}")
        self.experiment = experiment.alone(run)
        self._values = [np.array(axis.values, float) for axis in axes]
        self._objectives: dict[Experiment, tuple[Objective, Minima]] = {}

    def run(self, stop: Stop = lambda: False, progress: Progress | None = None) -> Summary:
        """Compute every cell; the arrays are shaped as `shape`. What `stop()` has kept from being computed is unknown.

        `progress` is told the share that is done, at the end of every chunk.
        """
        result = Summary.empty(self.shape)
        done = 0
        for places, part in self.chunks(np.arange(self.cells), stop):
            result.put(places, part)
            done += len(places)
            if progress is not None:
                progress(done / self.cells)
        return result

    def chunks(
        self, cells: Array, stop: Stop = lambda: False, steps: int | None = None
    ) -> Iterator[tuple[Array, Summary]]:
        """Compute these cells a chunk at a time: which they were, and what came of them.

        With `steps` only so many of the planned ones are made; the verdicts say what they promise.
        """
        for experiment, members in self._by_structure(cells):
            objective, minima = self._compiled(experiment)
            looked_at = experiment.batch_size or max(1, objective.size)
            length = max(_FEWEST, min(_MOST, _VALUES // looked_at))
            for first in range(0, len(members), length):
                chunk = members[first : first + length]
                summary = self._computed(experiment, objective, minima, chunk, stop, steps)
                if summary is None:
                    return
                yield chunk, summary

    def experiment_at(self, cell: int) -> Experiment:
        """The experiment of one cell, to be run with a trace."""
        experiment = self.experiment
        for axis, place in zip(self.axes, self._places(np.array([cell])), strict=True):
            experiment = with_value(experiment, 0, axis.name, float(axis.values[int(place[0])]))
        return experiment

    def _places(self, cells: Array) -> list[Array]:
        """Where the cells are on each axis."""
        width = len(self.axes[0].values)
        return [cells % width, cells // width][: len(self.axes)]

    def _by_structure(self, cells: Array) -> Iterator[tuple[Experiment, Array]]:
        """The cells that share problem, batches and seed."""
        keys = np.zeros((len(cells), len(self.axes)), np.int64)
        for column, (axis, places) in enumerate(zip(self.axes, self._places(cells), strict=True)):
            if axis.structural:
                keys[:, column] = places
        if not keys.any():
            keys = keys[:1]
            groups, members = keys, np.zeros(len(cells), np.int64)
        else:
            groups, members = np.unique(keys, axis=0, return_inverse=True)
        for number, group in enumerate(groups):
            experiment = self.experiment
            for axis, place in zip(self.axes, group, strict=True):
                if axis.structural:
                    experiment = with_value(experiment, 0, axis.name, float(axis.values[int(place)]))
            yield experiment, cells[members.reshape(-1) == number]

    def _compiled(self, experiment: Experiment) -> tuple[Objective, Minima]:
        """The loss and its known minima, compiled once for the last experiment asked for."""
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
        for axis, values, places in zip(self.axes, self._values, self._places(cells), strict=True):
            group, _, part = axis.name.partition(".")
            if axis.name == "lr":
                lr = values[places]
            elif group == "start":
                starts[:, start_index(experiment, axis.name)] = values[places]
            elif group in numbers:
                numbers[group][part] = values[places]
        return Batch.varied(experiment, lr, starts, numbers["optimizer"], numbers["schedule"])

    def _computed(
        self,
        experiment: Experiment,
        objective: Objective,
        minima: Minima,
        cells: Array,
        stop: Stop,
        steps: int | None,
    ) -> Summary | None:
        """Returns what came of one chunk; None where it was stopped."""
        steps, noisy = min(steps or experiment.steps, experiment.steps), experiment.batch_size is not None
        runner = BatchRunner(experiment, objective, self._batch(experiment, cells))
        with np.errstate(all="ignore"):
            measured = runner.begin()
            full = runner.full_losses() if noisy else None
            height = measured.loss.astype(float) if full is None else full
            rate = runner.rates.at(np.array([0]))[0].copy()
            seen = EvidenceAccumulator(
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
                if noisy and (ended := seen.ending(runner.w, measured.loss)).any():
                    seen.settle(ended, runner.full_losses_before(ended))
                full = runner.full_losses(steps, experiment.schedule_length) if noisy else None
                seen.update(runner.step, runner.w, measured.loss, measured.gradient, full)
                if not seen.alive.any():
                    break
            return _summed_up(seen, runner, minima, (height, rate), experiment, stop)


def _summed_up(
    seen: EvidenceAccumulator,
    runner: BatchRunner,
    minima: Minima,
    at_start: tuple[Array, Array],
    experiment: Experiment,
    pause: Stop,
) -> Summary:
    """What came of a chunk. `pause` is asked between its parts, which take milliseconds: a window may go first."""
    noisy = experiment.batch_size is not None
    height, rate = at_start
    pause()
    evidence = seen.evidence(experiment.steps, height, noisy=noisy)
    pause()
    around = look_around(experiment.problem, runner.objective, runner.w, minima, seen.start, seen.halfway)
    pause()
    evidence.set_surroundings(around)
    if noisy:
        evidence.last = np.where(seen.alive, around.loss, seen.judged)
        evidence.before = np.asarray(runner.objective.loss(seen.earlier), float)
        evidence.halfway = np.asarray(runner.objective.loss(seen.halfway), float)
    if "norm" in experiment.problem.metrics:
        evidence.weight_growth = np.linalg.norm(runner.w, axis=1) / np.linalg.norm(seen.start, axis=1)
    evidence.last_rate = runner.rates.at(np.array([seen.window.steps - 1]))[0]
    evidence.largest_rate = np.maximum(rate, evidence.last_rate)
    best = np.where(np.isfinite(seen.best), seen.best, np.nan)
    ends = np.where(seen.ends < 0, UNKNOWN, seen.ends)
    return Summary(
        judge(evidence), seen.judged, best, seen.hits, ends, factor(evidence), seen.turns, evidence.late_loss
    )


def boundary(rates: Array, diverges: Array) -> tuple[float, float]:
    """The largest rate that does not diverge below all that do, and the next one: the limit lies between them.

    Rates (n,) rise; `diverges` (n,) says which verdicts count as such. Infinite or 0 where there is no such rate.
    """
    wrong = np.flatnonzero(diverges)
    first = int(wrong[0]) if len(wrong) else len(rates)
    low = float(rates[first - 1]) if first else 0.0
    return low, float(rates[first]) if first < len(rates) else float("inf")
