"""An experiment: one problem and the runs that are compared on it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args

from lrstudio.core.declaration import Declared, choice, param, part
from lrstudio.core.optimizers import DEFAULT_OPTIMIZER, Optimizer
from lrstudio.core.problems import Problem
from lrstudio.core.schedules import DEFAULT_SCHEDULE, Schedule

Stop = Callable[[], bool]
"""Asked during a long computation, which ends early once it returns True."""
Precision = Literal["float64", "float32", "mixed"]
GradientMode = Literal["analytic", "forward", "central"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
GRADIENT_MODES: tuple[GradientMode, ...] = get_args(GradientMode)
MAX_STEPS = 100_000_000
MAX_BATCH = 2**31 - 1
MAX_RUNS = 4096
MAX_LABEL = 200
MAX_TRACE_BYTES = 1_900_000_000
"""What a session file can hold."""


class Gradient(Declared):
    """How the gradient is obtained: exactly, or measured by a one-sided or a central difference of width eps."""

    key = "gradient"

    mode: GradientMode = choice(
        "analytic", GRADIENT_MODES, "Exact, or measured by a difference of losses", label="gradient"
    )
    eps: float | None = param(None, "Width of the difference", 1e-15, 1, scale="log", whole=False)

    def check(self) -> None:
        if self.eps is None:
            object.__setattr__(self, "eps", {"analytic": None, "forward": 1e-4, "central": 1e-5}[self.mode])
        elif self.mode == "analytic":
            raise ValueError("gradient analytic: takes no eps")

    def idle(self) -> frozenset[str]:
        return frozenset({"eps"} if self.mode == "analytic" else ())

    def changed(self, name: str, value: Any) -> Gradient:
        """The same with another value; another mode comes with its own width."""
        return Gradient(mode=value) if name == "mode" else super().changed(name, value)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One optimizer, schedule, rate and start. `start` None is the problem's own; `color` counts in the palette."""

    lr: float
    optimizer: Optimizer = field(default_factory=DEFAULT_OPTIMIZER)
    schedule: Schedule = field(default_factory=DEFAULT_SCHEDULE)
    start: tuple[float, ...] | None = None
    label: str = ""
    color: int = 0

    def __post_init__(self) -> None:
        check_lr(self.lr)
        if not self.label.isprintable() or len(self.label) > MAX_LABEL:
            raise ValueError(f"label = {self.label!r}: must be at most {MAX_LABEL} printable characters")
        if self.start is not None and not all(math.isfinite(value) for value in self.start):
            raise ValueError(f"start = {self.start}: must be finite numbers")

    def bare(self, lr: float | None = None) -> Run:
        """The run without label and colour, for comparison; where a rate is given with that one."""
        return replace(self, lr=self.lr if lr is None else lr, label="", color=0)


