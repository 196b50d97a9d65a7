"""Advances an experiment and records its steps in a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.memory import stored_rows
from lrstudio.engine.training.batch import Batch, connect
from lrstudio.engine.training.batch_runner import BatchRunner, compiled, loss_on_all_data
from lrstudio.engine.training.columns import FullLosses, Snapshots
from lrstudio.engine.training.kernel_recorder import KernelRecorder
from lrstudio.engine.training.network_recorder import NetworkRecorder
from lrstudio.engine.training.numpy_recorder import NumpyRecorder, network_metrics
from lrstudio.engine.training.remaking import Remaker, recomputed_full_losses
from lrstudio.engine.training.sparse import SparseRows
from lrstudio.engine.training.trace import UNENDED, RateChange, Trace

_KEPT_BY_NUMPY = 256
"""Steps between two rows of a long trace that are kept where NumpyRecorder makes those between again, in some 10 ms."""


class Simulation:
    """Advances an experiment and appends to its trace. Not thread-safe: one thread owns it, others read the trace.

    A run with a loss or weights that are not finite has diverged: its trace ends with the last finite row; the others
    continue. From a saved trace and optimizer states it resumes bit for bit. Of a formula the rows are `Trace.sparse`
    from where the memory is used up that was free at the start.
    """

    def __init__(
        self, experiment: Experiment, trace: Trace | None = None, states: Sequence[Mapping[str, Array]] | None = None
    ) -> None:
        self.experiment = experiment
        self._remaker: Remaker | None = None
        self.runner = BatchRunner(experiment, compiled(experiment), Batch.of(experiment))
        if trace is None:
            self.trace = self._started()
        else:
            self.trace = trace
            self._remake_sparse()
            self._restore(states or ())
            lasts = np.array(experiment.steps_each)
            trace.finished = (trace.ends == lasts + 1) & (lasts < lasts.max())
        if experiment.has_batches:
            self.trace.per_epoch = experiment.per_epoch
        self._stored = stored_rows(self.trace.row_bytes, experiment.kept_every or 1)
        self.trace.find_hits(experiment.target_loss)

    @cached_property
    def _recorder(self) -> KernelRecorder | NetworkRecorder | NumpyRecorder:
        """What makes the steps; a simulation that is only looked at needs no kernel."""
        if KernelRecorder.takes(self.runner):
            return KernelRecorder(self.experiment, self.runner, self.trace)
        if NetworkRecorder.takes(self.runner):
            return NetworkRecorder(self.experiment, self.runner, self.trace)
        return NumpyRecorder(self.runner, self.trace, self.experiment.problem.recorded)

    @property
    def objective(self) -> Objective:
        """The compiled problem, set to the newest step."""
        return self.runner.objective

    @property
    def step(self) -> int:
        """The number of updates made."""
        return self.trace.length - 1

    @property
    def diverged(self) -> bool:
        """Whether every run has diverged."""
        return bool(self.trace.diverged.all())

    @property
    def done(self) -> bool:
        return self.step >= self.experiment.steps or self.trace.over(self.experiment.target_loss)

    def reached(self, run: int) -> int | None:
        """The step at which the run first had the target loss or less; with mini-batches see `Trace.full`."""
        return self.trace.reached(run)

    def states(self) -> list[dict[str, Array]]:
        """Returns the states to save: of the optimizer groups, of schedules that follow the loss, of a network.

        A network's are all of its weights and their gradient; other weights are in the trace.
        """
        runner = self.runner
        states = [group.named_state() for group in runner.groups]
        states += runner.rates.states()
        return states if self.trace.snapshots is None else [*states, {"w": runner.w, "g": runner.measured.gradient}]

    def takes(self, experiment: Experiment) -> bool:
        """Returns whether `amend` accepts an experiment.

        It may differ in rates (before the end), names, colours, the number of steps and the target loss, and in the T
        of the schedules before the first step. Once a run has ended before the others, their number of steps stays.
        """
        before, begun = self.experiment, self.step > 0
        rates = [run.lr for run in experiment.runs] != [run.lr for run in before.runs]
        replanned = experiment.schedule_length != before.schedule_length
        replanned &= any(run.schedule.needs_length for run in experiment.runs)
        replanned &= begun
        replanned |= bool(self.trace.finished.any()) and experiment.steps != before.steps
        return _fixed(experiment) == _fixed(before) and not (rates and self.done) and not replanned

    def as_planned(self, experiment: Experiment) -> Experiment:
        """Returns an edited experiment with the horizon of this one if it continues, else with a new one."""
        planned = self.experiment.schedule_length
        same = replace(experiment, horizon=None if experiment.steps == planned else planned)
        return same if self.step > 0 and self.takes(same) else experiment.replanned()

    def over(self) -> tuple[int, list[int]]:
        """Returns the first unplanned step ahead, and the runs whose rate is 0 from there to the end."""
        first = max(self.step, self.experiment.schedule_length)
        return first, np.flatnonzero(self.runner.rates.over(first)).tolist()

    def amend(self, experiment: Experiment) -> None:
        """Continues with an edited experiment; ValueError unless `takes` accepts it."""
        if not self.takes(experiment):
            if self.trace.finished.any() and experiment.steps != self.experiment.steps:
                ended = tr("runs have ended at equal {what}: more steps need a new start", what=tr(experiment.equal))
                raise ValueError(ended)
            raise ValueError(tr("this change needs a new start"))
        if experiment.target_loss != self.experiment.target_loss:
            self.trace.find_hits(experiment.target_loss)
        pairs = zip(self.experiment.runs, experiment.runs, strict=True)
        for run, (before, after) in enumerate(pairs):
            if before.lr != after.lr and self.step:
                self.trace.record_rate_change(RateChange(self.step, run, before.lr, after.lr))
        self.experiment = experiment
        if self._remaker is not None:
            self._remaker.experiment = experiment
        self.runner.rates = self.runner.rates.amended(experiment)
        connect(self.runner.groups, self.runner.rates)
        last = self._is_last(self.step)
        if self.trace.full is not None and last.any() and self.trace.full.step_at(self.step) < self.step:
            with np.errstate(all="ignore"):
                losses = np.where(last, loss_on_all_data(self.objective, self.runner.w), np.nan)
            self.trace.record_full_losses(np.array([self.step]), losses[None], experiment.target_loss)

    def preview(self, points: int = 2001) -> tuple[Array, Array]:
        """Returns at most `points` steps (n,) of the whole experiment and their planned rates (n, R)."""
        return self.runner.rates.preview(points)

    def next_weights(self) -> Array:
        """Returns the parameters (R, P) after the next update without making it; NaN for runs that have ended."""
        with np.errstate(all="ignore"):
            ahead = self._recorded_of(self.runner.next_weights())
        return np.where((self.trace.ends == UNENDED)[:, None], ahead, np.nan)

    def advance(self, steps: int, stop: Stop | None = None) -> int:
        """Makes up to `steps` updates; returns how many.

        Ends early once every run has diverged or has the target loss, or once `stop()` returns True.
        """
        first, target = self.step, self.experiment.target_loss
        end, done = first + steps, False
        while self.step < end and not (done or self.trace.over(target)):
            with np.errstate(all="ignore"):
                rows = self._recorder.record(
                    self.experiment, min(end - self.step, self._room(), self._together()), stop
                )
            self.trace.append(self.step + 1, rows, target)
            self.runner.end(self.trace.finish(self.experiment.steps_each))
            if self.trace.sparse is not None:
                self.trace.sparse.keep(self.step, self.states())
            done = stop is not None and stop()
        return self.step - first

    def rest(self) -> None:
        """Frees kernels and orders of the data, whose memory is not the trace's; the next step makes them again."""
        self.__dict__.pop("_recorder", None)
        for group in self.runner.groups:
            self.runner.batches_of(group).rest()

    def _together(self) -> int:
        """Returns the number of steps to the next one at which a run ends before others."""
        ahead = [last - self.step for last in self.experiment.steps_each if last > self.step]
        return min(ahead, default=UNENDED)

    def _room(self) -> int:
        """Returns the number of steps to the next row that is kept; while all are, to the end of their memory."""
        trace = self.trace
        if trace.sparse is None:
            every = self.experiment.kept_every
            if every is None:
                return UNENDED
            if not KernelRecorder.takes(self.runner):
                every = min(every, _KEPT_BY_NUMPY)
            stored = max(trace.length, self._stored)
            stored += -stored % every  # the steps that plots pick are multiples of powers of two
            if trace.length < stored:
                return stored - trace.length
            shapes = [{name: values.shape for name, values in group.items()} for group in self.states()]
            trace.sparse = SparseRows(trace.length, every, trace.shapes, shapes)
            self._remake_sparse()
        return trace.sparse.steps_to_keep(self.step)

    def _remake_sparse(self) -> None:
        if self.trace.sparse is not None:
            self._remaker = Remaker(self.experiment, self.trace)
            self.trace.sparse.remake = self._remaker.rows

    def _recorded_of(self, values: Array) -> Array:
        """Returns the recorded entries of parameters or gradients (R, P)."""
        entries: Array = values[:, self.experiment.problem.recorded]
        return entries

    def _is_last(self, step: int) -> Array:
        """Returns which runs (R,) end at a step, or were planned to."""
        last: Array = (np.array([self.experiment.steps_each, self.experiment.lengths]) == step).any(axis=0)
        return last

    def _started(self) -> Trace:
        """Returns a trace of one row, the measured start."""
        experiment, runner = self.experiment, self.runner
        trace, runs = empty_trace(experiment), len(experiment.runs)
        with np.errstate(all="ignore"):
            measured = runner.begin()
            metrics = network_metrics(runner, experiment)
            if trace.full is not None:
                trace.full.append(np.zeros(1, int), loss_on_all_data(self.objective, runner.w)[None])
        if trace.snapshots is not None:
            trace.snapshots.take(0, runner.w)
        columns = {
            "params": self._recorded_of(runner.w),
            "loss": measured.loss,
            "grad": self._recorded_of(measured.gradient),
        }
        for name, values in (columns | metrics | {"loss_plus": measured.loss_plus}).items():
            if values is not None:
                trace.write(name, 0, values[None])
        trace.write("lr", 0, np.full((1, runs), np.nan))
        trace.publish(1)
        return trace

    def _restore(self, states: Sequence[Mapping[str, Array]]) -> None:
        """Resumes from the last row of the trace and these states; ValueError if they do not fit the experiment."""
        experiment, trace, runner = self.experiment, self.trace, self.runner
        expected = len(experiment.runs), experiment.problem.names, experiment.gradient.mode == "forward"
        if (trace.runs, trace.names, "loss_plus" in trace.columns) != expected:
            raise ValueError(tr("the trace does not fit the experiment"))
        own_shapes, saved_shapes = (
            [{name: values.shape for name, values in state.items()} for state in group]
            for group in (self.states(), states)
        )
        if own_shapes != saved_shapes:
            raise ValueError(tr("the optimizers' state does not fit the runs"))
        last = trace.length - 1
        w, loss, gradient = (trace.read(column, last)[0] for column in ("params", "loss", "grad"))
        if trace.snapshots is not None:
            w, gradient = np.array(states[-1]["w"]), np.array(states[-1]["g"])
        runner.resume(last, w, loss, gradient, states)
        if experiment.has_batches and trace.full is None:  # saved by a version without batch sizes of runs
            each = runner.per_epoch[0]
            steps = [step for step in range(last + 1) if step % each == 0 or self._is_last(step).any()]
            trace.full = recomputed_full_losses(trace, self.objective, steps, runner.w)


def empty_trace(experiment: Experiment) -> Trace:
    """Returns the trace of an experiment without rows."""
    problem, runs = experiment.problem, len(experiment.runs)
    trace = Trace(
        runs,
        problem.names,
        loss_plus=experiment.gradient.mode == "forward",
        metrics=problem.metrics,
        planned=experiment.steps,
    )
    trace.full = FullLosses(runs) if experiment.has_batches else None
    trace.snapshots = Snapshots(runs, problem.size) if problem.metrics else None
    return trace


def state_shapes(experiment: Experiment) -> list[dict[str, tuple[int, ...]]]:
    """Returns the shapes of what `Simulation.states` returns, without computing anything."""
    batch, problem = Batch.of(experiment), experiment.problem
    shapes = [{name: own.shape for name, own in group.named_state().items()} for group in batch.groups]
    shapes += [{name: own.shape for name, own in state.items()} for state in batch.rates.states()]
    weights = len(experiment.runs), problem.size
    return [*shapes, dict.fromkeys(("w", "g"), weights)] if problem.metrics else shapes


def _fixed(experiment: Experiment) -> Experiment:
    """Returns the experiment without the values that may be amended."""
    return replace(experiment.bare(lr=0.0), steps=1, horizon=None, target_loss=None)
