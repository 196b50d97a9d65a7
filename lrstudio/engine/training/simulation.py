"""The experiment, advanced: a batch runner whose steps are recorded in a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, Measured, compiled, loss_on_all_data
from lrstudio.engine.training.columns import FullLosses, Snapshots
from lrstudio.engine.training.trace import UNENDED, RateChange, Trace

_UNSURE = 256
"""Steps ahead for which rates are made where a loss may change them."""
_EVALUATIONS = 100
"""All data are looked at about so many times in the steps that were planned; between them the columns are NaN."""
_AT_ONCE = 1024
"""Rows of a saved trace whose losses on all data are computed side by side."""


class Simulation:
    """Advances an experiment and appends to its trace. Not thread-safe: one thread owns it, others read the trace.

    A run whose loss or weights stop being finite has diverged: its trace ends with the last finite row and the others
    go on. Given a trace and optimizer states it goes on from there, bit for bit as if it had never stopped.
    """

    def __init__(
        self, experiment: Experiment, trace: Trace | None = None, states: Sequence[Mapping[str, Array]] | None = None
    ) -> None:
        self.experiment = experiment
        self.runner = BatchRunner(experiment, compiled(experiment), Batch.of(experiment))
        self._recorded = experiment.problem.recorded
        if trace is None:
            self.trace = self._started()
        else:
            self.trace = trace
            self._restore(states or ())
        self.trace.find_hits(experiment.target_loss)

    @property
    def objective(self) -> Objective:
        """The loss, compiled; at the data of the newest step."""
        return self.runner.objective

    @property
    def step(self) -> int:
        """The number of updates made."""
        return self.trace.length - 1

    @property
    def diverged(self) -> bool:
        """Whether no run is left."""
        return self.trace.over(None)

    @property
    def done(self) -> bool:
        return self.step >= self.experiment.steps or self.trace.over(self.experiment.target_loss)

    def reached(self, run: int) -> int | None:
        """The step at which the run first had the target loss or less; with mini-batches see `Trace.full`."""
        return self.trace.reached(run)

    def states(self) -> list[dict[str, Array]]:
        """The state, for saving: of each group of optimizers, of schedules that follow the loss, of a network.

        A network's are all of its weights and their gradient; others are in the trace.
        """
        runner = self.runner
        states = [dict(zip(group.rule.state_names, group.state, strict=True)) for group in runner.groups]
        states += runner.rates.states()
        return states if self.trace.snapshots is None else [*states, {"w": runner.w, "g": runner.measured.gradient}]

    def takes(self, experiment: Experiment) -> bool:
        """Whether `amend` can take this experiment: it differs in what may change on the way only.

        That is rates, names, colours, the number of steps and the target loss; what T is to the schedules only at the
        start. Another rate means nothing to a simulation that has ended.
        """
        before, begun = self.experiment, self.step > 0
        rates = [run.lr for run in experiment.runs] != [run.lr for run in before.runs]
        replanned = experiment.schedule_length != before.schedule_length
        replanned &= any(run.schedule.needs_length for run in experiment.runs)
        return _lasting(experiment) == _lasting(before) and not (rates and self.done) and not (replanned and begun)

    def as_planned(self, experiment: Experiment) -> Experiment:
        """An edited experiment with the plan that it has here: where it goes on, schedules stay as they were planned.

        Where it needs a new start, or has not begun, they are planned for all of its steps.
        """
        planned = self.experiment.schedule_length
        kept = replace(experiment, horizon=None if experiment.steps == planned else planned)
        return kept if self.step > 0 and self.takes(kept) else experiment.replanned()

    def over(self) -> tuple[int, list[int]]:
        """The first step ahead that was not planned, and the runs whose rate is 0 from there to the end."""
        first = max(self.step, self.experiment.schedule_length)
        return first, np.flatnonzero(self.runner.rates.over(first)).tolist()

    def amend(self, experiment: Experiment) -> None:
        """Go on with other rates (the schedules' lr0), names, colours, another target or number of steps."""
        if not self.takes(experiment):
            raise ValueError("this change needs a new start")
        if experiment.target_loss != self.experiment.target_loss:
            self.trace.find_hits(experiment.target_loss)
        pairs = zip(self.experiment.runs, experiment.runs, strict=True)
        for place, (before, after) in enumerate(pairs):
            if before.lr != after.lr and self.step:
                self.trace.record_rate_change(RateChange(self.step, place, before.lr, after.lr))
        self.experiment = experiment
        self.runner.rates = self.runner.rates.amended(experiment)
        if self.trace.full is not None and self._is_last(self.step) and self.trace.full.step_at(self.step) < self.step:
            with np.errstate(all="ignore"):
                losses = loss_on_all_data(self.objective, self.runner.w)
            self.trace.record_full_losses(self.step, losses, experiment.target_loss)

    def preview(self, points: int = 2001) -> tuple[Array, Array]:
        """At most `points` steps (n,) of the whole experiment and the rates (n, R) they would use."""
        return self.runner.rates.preview(points)

    def next_weights(self) -> Array:
        """The parameters (R, P) after the next update, which is not made; NaN of runs that have ended."""
        with np.errstate(all="ignore"):
            ahead = self._shown(self.runner.next_weights())
        return np.where((self.trace.ends == UNENDED)[:, None], ahead, np.nan)

    def advance(self, steps: int, stop: Stop | None = None) -> int:
        """Make up to `steps` updates; returns how many.

        Ends early when every run has diverged or has the target loss, or after an update at which `stop()` says so.
        """
        first = self.step
        end, done = first + steps, False
        longest = _UNSURE if self.runner.rates.follows_loss else max(1, steps)
        while self.step < end and not (done or self.trace.over(self.experiment.target_loss)):
            done = self._stretch(min(longest, end - self.step), stop)
        return self.step - first

    def _stretch(self, steps: int, stop: Stop | None) -> bool:
        """Make updates as long as the rates ahead are known; whether `stop()` has ended it."""
        first, runner, trace = self.step, self.runner, self.trace
        stopped = False
        rates = runner.rates.at(np.arange(first, first + steps)).copy()
        rows: dict[str, Array] = {
            column: np.full((steps, *trace.read(column, first).shape[1:]), np.nan) for column in trace.columns
        }
        full: list[tuple[int, Array]] = []
        target = self.experiment.target_loss
        aim = None if target is None else np.float64(target)  # a Python float would be rounded to float32
        away = (trace.hits == UNENDED) & (trace.ends == UNENDED)
        with np.errstate(all="ignore"):
            for place, measured in enumerate(runner.updates(rates)):
                self._record({name: values[place] for name, values in rows.items()}, measured)
                judged = measured.loss
                if trace.full is not None:
                    self._settle(trace.full)
                    known = runner.full_losses(self.experiment.steps, self.experiment.schedule_length)
                    judged = np.full(len(away), np.inf) if known is None else known
                    full += [] if known is None else [(runner.step, known)]
                if aim is not None:
                    away &= (judged > aim) & np.isfinite(measured.loss) & np.isfinite(runner.w).all(axis=1)
                    if not away.any():
                        break
                stopped = stop is not None and stop()
                if stopped:
                    break
        done = place + 1
        del rows["lr"]
        rows = {column: values[:done] for column, values in rows.items()}
        runner.end(trace.append(first + 1, rows, rates[:done], full, target))
        return stopped

    def _record(self, row: dict[str, Array], measured: Measured) -> None:
        """Put what was measured into a row, and of a network the metrics; keep a snapshot of all weights."""
        runner, snapshots = self.runner, self.trace.snapshots
        row["loss"][:] = measured.loss
        row["params"][:], row["grad"][:] = self._shown(runner.w), self._shown(measured.gradient)
        if measured.loss_plus is not None:
            row["loss_plus"][:] = measured.loss_plus
        if snapshots is not None:
            for name, values in self._metrics(last=self._is_last(runner.step)).items():
                row[name][:] = values
            runner.end(~(np.isfinite(measured.loss) & np.isfinite(row["norm"])))
            snapshots.take(runner.step, runner.w)

    def _metrics(self, *, last: bool) -> dict[str, Array]:
        """Returns what is measured of a network beside its loss (R,), all of it at some steps and the `last` one."""
        if not self.objective.metrics:
            return {}
        found = {"norm": _norm(self.runner.w), "grad_norm": _norm(self.runner.measured.gradient)}
        every = max(1, -(-self.experiment.schedule_length // _EVALUATIONS))
        return found | self.objective.evaluate(self.runner.w) if self.runner.step % every == 0 or last else found

    def _settle(self, full: FullLosses) -> None:
        """Measure the last losses on all data of the runs that the newest update has ended."""
        broken = ~(np.isfinite(self.runner.measured.loss) & np.isfinite(self.runner.w).all(axis=1))
        broken &= np.isnan(full.final) & np.isfinite(self.runner.before).all(axis=1)
        if broken.any():
            full.final[broken] = self.runner.full_losses_before(broken)

    def _shown(self, values: Array) -> Array:
        """What is recorded of parameters or gradients (R, P)."""
        shown: Array = values[:, self._recorded]
        return shown

    def _is_last(self, step: int) -> bool:
        """Whether the experiment ends at a step, or was planned to."""
        return step in (self.experiment.steps, self.experiment.schedule_length)

    def _started(self) -> Trace:
        """A trace of one row: the start, measured."""
        experiment, runner = self.experiment, self.runner
        problem, runs = experiment.problem, len(experiment.runs)
        trace = Trace(runs, problem.names, loss_plus=experiment.gradient.mode == "forward", metrics=problem.metrics)
        with np.errstate(all="ignore"):
            measured = runner.begin()
            metrics = self._metrics(last=False)
            if experiment.batch_size is not None:
                trace.full = FullLosses(runs)
                trace.full.append(0, loss_on_all_data(self.objective, runner.w))
        if problem.metrics:
            trace.snapshots = Snapshots(runs, problem.size)
            trace.snapshots.take(0, runner.w)
        columns = {"params": self._shown(runner.w), "loss": measured.loss, "grad": self._shown(measured.gradient)}
        for name, values in (columns | metrics | {"loss_plus": measured.loss_plus}).items():
            if values is not None:
                trace.write(name, 0, values[None])
        trace.write("lr", 0, np.full((1, runs), np.nan))
        trace.publish(1)
        return trace

    def _restore(self, states: Sequence[Mapping[str, Array]]) -> None:
        """Go on from the last row of the trace and these states; ValueError where they do not fit the experiment."""
        experiment, trace, runner = self.experiment, self.trace, self.runner
        wanted = len(experiment.runs), experiment.problem.names, experiment.gradient.mode == "forward"
        if (trace.runs, trace.names, "loss_plus" in trace.columns) != wanted:
            raise ValueError("the trace does not fit the experiment")
        here, saved = (
            [{name: values.shape for name, values in state.items()} for state in those]
            for those in (self.states(), states)
        )
        if here != saved:
            raise ValueError("the optimizers' state does not fit the runs")
        last = trace.length - 1
        w, loss, gradient = (trace.read(column, last)[0] for column in ("params", "loss", "grad"))
        if trace.snapshots is not None:
            w, gradient = np.array(states[-1]["w"]), np.array(states[-1]["g"])
        runner.resume(last, w, loss, gradient, states)
        if experiment.batch_size is not None and trace.full is None:
            steps = [step for step in range(last + 1) if runner.batches.ends_epoch(step) or self._is_last(step)]
            trace.full = _measured_again(trace, self.objective, steps, runner.w)


def _measured_again(trace: Trace, objective: Objective, steps: Sequence[int], w: Array) -> FullLosses:
    """The losses on all data of a trace that was saved without them; `w` (R, P) are the weights of its last row.

    Of a network they are known only at the steps whose weights were kept.
    """
    full = FullLosses(trace.runs)
    last = trace.length - 1
    with np.errstate(all="ignore"):
        if trace.snapshots is not None:
            for step in steps:
                kept, weights = trace.snapshots.at(step)
                if step in (kept, last):
                    objective.at(step)
                    full.append(step, loss_on_all_data(objective, weights if step == kept else w))
            objective.at(last)
            return full
        for start in range(0, len(steps), _AT_ONCE):
            some = steps[start : start + _AT_ONCE]
            points = np.concatenate([trace.read("params", step, step + 1)[0] for step in some])
            losses = loss_on_all_data(objective, points).reshape(len(some), trace.runs)
            for step, values in zip(some, losses, strict=True):
                full.append(step, np.where(trace.ends <= step, np.nan, values))
        for run in np.flatnonzero(trace.ends <= last + 1):
            end = int(trace.ends[run])
            full.final[run] = loss_on_all_data(objective, trace.read("params", end - 1, end)[0, run : run + 1])[0]
    return full


def _lasting(experiment: Experiment) -> Experiment:
    """The experiment without what may change on the way."""
    return replace(experiment.bare(lr=0.0), steps=1, horizon=None, target_loss=None)


def _norm(vectors: Array) -> Array:
    vectors = vectors.astype(float, copy=False)
    norm: Array = np.sqrt(np.einsum("rp,rp->r", vectors, vectors))
    return norm