class Experiment(Declared):
    """A problem, its runs and what they share.

    T of the schedules is the number of steps that was planned when the experiment began: `horizon`, None where it is
    `steps`. Going on after the end, or ending earlier, leaves the schedules as they were planned, so that the same
    experiment, begun anew, gives the same trace.

    Precision `float32` computes everything in single precision, `mixed` keeps the weights in float32 and computes in
    float64. `batch_size` None uses all data at every step. With a `target_loss` the whole experiment ends at the step
    at which the last run has reached it or has diverged; runs that are there earlier go on until then.

    Every declared field has a row in the dock, an option of the terminal and a place in session files by itself.
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
    batch_size: int | None = param(None, "Data points per step", 1, MAX_BATCH, whole=True, auto="all data")
    seed: int = param(0, "Feeds everything random: data, order of batches", 0, 2**63 - 1)
    horizon: int | None = param(None, "T of the schedules", 1, MAX_STEPS, whole=True, offered=False)

    def check(self) -> None:
        if self.horizon == self.steps:
            object.__setattr__(self, "horizon", None)
        if not 1 <= len(self.runs) <= MAX_RUNS:
            raise ValueError(f"number of runs = {len(self.runs)}: must be a whole number from 1 to {MAX_RUNS}")
        for run in self.runs:
            if run.start is not None and not self.problem.has_editable_start:
                raise ValueError(f"start = {run.start}: the weights of {self.problem.key} follow from init and seed")
            if run.start is not None and len(run.start) != len(self.problem.names):
                names = ", ".join(self.problem.names)
                raise ValueError(f"start = {run.start}: {self.problem.key} takes {len(self.problem.names)} ({names})")
        if self.gradient.mode != "analytic" and not self.problem.has_numerical_gradient:
            raise ValueError(f"gradient {self.gradient.mode}: a network has too many weights to measure its gradient")
        self._check_sizes()
        self._check_batches()
        self._check_memory()

    def idle(self) -> frozenset[str]:
        means_something = {"batch_size": self.problem.has_data, "gradient": self.problem.has_numerical_gradient}
        return frozenset(name for name, used in means_something.items() if not used)

    @property
    def schedule_length(self) -> int:
        """T of the schedules."""
        return self.steps if self.horizon is None else self.horizon

    @cached_property
    def data_size(self) -> int:
        """Number of data points; 0 without data."""
        return len(next(iter(self.problem.data(self.seed).values()), ()))

    def replanned(self) -> Experiment:
        """The experiment from its start, with the schedules planned for all of its steps."""
        return replace(self, horizon=None)

    def bare(self, lr: float | None = None) -> Experiment:
        """The experiment with all of its runs bare (see Run.bare)."""
        return replace(self, runs=tuple(run.bare(lr) for run in self.runs))

    def alone(self, index: int) -> Experiment:
        """The experiment with one of its runs only."""
        return replace(self, runs=(self.runs[index],))

    def starts(self) -> tuple[tuple[float, ...], ...]:
        """The start of every run, as far as parameters have names."""
        own = tuple(self.problem.initial(self.seed)[self.problem.recorded].tolist())
        return tuple(own if run.start is None else run.start for run in self.runs)

    def with_run(self, index: int, **changes: object) -> Experiment:
        """The experiment with one run changed."""
        runs = list(self.runs)
        runs[index] = replace(runs[index], **changes)  # type: ignore[arg-type]
        return replace(self, runs=tuple(runs))

    def with_problem(self, problem: Problem) -> Experiment:
        """The experiment with another problem; what still applies is kept.

        That is the batch size where there are so many data points and, where only the values of the problem differ,
        the starts of the parameters that go by the same name. A network's gradient is always exact.
        """
        runs, batch_size = self.runs, self.batch_size
        same = problem.key == self.problem.key
        if not same:
            batch_size = problem.usual_batch if problem.usual_batch or self.problem.usual_batch else batch_size
        if not same or not problem.has_editable_start:
            runs = tuple(replace(run, start=None) for run in runs)
        elif problem.names != self.problem.names:
            fresh = dict(zip(problem.names, problem.start, strict=True))
            runs = tuple(replace(run, start=_renamed(run.start, self.problem.names, fresh)) for run in runs)
        if batch_size is not None and not (same and problem.has_data):
            size = len(next(iter(problem.data(self.seed).values()), ()))
            batch_size = batch_size if batch_size <= size else None
        gradient = self.gradient if problem.has_numerical_gradient else Gradient()
        return replace(self, problem=problem, runs=runs, batch_size=batch_size, gradient=gradient)

    def label(self, index: int) -> str:
        """A run's own label, or what tells it from the others: the rate, and where they differ optimizer and knobs."""
        return self._labels[index]

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        return tuple(self._label(index) for index in range(len(self.runs)))  # each looks at all others

    def _label(self, index: int) -> str:
        run = self.runs[index]
        if run.label:
            return run.label
        words = [f"{run.lr:g}"]
        optimizers, schedules = [other.optimizer for other in self.runs], [other.schedule for other in self.runs]
        if len({(other.key, other.rule) for other in optimizers}) > 1:
            words.append(_title(run.optimizer, optimizers))
        words += _distinctive(run.optimizer, optimizers)
        alone_or_other = len(schedules) == 1 or len(set(schedules)) > 1
        if alone_or_other and not run.schedule.is_constant:
            title = _title(run.schedule, schedules)
            words += [title.lower() if title == run.schedule.title else title, *_distinctive(run.schedule, schedules)]
        return " ".join([*words, *self._distinctive_start(index)])

    def _distinctive_start(self, index: int) -> list[str]:
        """The coordinates of the start in which the runs differ."""
        if not self.problem.has_editable_start:
            return []
        starts = self.starts()
        alike = [len(set(column)) == 1 for column in zip(*starts, strict=True)]
        places = zip(self.problem.names, starts[index], alike, strict=True)
        return [f"from {name}={value:g}" for name, value, same in places if not same]

    def _check_sizes(self) -> None:
        size = self.problem.size
        for optimizer in (run.optimizer for run in self.runs):
            most = optimizer.most_parameters
            if most is not None and size > most:
                raise ValueError(f"{optimizer.key}: takes at most {most} parameters; {self.problem.key} has {size}")

    def _check_batches(self) -> None:
        if self.batch_size is None:
            return
        size = self.data_size
        if not size:
            raise ValueError(f"batch size = {self.batch_size}: {self.problem.key} has no data to take batches from")
        if self.batch_size > size:
            raise ValueError(f"batch size = {self.batch_size}: {self.problem.key} has {size} data points")

    def _check_memory(self) -> None:
        size, metrics = len(self.problem.names), len(self.problem.metrics)
        values = 2 + metrics + (self.batch_size is not None) + size * (3 if self.gradient.mode == "forward" else 2)
        needed = 8 * self.steps * len(self.runs) * values
        if needed > MAX_TRACE_BYTES:
            most = self.steps * MAX_TRACE_BYTES // needed
            raise ValueError(
                f"steps = {self.steps}: the trace of {len(self.runs)} run(s) would need "
                f"{needed / 2**30:.0f} GiB of memory; at most {most} steps"
            )


