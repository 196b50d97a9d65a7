"""Makes rows of a long trace again, from what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batch import Batch, Rates
from lrstudio.engine.training.batch_runner import BatchRunner, compiled
from lrstudio.engine.training.kernel_recorder import KernelRecorder
from lrstudio.engine.training.numpy_recorder import NumpyRecorder
from lrstudio.engine.training.trace import UNENDED, Trace


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
