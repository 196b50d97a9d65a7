"""The experiment, advanced: one batched step for all runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.newton import newton_direction
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.amendment import as_planned, may_follow
from lrstudio.engine.training.batches import Batches
from lrstudio.engine.training.full_losses import FullLosses, measured_again, settle
from lrstudio.engine.training.gradient import Measured, loss_on_all_data, measure
from lrstudio.engine.training.groups import OptimizerGroup, optimizer_groups
from lrstudio.engine.training.lockstep import arithmetic_dtype, weight_dtype
from lrstudio.engine.training.metrics import Metrics
from lrstudio.engine.training.rates import Rates
from lrstudio.engine.training.snapshots import Snapshots
from lrstudio.engine.training.trace import UNENDED, RateChange, Trace

_UNSURE = 256
"""Steps ahead for which rates are made where a loss may change them."""


class Simulation:
    """Advances an experiment and appends to its trace. Not thread-safe: one thread owns it, others read the trace.

    A run whose loss or weights stop being finite has diverged: its trace ends with the last finite row and the others
    go on. Given a trace and optimizer states it goes on from there, bit for bit as if it had never stopped.
    """

    def __init__(
        self, experiment: Experiment, trace: Trace | None = None, states: Sequence[Mapping[str, Array]] | None = None
    ) -> None:
        self.experiment = experiment
        self._weight_dtype = weight_dtype(experiment.precision)
        dtype = arithmetic_dtype(experiment.precision)
        self.objective = experiment.problem.objective(experiment.seed, dtype)
        self._metrics = Metrics(self.objective, experiment.schedule_length)
        self._recorded = experiment.problem.recorded
        self.batches = Batches(self.objective.size, experiment.batch_size, experiment.seed)
        self._groups = optimizer_groups([run.optimizer for run in experiment.runs], experiment.problem.size, dtype)
        self.rates = Rates(experiment)
        self._w = np.tile(experiment.problem.initial(experiment.seed), (len(experiment.runs), 1))
        self._gradient = np.zeros_like(self._w)
        if trace is None:
            self.trace = self._started()
        else:
            self.trace = trace
            self._restore(states or ())
        self._w = self._w.astype(self._weight_dtype)
        self._gradient = self._gradient.astype(dtype)
        self.trace.look_for(experiment.target_loss)

    @property
    def step(self) -> int:
        """The number of updates made."""
        return self.trace.length - 1

    @property
    def diverged(self) -> bool:
        """Whether no run is left."""
        return bool((self.trace.ends != UNENDED).all())

    @property
    def arrived(self) -> bool:
        """Whether there is a target loss and every run has reached it or has diverged."""
        there = (self.trace.hits != UNENDED) | (self.trace.ends != UNENDED)
        return self.experiment.target_loss is not None and bool(there.all())

    @property
    def done(self) -> bool:
        return self.diverged or self.arrived or self.step >= self.experiment.steps

    def reached(self, run: int) -> int | None:
        """The step at which the run first had the target loss or less; with mini-batches see `Trace.full`."""
        return self.trace.reached(run)

    def states(self) -> list[dict[str, Array]]:
        """The state, for saving: of each group of optimizers, of schedules that follow the loss, of a network.

        A network's are all of its weights and their gradient; others are in the trace.
        """
        states = [dict(zip(group.rule.state_names, group.state, strict=True)) for group in self._groups]
        states += self.rates.states()
        return states if self.trace.snapshots is None else [*states, {"w": self._w, "g": self._gradient}]

    def takes(self, experiment: Experiment) -> bool:
        """Whether `amend` can take this experiment (see amendment.may_follow)."""
        return may_follow(self.experiment, experiment, begun=self.step > 0, done=self.done)

    def as_planned(self, experiment: Experiment) -> Experiment:
        """An edited experiment with the plan that it has here (see amendment.as_planned)."""
        return as_planned(self.experiment, experiment, begun=self.step > 0, done=self.done)

    def over(self) -> tuple[int, list[int]]:
        """The first step ahead that was not planned, and the runs whose rate is 0 from there to the end."""
        first = max(self.step, self.experiment.schedule_length)
        return first, np.flatnonzero(self.rates.over(first)).tolist()

    def amend(self, experiment: Experiment) -> None:
        """Go on with other rates (the schedules' lr0), names, colours, another target or number of steps."""
        if not self.takes(experiment):
            raise ValueError("this change needs a new start")
        if experiment.target_loss != self.experiment.target_loss:
            self.trace.look_for(experiment.target_loss)
        pairs = zip(self.experiment.runs, experiment.runs, strict=True)
        for place, (before, after) in enumerate(pairs):
            if before.lr != after.lr and self.step:
                self.trace.note_rate(RateChange(self.step, place, before.lr, after.lr))
        if experiment.schedule_length != self.experiment.schedule_length:
            self._metrics = Metrics(self.objective, experiment.schedule_length)
        self.experiment = experiment
        self.rates = self.rates.amended(experiment)
        if self.trace.full is not None and self._is_last(self.step) and self.trace.full.step_at(self.step) < self.step:
            with np.errstate(all="ignore"):
                losses = loss_on_all_data(self.objective, self._w)
            self.trace.note_full(self.step, losses, experiment.target_loss)

    def preview(self, points: int = 2001) -> tuple[Array, Array]:
        """At most `points` steps (n,) of the whole experiment and the rates (n, R) they would use."""
        return self.rates.preview(points)

    def advance(self, steps: int, stop: Callable[[], bool] | None = None) -> int:
        """Make up to `steps` updates; returns how many.

        Ends early when every run has diverged or has the target loss, or after an update at which `stop()` says so.
        """
        first = self.step
        end, done = first + steps, False
        longest = _UNSURE if self.rates.follows_loss else max(1, steps)
        while self.step < end and not (done or self.diverged or self.arrived):
            done = self._stretch(min(longest, end - self.step), stop)
        return self.step - first

    def _stretch(self, steps: int, stop: Callable[[], bool] | None) -> bool:
        """Make updates as long as the rates ahead are known; whether `stop()` has ended it."""
        first = self.step
        stopped = False
        rates = self.rates.at(np.arange(first, first + steps))
        rows: dict[str, Array] = {
            column: np.full((steps, *self.trace.read(column, first).shape[1:]), np.nan) for column in self.trace.columns
        }
        full: list[tuple[int, Array]] = []
        aim, away = self._aim()
        loss = self.trace.read("loss", first)[0]
        with np.errstate(all="ignore"):
            for place, coefficients in enumerate(zip(*self._ahead(first, rates), strict=True)):
                before = self._w
                self._update(coefficients, first + place)
                turned = self.rates.follow(first + place, loss)
                measured = self._measure(first + place + 1)
                loss = rows["loss"][place] = measured.loss
                rows["params"][place], rows["grad"][place] = self._shown(self._w), self._shown(measured.gradient)
                self._note(first + place + 1, measured, {name: values[place] for name, values in rows.items()})
                if measured.loss_plus is not None:
                    rows["loss_plus"][place] = measured.loss_plus
                self._gradient = measured.gradient
                judged = measured.loss
                if self.trace.full is not None:
                    settle(self.trace.full, self.objective, first + place + 1, before, self._w, measured.loss)
                    judged = np.full(len(away), np.inf)
                    if self._looks_at_all(first + place + 1):
                        judged = loss_on_all_data(self.objective, self._w)
                        full.append((first + place + 1, judged))
                if aim is not None:
                    away &= (judged > aim) & np.isfinite(measured.loss) & np.isfinite(self._w).all(axis=1)
                    if not away.any():
                        break
                stopped = stop is not None and stop()
                if stopped or turned:
                    break
        done = place + 1
        del rows["lr"]
        rows = {column: values[:done] for column, values in rows.items()}
        dead = self.trace.append(first + 1, rows, rates[:done], full, self.experiment.target_loss)
        if dead.any():
            self._w[dead] = np.nan
        return stopped

    def peek(self) -> Array:
        """The parameters (R, P) after the next update, which is not made; NaN of runs that have ended."""
        w, states = self._w, [group.state for group in self._groups]
        rates = self.rates.at(np.array([self.step]))
        with np.errstate(all="ignore"):
            self._update(next(zip(*self._ahead(self.step, rates), strict=True)), self.step)
        ahead, self._w = self._w, w
        for group, state in zip(self._groups, states, strict=True):
            group.state = state
        return np.where((self.trace.ends == UNENDED)[:, None], self._shown(ahead), np.nan)

    def _shown(self, values: Array) -> Array:
        """What is recorded of parameters or gradients (R, P)."""
        shown: Array = values[:, self._recorded]
        return shown

    def _note(self, step: int, measured: Measured, row: dict[str, Array]) -> None:
        """Put the metrics of a step into its row, and keep a snapshot of all weights."""
        if self.trace.snapshots is None:
            return
        for name, values in self._metrics.measure(step, self._w, measured.gradient, last=self._is_last(step)).items():
            row[name][:] = values
        self._w[~(np.isfinite(measured.loss) & np.isfinite(row["norm"]))] = np.nan
        self.trace.snapshots.take(step, self._w)

    def _looks_at_all(self, step: int) -> bool:
        """Whether the loss on all data is measured at a step."""
        return self.batches.ends_epoch(step) or self._is_last(step)

    def _is_last(self, step: int) -> bool:
        """Whether the experiment ends here, or was planned to."""
        return step in (self.experiment.steps, self.experiment.schedule_length)

    def _aim(self) -> tuple[Any, Array]:
        """The target loss and which runs are still on the way to it."""
        target = self.experiment.target_loss
        away = (self.trace.hits == UNENDED) & (self.trace.ends == UNENDED)
        return (None if target is None else np.float64(target)), away  # a Python float would be rounded to float32

    def _ahead(self, first: int, rates: Array) -> list[Iterator[tuple[Array, ...]]]:
        return [group.rule.ahead(first, rates[:, group.places]) for group in self._groups]

    def _update(self, coefficients: tuple[tuple[Array, ...], ...], step: int) -> None:
        w = self._w.astype(self.objective.dtype, copy=False)
        after = self._w.copy() if len(self._groups) > 1 else np.empty_like(self._w)
        for group, row in zip(self._groups, coefficients, strict=True):
            slopes = self._slopes(group, step)
            after[group.places], *state = group.rule.step(w[group.places], *slopes, *group.state, *row)
            group.state = state
        self._w = after

    def _slopes(self, group: OptimizerGroup, step: int) -> list[Array]:
        """The gradient of a group at a step and, where its rule reads it, Newton's direction."""
        gradient = self._gradient[group.places]
        if not group.rule.needs_newton:
            return [gradient]
        hessian = self.objective.hessian(self._w[group.places], self.batches.rows(step))
        return [gradient, newton_direction(hessian, gradient)]

    def _measure(self, step: int) -> Measured:
        self.objective.at(step)
        return measure(self.objective, self.experiment.gradient, self._w, self.batches.rows(step))

    def _started(self) -> Trace:
        """A trace of one row: the start, measured."""
        experiment = self.experiment
        problem, runs = experiment.problem, len(experiment.runs)
        trace = Trace(runs, problem.names, loss_plus=experiment.gradient.mode == "forward", metrics=problem.metrics)
        for place, run in enumerate(experiment.runs):
            self._w[place] = self._w[place] if run.start is None else run.start
        with np.errstate(all="ignore"):
            self._w = self._w.astype(self._weight_dtype)
            measured = self._measure(0)
            metrics = self._metrics.measure(0, self._w, measured.gradient, last=False)
            if experiment.batch_size is not None:
                trace.full = FullLosses(runs)
                trace.full.append(0, loss_on_all_data(self.objective, self._w))
        self._gradient = measured.gradient
        if problem.metrics:
            trace.snapshots = Snapshots(runs, problem.size)
            trace.snapshots.take(0, self._w)
        columns = {"params": self._shown(self._w), "loss": measured.loss, "grad": self._shown(measured.gradient)}
        for name, values in (columns | metrics | {"loss_plus": measured.loss_plus}).items():
            if values is not None:
                trace.write(name, 0, values[None])
        trace.write("lr", 0, np.full((1, len(experiment.runs)), np.nan))
        trace.publish(1)
        return trace

    def _restore(self, states: Sequence[Mapping[str, Array]]) -> None:
        experiment, trace = self.experiment, self.trace
        forward = experiment.gradient.mode == "forward"
        if (trace.runs, trace.names, "loss_plus" in trace.columns) != (
            len(experiment.runs),
            experiment.problem.names,
            forward,
        ):
            raise ValueError("the trace does not fit the experiment")
        here = [{name: values.shape for name, values in state.items()} for state in self.states()]
        if here != [{name: values.shape for name, values in state.items()} for state in states]:
            raise ValueError("the optimizers' state does not fit the runs")
        for group, saved in zip(self._groups, states, strict=False):
            group.state = [np.asarray(saved[name], self.objective.dtype) for name in group.rule.state_names]
        self.rates.restore(states[len(self._groups) :])
        if trace.snapshots is not None:
            self._w, self._gradient = np.array(states[-1]["w"]), np.array(states[-1]["g"])
        else:
            self._w, self._gradient = trace.read("params", trace.length - 1)[0], trace.read("grad", trace.length - 1)[0]
        if experiment.batch_size is not None and trace.full is None:
            steps = [step for step in range(trace.length) if self._looks_at_all(step)]
            trace.full = measured_again(trace, self.objective, steps, self._w)
