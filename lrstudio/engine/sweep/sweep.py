"""Sweeps an experiment along one or two axes: many runs that are summarized instead of recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from time import thread_time

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis, start_index, with_value
from lrstudio.engine.sweep.parallel import in_order, threads
from lrstudio.engine.sweep.structure import Progress, Structure
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import begin

MOST_CELLS = 2**25
"""The most runs of a sweep; a summary has 57 bytes for each."""


class Sweep:
    """Runs one run of an experiment with all combinations of the values of one or two axes.

    The first axis runs along a row of the result, the second, if there is one, from row to row. Cells are counted row
    by row. `seconds` is the CPU time so far, of all threads. Raises ValueError for invalid names and values.
    """

    def __init__(self, experiment: Experiment, axes: Sequence[Axis], run: int = 0) -> None:
        if not 1 <= len(axes) <= 2 or len({axis.name for axis in axes}) < len(axes):
            raise ValueError(tr("a sweep goes along one or two names"))
        for axis in axes:
            axis.check(experiment, run)
        self.axes = tuple(axes)
        self.shape = tuple(len(axis.values) for axis in reversed(axes))
        self.cells = int(np.prod(self.shape))
        if self.cells > MOST_CELLS:
            raise ValueError(tr("{cells} runs: a sweep has at most {most}", cells=self.cells, most=MOST_CELLS))
        self.experiment = experiment.alone(run)
        self.seconds = 0.0
        self._values = [np.array(axis.values, float) for axis in axes]
        self._structures: dict[tuple[Experiment, int], Structure] = {}

    def run(self, stop: Stop = lambda: False, progress: Progress | None = None, steps: int | None = None) -> Summary:
        """Computes the cells, shaped as `shape`, until `stop()` returns True; the rest stays unknown.

        Calls `progress` with the computed share after every chunk, and where there is only one between its steps. For
        `steps` see `chunks`.
        """
        result = Summary.empty(self.shape)
        done = 0
        for members, part in self.chunks(np.arange(self.cells), stop, steps, progress):
            result.put(members, part)
            done += len(members)
            if progress is not None:
                progress(done / self.cells)
        return result

    def chunks(
        self,
        cells: Array,
        stop: Stop = lambda: False,
        steps: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[tuple[Array, Summary]]:
        """Yields the indices and the summaries of these cells, a chunk at a time, in order.

        Makes only the first `steps` of the planned ones; the verdicts extrapolate from these. Where there is a kernel,
        several chunks are computed at once, on other threads; the results are the same. `progress` is called with the
        share of the steps where all cells are one chunk.
        """
        parts = self._parts(cells, steps or self.experiment.steps)
        first = next(parts, None)
        if first is None:
            return
        count = threads() if first[0].has_kernel else 1
        work = partial(self._computed, progress=progress if len(first[1]) == len(cells) else None)
        for members, summary, seconds in in_order(chain([first], parts), work, stop, count):
            self.seconds += seconds
            yield members, summary

    @property
    def has_kernel(self) -> bool:
        """Whether a kernel computes the sweep."""
        return self._structure(self.experiment, self.experiment.steps).has_kernel

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

    def _parts(self, cells: Array, steps: int) -> Iterator[tuple[Structure, Array]]:
        """Yields the cells that are computed at once, with what they share."""
        for experiment, members in self._by_structure(cells):
            structure = self._structure(experiment, steps)
            length = structure.chunk(len(members), threads())
            for first in range(0, len(members), length):
                yield structure, members[first : first + length]

    def _structure(self, experiment: Experiment, steps: int) -> Structure:
        """Returns what the runs of an experiment share; the newest one is kept."""
        key = experiment, steps
        if key not in self._structures:
            self._structures = {key: Structure(experiment, steps)}
        return self._structures[key]

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
        self, part: tuple[Structure, Array], stop: Stop, progress: Progress | None
    ) -> tuple[Array, Summary, float] | None:
        """Returns the cells of a part, their summary and the CPU time; None where it was stopped."""
        (structure, cells), begin = part, thread_time()
        summary = structure.summary(self._batch(structure.experiment, cells), stop, progress)
        return None if summary is None else (cells, summary, thread_time() - begin)


def boundary(rates: Array, diverges: Array) -> tuple[float, float]:
    """Returns the bracket of the limit: the last of the rates (n,), rising, before the first that diverges, and that.

    The one is 0 and the other infinite where there is no such rate.
    """
    first = int(diverges.argmax()) if diverges.any() else len(rates)
    low = float(rates[first - 1]) if first else 0.0
    return low, float(rates[first]) if first < len(rates) else float("inf")
