"""Runs chunks of a sweep in a kernel, in calls that are short enough to be cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from threading import Lock
from time import get_clock_info, perf_counter, thread_time
from typing import NamedTuple

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Window
from lrstudio.core.analysis.run_statistics import EARLY, RunStatistics, norms
from lrstudio.core.array import Array
from lrstudio.core.formula.rule import UpdateRule
from lrstudio.core.kernel.host import Kernel, available
from lrstudio.core.kernel.segment import Segment
from lrstudio.core.kernel.shuffle import Shuffler
from lrstudio.core.kernel.sweep import WORDS, SweepProgram
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.records import Records, Results
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import Measured
from lrstudio.engine.training.precision import weight_dtype
from lrstudio.engine.training.rates import Rates

_TYPES = {np.dtype(np.float64): "f64", np.dtype(np.float32): "f32"}
_FEWEST_STEPS = 8
"""Shorter runs have a window that begins with the start."""
WORTH_COPIES = 2**20
"""Runs times steps that are worth compiling twice as much; with data a step is too long to gain from it."""
_SECONDS = 0.008
"""The duration of a call."""
_clock = thread_time if get_clock_info("thread_time").resolution < 1e-4 else perf_counter
_FIRST_CALL = 2**17
"""Runs times steps times data points of the first call."""
_COEFFICIENTS, _SHUFFLED = 2**19, 2**21
"""Coefficients of runs and steps, and numbers of shuffled data, in one call."""


_PREPARING = Lock()
"""The first thread compiles; the others find what it has compiled."""


class Stretch(NamedTuple):
    """The rows after `first` up to `last`, in which the same is accumulated."""

    first: int
    last: int
    segment: Segment


def stretches(steps: int, full: tuple[int, ...] = ()) -> list[Stretch]:
    """Returns the stretches of so many steps; the rows `full` and those whose weights are kept end one each."""
    window = Window(steps)
    kept = (window.starts[0], window.starts[-1], steps - 1, steps)
    ends = {0, EARLY, *kept, *(start - 1 for start in window.starts), *full}
    result = []
    for first, last in pairwise(sorted(row for row in ends if row <= steps)):
        blocks = window.blocks_of(first + 1)
        result.append(Stretch(first, last, Segment(last <= EARLY, bool(blocks), 0 in blocks or BLOCKS - 1 in blocks)))
    return result


class SweepKernel:
    """Makes the first `steps` of the runs of one experiment's structure, chunk by chunk. For one thread at a time."""

    def __init__(self, experiment: Experiment, objective: Objective, steps: int) -> None:
        self._experiment, self._objective, self._steps = experiment, objective, steps
        noisy = experiment.batch_size is not None
        self._full = (steps, experiment.schedule_length) if noisy else ()
        self._stretches = stretches(steps, self._full)
        self._size = objective.size
        self._batch_size = min(experiment.batch_size or self._size, self._size)
        self._shuffler = Shuffler(self._size, experiment.seed) if noisy else None
        self._columns = np.array(list(objective.data.values()), objective.dtype).reshape(
            len(objective.data), self._size
        )
        self._kernels: dict[SweepProgram, tuple[Kernel, int]] = {}
        self._pace = _FIRST_CALL

    @staticmethod
    def supports(experiment: Experiment, objective: Objective, steps: int) -> bool:
        """Returns whether there is a kernel for the experiment's only run."""
        run = experiment.runs[0]
        return (
            available()
            and objective.formula is not None
            and steps >= _FEWEST_STEPS
            and not run.schedule.follows_loss
            and not Batch.of(experiment).groups[0].rule.needs_newton
        )

    def run(
        self,
        batch: Batch,
        measured: Measured,
        full: Array | None,
        stop: Stop,
        advanced: Callable[[float], None] = lambda share: None,
    ) -> RunStatistics | None:
        """Returns the statistics of the runs of a batch, given what was measured at their starts.

        `full` (R,) are the losses there on all data, where there are mini-batches. None if `stop()` returned True.
        `advanced` is called with the share of the steps after each call.
        """
        rule, steps = batch.groups[0].rule, self._steps
        program = self._program(rule, batch.rates, len(batch.starts))
        if program not in self._kernels:
            with _PREPARING:
                kernel = Kernel(program.text)
            self._kernels[program] = kernel, kernel.allocate(0)
        kernel, empty = self._kernels[program]
        kernel.release(empty)
        w = batch.starts.astype(weight_dtype(self._experiment.precision)).astype(self._objective.dtype)
        records = Records(program, kernel, len(w))
        records.begin(w, measured, full, self._experiment.target_loss)
        data, target = kernel.put(self._columns), kernel.put(self._target)
        results = Results(records, Window(steps), w, norms(measured.gradient))
        tables = _Tables(program, kernel, batch)
        mark = kernel.allocate(0)
        for stretch in self._stretches:
            results.before(stretch.first)
            for first, last in self._calls(stretch, batch.rates, len(w)):
                if stop():
                    return None
                kernel.release(mark)
                words = {
                    "groups": records.groups,
                    "records": records.address,
                    "steps": last - first,
                    "row": first,
                    "target": target,
                    "data": data,
                    "pitch": self._columns.strides[0],
                    "size": self._size,
                    "batch": self._batch_size,
                    "turn": 0,
                    "whole": data,
                    "whole_pitch": self._columns.strides[0],
                    "whole_size": self._size,
                    "full_at_end": last in self._full,
                }
                words |= self._shuffled(kernel, first, last)
                numbers = [words[name] for name in WORDS] + tables.put(first, last)
                arguments = kernel.put(np.array(numbers, np.int32))
                begin = _clock()
                kernel.call(stretch.segment.name, arguments)
                self._pace = self._next_pace((last - first) * self._cost(len(w)), _clock() - begin)
                advanced(last / steps)
            results.after(stretch.last)
        return results.statistics()

    def _program(self, rule: UpdateRule, rates: Rates, runs: int) -> SweepProgram:
        experiment, objective, size = self._experiment, self._objective, self._size
        rows = self._batch_size if size % max(1, self._batch_size) == 0 else None
        columns = _coefficients(rule, 0, rates.at(np.arange(2)))
        assert objective.formula is not None
        return SweepProgram(
            objective.formula,
            rule.program,
            _TYPES[objective.dtype],
            _TYPES[weight_dtype(experiment.precision)],
            experiment.gradient.mode,
            experiment.gradient.eps or 0.0,
            rows,
            experiment.batch_size is not None,
            by_run=tuple(column.shape[1] > 1 for column in columns),
            has_target=experiment.target_loss is not None,
            segments=tuple(dict.fromkeys(stretch.segment for stretch in self._stretches)),
            copies=1 if objective.data or runs * self._steps < WORTH_COPIES else 2,
        )

    @property
    def _target(self) -> Array:
        """The largest number of the arithmetic that is no more than the target loss."""
        target = self._experiment.target_loss
        value = np.array([np.nan if target is None else target], self._objective.dtype)
        if target is not None and value[0] > np.float64(target):
            value = np.nextafter(value, value.dtype.type(-np.inf))
        return value

    def _cost(self, runs: int) -> int:
        return runs * max(1, self._batch_size)

    def _next_pace(self, done: int, seconds: float) -> int:
        """Returns how much fits into one call, given the duration of the last one."""
        return int(done * min(4.0, _SECONDS / max(seconds, 1e-6))) + 1

    def _calls(self, stretch: Stretch, rates: Rates, runs: int) -> Iterator[tuple[int, int]]:
        """Yields the rows before and at the ends of the calls of a stretch."""
        most = stretch.last - stretch.first
        if self._shuffler is not None:
            epochs = max(1, _SHUFFLED // max(1, self._columns.size))
            most = min(most, epochs * -(-self._size // self._batch_size))
        if rates.at(np.arange(2)).strides[0]:
            most = min(most, max(1, _COEFFICIENTS // runs))
        first = stretch.first
        while first < stretch.last:
            last = min(stretch.last, first + max(1, min(most, self._pace // self._cost(runs))))
            yield first, last
            first = last

    def _shuffled(self, kernel: Kernel, first: int, last: int) -> dict[str, int]:
        """Puts the data of the rows after `first` up to `last` in the order of their mini-batches."""
        if self._shuffler is None:
            return {}
        per_epoch = -(-self._size // self._batch_size)
        epoch, turn = divmod(first + 1, per_epoch)
        orders = self._shuffler.orders(epoch, last // per_epoch - epoch + 1)
        columns = np.ascontiguousarray(self._columns[:, orders.ravel()])
        at = kernel.put(columns) + turn * self._batch_size * columns.itemsize
        return {"data": at, "pitch": columns.strides[0], "turn": turn}


class _Tables:
    """Puts the coefficients of the updates of a chunk into a kernel's memory, those that never change only once."""

    def __init__(self, program: SweepProgram, kernel: Kernel, batch: Batch) -> None:
        self._rule, self._rates, self._kernel = batch.groups[0].rule, batch.rates, kernel
        self._by_run, self._group = program.by_run, program.layout.runs
        two = _coefficients(self._rule, 0, self._rates.at(np.arange(2)))
        self._kept = [None if len(column) > 1 else self._put(c, column) for c, column in enumerate(two)]

    def put(self, first: int, last: int) -> list[int]:
        """Returns the arguments for the updates after `first` rows up to `last`."""
        if None not in self._kept:
            return [word for kept in self._kept for word in kept or ()]
        columns = _coefficients(self._rule, first, self._rates.at(np.arange(first, last)))
        words = []
        for c, (column, kept) in enumerate(zip(columns, self._kept, strict=True)):
            words += kept or self._put(c, column)
        return words

    def _put(self, c: int, column: Array) -> list[int]:
        table = column[:, :, 0]
        if self._by_run[c]:
            table = np.concatenate([table, table[:, -1:].repeat(-table.shape[1] % self._group, axis=1)], axis=1)
        table = np.ascontiguousarray(table)
        return [self._kernel.put(table), table.strides[0] if len(table) > 1 else 0]


def _coefficients(rule: UpdateRule, first: int, rates: Array) -> list[Array]:
    """Returns the coefficients (n or 1, G or 1, 1), each computed once along the axes where the rates repeat."""
    by_step, by_run = rates.strides
    few = rates[: None if by_step else 1, : None if by_run else 1]
    return rule.coefficients(first, few, steps=len(rates))
