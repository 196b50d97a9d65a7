"""Makes rows of a long trace again, from what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, compiled, loss_on_all_data
from lrstudio.engine.training.columns import FullLosses
from lrstudio.engine.training.kernel_recorder import KernelRecorder
from lrstudio.engine.training.numpy_recorder import NumpyRecorder
from lrstudio.engine.training.rates import Rates
from lrstudio.engine.training.trace import UNENDED, Trace

_AT_ONCE = 1024
"""Rows of a saved trace whose losses on all data are computed at once."""


class Remaker:
    """Trains the steps between two kept rows once more: the same bits, as a run is a function of its experiment.

    `experiment` is that of the trace, and is set anew when it is amended. For one thread at a time.
    """

    def __init__(self, experiment: Experiment, trace: Trace) -> None:
        self.experiment = experiment
        self._trace = trace
        self._runner: BatchRunner | None = None
        self._scratch = Trace(trace.runs, trace.names, loss_plus="loss_plus" in trace.columns)
        self._recorder: KernelRecorder | NumpyRecorder | None = None
        self._rates: Rates | None = None
        self._known: tuple[Experiment, list[float], Experiment] | None = None

    def rows(self, start: int, stop: int) -> Mapping[str, Array]:
        """Returns the rows start..stop of all columns, the first of which is kept."""
        trace, scratch = self._trace, self._scratch
        assert trace.sparse is not None
        kept = trace.sparse.kept(start)
        shapes = {"lr": (trace.runs,)} | {name: values.shape for name, values in kept.row.items()}
        rows = {name: np.full((stop - start + 1, *shape), np.nan) for name, shape in shapes.items()}
        for name, values in kept.row.items():
            rows[name][0] = values
        # the rate of the last row is known once an update has used it
        end = stop if stop < trace.length or (trace.ends != UNENDED).all() else stop - 1
        runner, recorder = self._ready(start)
        with np.errstate(all="ignore"):
            runner.resume(start, kept.row["params"], kept.row["loss"], kept.row["grad"], kept.states)
            for upto, experiment in self._parts(start, end):
                while runner.step < upto:
                    scratch.length, row = runner.step + 1, runner.step - start
                    made = recorder.record(experiment, upto - runner.step, None)
                    count = len(made.rates)
                    rows["lr"][row : row + count] = made.rates
                    for name, values in made.columns.items():
                        rows[name][row + 1 : row + 1 + count] = values
                    runner.end(trace.ends <= runner.step)
        for run in np.flatnonzero(trace.ends < stop):
            for values in rows.values():
                values[max(0, int(trace.ends[run]) - start) :, run] = np.nan
        return {name: values[: stop - start] for name, values in rows.items()}

    def _ready(self, start: int) -> tuple[BatchRunner, KernelRecorder | NumpyRecorder]:
        """Returns what trains, with the rates as they were when a step was reached."""
        experiment = self._at(start - 1)
        if self._runner is None or self._recorder is None:
            runner = self._runner = BatchRunner(experiment, compiled(experiment), Batch.of(experiment))
            if KernelRecorder.takes(runner):
                self._recorder = KernelRecorder(experiment, runner, self._scratch)
            else:
                self._recorder = NumpyRecorder(runner, self._scratch, experiment.problem.recorded)
            self._rates = runner.rates
        assert self._rates is not None
        if self._rates.lr0.tolist() != [run.lr for run in experiment.runs]:
            self._rates = Rates.of(experiment)
        self._runner.rates = self._rates  # other ones need another kernel
        return self._runner, self._recorder

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, Experiment]]:
        """Yields the steps at which the rates change, and the end, each with the experiment of the steps up to it."""
        experiment = self._at(start - 1)
        for step in sorted({change.step for change in self._trace.rate_changes if start <= change.step < end}):
            yield step, experiment
            assert self._runner is not None
            experiment = self._at(step)
            self._runner.rates = self._runner.rates.amended(experiment)
        yield end, experiment

    def _at(self, step: int) -> Experiment:
        """Returns the experiment with the rates that it had after the changes of a step."""
        experiment = self.experiment
        rates = [run.lr for run in experiment.runs]
        for change in reversed(self._trace.rate_changes):
            if change.step > step:
                rates[change.run] = change.before
        if self._known is None or self._known[0] is not experiment or self._known[1] != rates:
            runs = tuple(replace(run, lr=lr) for run, lr in zip(experiment.runs, rates, strict=True))
            other = replace(experiment, runs=runs, target_loss=None, horizon=experiment.schedule_length)
            self._known = experiment, rates, other
        return self._known[2]


def recomputed_full_losses(trace: Trace, objective: Objective, steps: Sequence[int], w: Array) -> FullLosses:
    """Returns the losses on all data of a trace saved without them; `w` (R, P) are the weights of its last row.

    Those of a network can be computed at the steps with snapshots only.
    """
    full = FullLosses(trace.runs)
    last = trace.length - 1
    with np.errstate(all="ignore"):
        if trace.snapshots is not None:
            for step in steps:
                saved, weights = trace.snapshots.at(step)
                if step in (saved, last):
                    objective.at(step)
                    losses = loss_on_all_data(objective, weights if step == saved else w)
                    full.append(np.array([step]), losses[None])
            objective.at(last)
            return full
        for start in range(0, len(steps), _AT_ONCE):
            some = steps[start : start + _AT_ONCE]
            points = np.concatenate([trace.read("params", step, step + 1)[0] for step in some])
            losses = loss_on_all_data(objective, points).reshape(len(some), trace.runs)
            full.append(np.array(some), np.where(trace.ends <= np.array(some)[:, None], np.nan, losses))
        for run in np.flatnonzero(trace.ends <= last + 1):
            end = int(trace.ends[run])
            full.final[run] = loss_on_all_data(objective, trace.read("params", end - 1, end)[0, run : run + 1])[0]
    return full