def _renamed(
    start: tuple[float, ...] | None, names: tuple[str, ...], fresh: dict[str, float]
) -> tuple[float, ...] | None:
    """A start for other parameters: those that were there stay, and new ones are as fresh; None where none were."""
    if start is None:
        return None
    known = {name: value for name, value in zip(names, start, strict=True) if name in fresh}
    return tuple((fresh | known).values()) if known else None


def _distinctive(entry: Declared, others: Sequence[Declared]) -> list[str]:
    """The hyper-parameters in which entries of this kind differ."""
    alike = [other.values() for other in others if other.key == entry.key]
    return [
        f"{parameter.name}={parameter.short(value)}"
        for parameter in entry.parameters()
        for value in (getattr(entry, parameter.name),)
        if parameter.name != "text" and any(other[parameter.name] != value for other in alike)
    ]


def _title(entry: Declared, others: Sequence[Declared]) -> str:
    """Its title; of what somebody has typed the text, where it is long from the word on in which it differs."""
    typed = next((parameter for parameter in entry.parameters() if parameter.name == "text"), None)
    if typed is None:
        return entry.title
    line = _one_line(getattr(entry, typed.name))
    lines = {_one_line(getattr(other, typed.name)) for other in others if other.key == entry.key}
    alike = [len(set(signs)) == 1 for signs in zip(*lines, strict=False)]
    begin = alike.index(False) if False in alike and typed.short(line) != line else 0
    while begin and (line[begin - 1].isalnum() or line[begin - 1] == "_"):
        begin -= 1
    return typed.short(f"…{line[begin:]}" if begin else line)


def _one_line(text: str) -> str:
    return "; ".join(part.strip() for part in text.split("\n") if part.strip())


def check_lr(lr: float) -> None:
    """ValueError unless a finite rate of at least 0."""
    if not 0 <= lr <= sys.float_info.max:
        raise ValueError(f"lr = {lr!r}: must be a finite number of at least 0")
