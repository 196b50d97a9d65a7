"""What a sweep goes along: a name, such as lr, optimizer.momentum, start.0 or problem.condition, and its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lrstudio.core.declaration import Declared
from lrstudio.core.parameter import Number
from lrstudio.core.problems import Problem
from lrstudio.engine.experiment import Experiment, check_lr
from lrstudio.engine.family import is_knob

MOST_VALUES = 2**20
_WHOLE = ("batch_size", "seed")


@dataclass(frozen=True)
class Axis:
    """A name and its values (n,), in the order in which they are wanted."""

    name: str
    values: tuple[float, ...]

    @property
    def structural(self) -> bool:
        """Whether each value needs a problem, or batches, of its own."""
        return self.name.startswith("problem.") or self.name in _WHOLE

    def check(self, experiment: Experiment, run: int = 0) -> None:
        """ValueError unless every value can be given to the run."""
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise ValueError(f"{self.name}: {len(self.values)} values; there may be 1 to {MOST_VALUES}")
        if self.name == "lr":
            for value in (min(self.values), max(self.values), *(value for value in self.values if value != value)):
                check_lr(value)
            return
        for value in self.values:
            with_value(experiment, run, self.name, value)


def names(experiment: Experiment, run: int = 0) -> list[str]:
    """Everything that can be swept of a run and its experiment, the rate first."""
    member = experiment.runs[run]
    found = ["lr"]
    for group, entry in (("optimizer", member.optimizer), ("schedule", member.schedule)):
        found += [f"{group}.{known.name}" for known in entry.parameters() if is_knob(known)]
    found += [f"start.{name}" for name in experiment.problem.names if experiment.problem.has_editable_start]
    found += [f"problem.{known.name}" for known in experiment.problem.parameters() if is_knob(known)]
    return found + (["batch_size"] if experiment.problem.has_data else []) + ["seed"]


def label(experiment: Experiment, run: int, name: str) -> str:
    """The name on the screen: learning rate, the parameter's own, start of w, batch size."""
    group, _, part = name.partition(".")
    if not part:
        return "learning rate" if name == "lr" else name.replace("_", " ")
    return f"start of {part}" if group == "start" else _number(_entry(experiment, run, name), name, part).label


def start_index(experiment: Experiment, name: str) -> int:
    """The parameter that a name such as `start.0` or `start.w` means."""
    part = name.partition(".")[2]
    if part in experiment.problem.names:
        return experiment.problem.names.index(part)
    if part.isascii() and part.isdigit() and int(part) < len(experiment.problem.names):
        return int(part)
    raise _unknown(name, [f"start.{known}" for known in experiment.problem.names])


def is_whole(experiment: Experiment, run: int, name: str) -> bool:
    """Whether only whole numbers can be given to this name; ValueError where there is no such name."""
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
    """The experiment with one number of it changed; ValueError says what is wrong with the name or the value."""
    group, _, part = name.partition(".")
    if name == "lr":
        return experiment.with_run(run, lr=value)
    if name in _WHOLE:
        if not float(value).is_integer():
            raise ValueError(f"{name} = {value:g}: must be a whole number")
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
    for known in entry.parameters():
        if known.name == part and is_knob(known):
            return known
    group = name.partition(".")[0]
    raise _unknown(name, [f"{group}.{known.name}" for known in entry.parameters() if is_knob(known)])


def _unknown(name: str, known: Iterable[str]) -> ValueError:
    there = ", ".join(known)
    return ValueError(f"{name!r}: cannot be swept; {f'there are {there}' if there else 'there is nothing to sweep'}")
