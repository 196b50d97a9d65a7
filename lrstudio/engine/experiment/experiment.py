"""An experiment: one problem and the runs that are compared on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Literal, get_args

from lrstudio.core.declaration import Declared, choice, param, part
from lrstudio.core.language import language, mark, tr
from lrstudio.core.problems import Problem
from lrstudio.engine.experiment.labels import labels
from lrstudio.engine.experiment.pace import EQUAL, Equal, pace
from lrstudio.engine.experiment.run import MAX_BATCH, Gradient, Run
from lrstudio.engine.memory import check_budget, kept_bytes, steps_between_kept

Stop = Callable[[], bool]
"""A long computation calls it repeatedly and ends early once it returns True."""
Precision = Literal["float64", "float32", "mixed"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
MAX_STEPS = 100_000_000
MAX_RUNS = 4096


class Experiment(Declared):
    """A problem, its runs and their common settings.

    `horizon` is T of the schedules, the number of steps planned at the start; None if it equals `steps`. It does not
    change when the experiment is extended or shortened, so that a restart gives the same trace.

    Precision `float32` computes everything in single precision, `mixed` stores the weights in float32 and computes in
    float64. `batch_size` None uses all data at every step; a run may have one of its own. Runs of larger batches end
    after as many steps, epochs or samples as those of the smallest (`equal`), which make all `steps`. With a
    `target_loss` the experiment ends at the step at which the last run has reached it or has diverged; the other runs
    continue until then.

    Every declared field has a row in the dock, an option of the terminal and a field in session files by itself.
    """

    problem: Problem
    runs: tuple[Run, ...]
    steps: int = param(
        100, "How many updates; T of the schedules, which stay as planned once the run has begun", 1, MAX_STEPS
    )
    target_loss: float | None = param(
        None,
        "Ends the run when every run has this loss or has diverged; empty or none for no target.\n"
        "With mini-batches: the loss on all data at the end of an epoch or at the last step",
        whole=False,
        auto="none",
    )
    gradient: Gradient = part(Gradient(), "Exact, or measured by a difference of losses")
    precision: Precision = choice("float64", PRECISIONS, "mixed: weights in float32, arithmetic in float64")
    batch_size: int | None = param(None, "Data points per step", 1, MAX_BATCH, whole=True, auto=mark("all data"))
    equal: Equal = choice(
        "steps",
        EQUAL,
        "What runs of different batch sizes have in common when they end; those of the smallest batches make all steps",
        label=mark("runs end at equal"),
        titles=(mark("steps"), mark("epochs"), mark("samples")),
    )
    seed: int = param(0, "Feeds everything random: data, order of batches", 0, 2**63 - 1)
    horizon: int | None = param(None, "T of the schedules", 1, MAX_STEPS, whole=True, offered=False)

    def check(self) -> None:
        if self.horizon == self.steps:
            object.__setattr__(self, "horizon", None)
        if not 1 <= len(self.runs) <= MAX_RUNS:
            raise ValueError(
                tr(
                    "number of runs = {count}: must be a whole number from 1 to {most}",
                    count=len(self.runs),
                    most=MAX_RUNS,
                )
            )
        for run in self.runs:
            if run.start is not None and not self.problem.has_editable_start:
                raise ValueError(
                    tr(
                        "start = {start}: the weights of {key} follow from init and seed",
                        start=run.start,
                        key=self.problem.key,
                    )
                )
            if run.start is not None and len(run.start) != len(self.problem.names):
                names = ", ".join(self.problem.names)
                raise ValueError(
                    tr(
                        "start = {start}: {key} takes {count} ({names})",
                        start=run.start,
                        key=self.problem.key,
                        count=len(self.problem.names),
                        names=names,
                    )
                )
        if self.gradient.mode != "analytic" and not self.problem.has_numerical_gradient:
            raise ValueError(
                tr("gradient {mode}: a network has too many weights to measure its gradient", mode=self.gradient.mode)
            )
        self._check_optimizers()
        self._check_batches()
        self._check_schedules()
        whole, losses = self.kept_every is None, self.gradient.losses(self.problem.size)
        check_budget(self.problem, len(self.runs), self.steps, self._bytes_of_a_step(), losses, whole=whole)

    def idle(self) -> frozenset[str]:
        applies = {"batch_size": self.problem.has_data, "equal": len(set(self.batch_sizes)) > 1}
        applies["gradient"] = self.problem.has_numerical_gradient
        return frozenset(name for name, used in applies.items() if not used)

    @property
    def schedule_length(self) -> int:
        """The T of the schedules."""
        return self.steps if self.horizon is None else self.horizon

    @cached_property
    def data_size(self) -> int:
        """Number of data points; 0 without data."""
        return len(next(iter(self.problem.data(self.seed).values()), ()))

    @cached_property
    def batch_sizes(self) -> tuple[int | None, ...]:
        """The data points per step of each run; None for all of them."""
        return tuple(self.batch_size if run.batch_size is None else run.batch_size for run in self.runs)

    @property
    def has_batches(self) -> bool:
        """Whether a run has mini-batches."""
        return any(size is not None for size in self.batch_sizes)

    @cached_property
    def per_epoch(self) -> tuple[int, ...]:
        """The number of steps of one pass through the data, for each run; 1 where every step uses all of them."""
        return tuple(1 if size is None else -(-self.data_size // size) for size in self.batch_sizes)

    @cached_property
    def steps_each(self) -> tuple[int, ...]:
        """The number of steps of each run."""
        return self.equal_steps(self.steps)

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The T of each run's schedule."""
        return self.equal_steps(self.schedule_length)

    def equal_steps(self, steps: int) -> tuple[int, ...]:
        """Returns the steps of each run that are equal to so many of a run with the smallest batches."""
        alike = len(set(self.batch_sizes)) == 1 or self.equal == "steps"
        return (steps,) * len(self.runs) if alike else pace(self.data_size, self.batch_sizes, self.equal, steps)

    def replanned(self) -> Experiment:
        """Returns the experiment with T equal to its number of steps."""
        return replace(self, horizon=None)

    def bare(self, lr: float | None = None) -> Experiment:
        """Returns the experiment with all runs bare (see Run.bare)."""
        return replace(self, runs=tuple(run.bare(lr) for run in self.runs))

    def alone(self, index: int) -> Experiment:
        """Returns the experiment with one of its runs only, which has the experiment's batch size."""
        run, size, steps = self.runs[index], self.batch_sizes[index], self.steps_each[index]
        if (run.batch_size, steps) == (None, self.steps):
            return replace(self, runs=(run,))
        runs = (replace(run, batch_size=None),)
        return replace(self, runs=runs, batch_size=size, steps=steps, horizon=self.lengths[index])

    def starts(self) -> tuple[tuple[float, ...], ...]:
        """Returns the start of every run: the values of the named parameters."""
        own = tuple(self.problem.initial(self.seed)[self.problem.recorded].tolist())
        return tuple(own if run.start is None else run.start for run in self.runs)

    def with_run(self, index: int, **changes: object) -> Experiment:
        """Returns the experiment with one run changed."""
        runs = list(self.runs)
        runs[index] = replace(runs[index], **changes)  # type: ignore[arg-type]
        return replace(self, runs=tuple(runs))

    def with_problem(self, problem: Problem) -> Experiment:
        """Returns the experiment with another problem; keeps the settings that are valid for it.

        These include the batch size if there are enough data points and, for a problem of the same kind, the starts of
        the parameters and the factors of the rates of the groups with the same names. The gradient of a network is
        always exact.
        """
        runs, batch_size = self.runs, self.batch_size
        same, groups = problem.key == self.problem.key, problem.lr_groups
        runs = tuple(
            replace(run, lr_factors=tuple(each for each in run.lr_factors if same and each[0] in groups))
            for run in runs
        )
        if not same:
            batch_size = problem.usual_batch if problem.usual_batch or self.problem.usual_batch else batch_size
        if not same or not problem.has_editable_start:
            runs = tuple(replace(run, start=None) for run in runs)
        elif problem.names != self.problem.names:
            defaults = dict(zip(problem.names, problem.start, strict=True))
            runs = tuple(replace(run, start=_start_of(run.start, self.problem.names, defaults)) for run in runs)
        if self.has_batches and not (same and problem.has_data):
            size = len(next(iter(problem.data(self.seed).values()), ()))
            batch_size = batch_size if (batch_size or 0) <= size else None
            runs = tuple(run if (run.batch_size or 0) <= size else replace(run, batch_size=None) for run in runs)
        gradient = self.gradient if problem.has_numerical_gradient else Gradient()
        return replace(self, problem=problem, runs=runs, batch_size=batch_size, gradient=gradient)

    def label(self, index: int) -> str:
        """Returns a run's label; by default the rate, and optimizer and hyper-parameters in which the runs differ."""
        return self._labels_in(language())[index]

    def label_in_files(self, index: int) -> str:
        """Returns a run's label, by default in English."""
        return self._labels_in("en")[index]

    def _labels_in(self, name: str) -> tuple[str, ...]:
        if name not in self._labels:
            starts = self.starts() if self.problem.has_editable_start else ()
            self._labels[name] = labels(self.problem, self.runs, starts, self.batch_sizes, english=name == "en")
        return self._labels[name]

    @cached_property
    def _labels(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _check_optimizers(self) -> None:
        for run in self.runs:
            tensors = self.problem.tensors_with(run.lr_factors)
            refusal = run.optimizer.refusal(self.problem.key, tensors)
            if not refusal and run.has_lr_factors:
                refusal = run.optimizer.refusal_of_lr_factors(self.problem.key, tensors)
            if refusal:
                raise ValueError(refusal)

    def _check_batches(self) -> None:
        given = [own for own in (self.batch_size, *self.batch_sizes) if own is not None]
        if not given:
            return
        if not self.data_size:
            raise ValueError(
                tr(
                    "batch size = {batch_size}: {key} has no data to take batches from",
                    batch_size=given[0],
                    key=self.problem.key,
                )
            )
        if max(given) > self.data_size:
            raise ValueError(
                tr(
                    "batch size = {batch_size}: {key} has {size} data points",
                    batch_size=max(given),
                    key=self.problem.key,
                    size=self.data_size,
                )
            )

    def _check_schedules(self) -> None:
        if "val_loss" not in self.problem.metrics and any(run.schedule.monitors_validation for run in self.runs):
            raise ValueError(
                tr("monitor = val_loss: {key} has no validation data; take monitor = loss", key=self.problem.key)
            )

    @property
    def trace_bytes(self) -> int:
        """The memory that the rows of all steps take."""
        values = 2 + len(self.problem.metrics) + len(self.problem.names) * (2 + (self.gradient.mode == "forward"))
        return 8 * self.steps * len(self.runs) * values

    @property
    def kept_every(self) -> int | None:
        """The distance of the rows that are kept of a trace for which there is no memory; None if all are."""
        most = max(size or self.problem.points_ahead for size in self.batch_sizes)
        losses = most * self.gradient.losses(self.problem.size)
        return None if self.problem.metrics else steps_between_kept(len(self.runs), losses * self.problem.work)

    def _bytes_of_a_step(self) -> float:
        """Returns the least memory that the trace takes for a step."""
        runs, every = len(self.runs), self.kept_every
        rows = self.trace_bytes / self.steps if every is None else kept_bytes(runs, self.problem.size, every)
        return rows + (8 * (2 * runs + 1) / min(self.per_epoch) if self.has_batches else 0)


def _start_of(
    start: tuple[float, ...] | None, names: tuple[str, ...], defaults: dict[str, float]
) -> tuple[float, ...] | None:
    """Returns the values of a start for other parameters, with defaults for new ones; None if all are new."""
    if start is None:
        return None
    common = {name: value for name, value in zip(names, start, strict=True) if name in defaults}
    return tuple((defaults | common).values()) if common else None
