"""Defines the axes of sweeps: a name, such as lr, optimizer.momentum, start.0 or problem.condition, and its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lrstudio.core.declaration import Declared
from lrstudio.core.language import mark, tr
from lrstudio.core.parameter import Number
from lrstudio.core.problems import Problem
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment, check_lr
from lrstudio.engine.family import is_knob

MOST_VALUES = 2**20
_WHOLE = ("batch_size", "seed")
_LABELS = {"lr": mark("learning rate"), "batch_size": mark("batch size"), "seed": mark("seed")}


@dataclass(frozen=True)
class Axis:
    """A name and its values (n,), in the order of the results."""

    name: str
    values: tuple[float, ...]

    @property
    def structural(self) -> bool:
        """Whether each value needs its own problem or batches."""
        return self.name.startswith("problem.") or self.name in _WHOLE

    def check(self, experiment: Experiment, run: int = 0) -> None:
        """Raises ValueError unless the run accepts every value."""
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise ValueError(
                tr(
                    "{name}: {count} values; there may be 1 to {most}",
                    name=self.name,
                    count=len(self.values),
                    most=MOST_VALUES,
                )
            )
        if self.name == "lr":
            for value in (min(self.values), max(self.values), *(value for value in self.values if value != value)):
                check_lr(value)
            return
        for value in self.values:
            with_value(experiment, run, self.name, value)


def names(experiment: Experiment, run: int = 0) -> list[str]:
    """Returns the names of everything that can be swept, the rate first."""
    member = experiment.runs[run]
    result = ["lr"]
    for group, entry in (("optimizer", member.optimizer), ("schedule", member.schedule)):
        result += [f"{group}.{number.name}" for number in entry.parameters() if is_knob(number)]
    result += [f"start.{name}" for name in experiment.problem.names if experiment.problem.has_editable_start]
    result += [f"problem.{number.name}" for number in experiment.problem.parameters() if is_knob(number)]
    return result + (["batch_size"] if experiment.problem.has_data else []) + ["seed"]


def label(experiment: Experiment, run: int, name: str) -> str:
    """Returns the label of a name on the screen, such as learning rate or start of w."""
    group, _, part = name.partition(".")
    if not part:
        return tr(_LABELS.get(name, name))
    if group == "start":
        return tr("start of {part}", part=part)
    return tr(_number(_entry(experiment, run, name), name, part).label)


def start_index(experiment: Experiment, name: str) -> int:
    """Returns the index of the parameter in a name such as `start.0` or `start.w`."""
    part = name.partition(".")[2]
    if part in experiment.problem.names:
        return experiment.problem.names.index(part)
    if part.isascii() and part.isdigit() and int(part) < len(experiment.problem.names):
        return int(part)
    raise _unknown(name, [f"start.{each}" for each in experiment.problem.names])


def is_whole(experiment: Experiment, run: int, name: str) -> bool:
    """Returns whether a name takes whole numbers only; ValueError for an unknown name."""
    if name in _WHOLE:
        return True
    group, _, part = name.partition(".")
    if name == "lr":
        return False
    if group == "start":
        start_index(experiment, name)
        return False
    return _number(_entry(experiment, run, name), name, part).whole


def with_value(experiment: Experiment, run: int, name: str, value: float) -> Experiment:
    """Returns the experiment with one number changed; ValueError for an invalid name or value."""
    group, _, part = name.partition(".")
    if name == "lr":
        return experiment.with_run(run, lr=value)
    if name in _WHOLE:
        if not float(value).is_integer():
            raise ValueError(tr("{name} = {value:g}: must be a whole number", name=name, value=value))
        whole = int(value)
        return replace(experiment, batch_size=whole) if name == "batch_size" else replace(experiment, seed=whole)
    if group == "start":
        start = list(experiment.starts()[run])
        start[start_index(experiment, name)] = value
        return experiment.with_run(run, start=tuple(start))
    changed = _changed(_entry(experiment, run, name), name, part, value)
    if isinstance(changed, Problem):
        return replace(experiment, problem=changed)
    return experiment.with_run(run, **{group: changed})


def _changed(entry: Declared, name: str, part: str, value: float) -> Declared:
    try:
        return replace(entry, **{_number(entry, name, part).name: value})
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _entry(experiment: Experiment, run: int, name: str) -> Declared:
    group = name.partition(".")[0]
    member = experiment.runs[run]
    entries: dict[str, Declared] = {
        "optimizer": member.optimizer,
        "schedule": member.schedule,
        "problem": experiment.problem,
    }
    if group not in entries:
        raise _unknown(name, names(experiment, run))
    return entries[group]


def _number(entry: Declared, name: str, part: str) -> Number:
    numbers = {number.name: number for number in entry.parameters() if is_knob(number)}
    if part not in numbers:
        raise _unknown(name, [f"{name.partition('.')[0]}.{each}" for each in numbers])
    return numbers[part]


def _unknown(name: str, names: Iterable[str]) -> ValueError:
    there = ", ".join(names)
    if not there:
        return ValueError(tr("{name!r}: cannot be swept; there is nothing to sweep", name=name))
    return ValueError(tr("{name!r}: cannot be swept; there are {names}", name=name, names=there))
