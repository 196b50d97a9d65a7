"""An experiment as JSON and back. Catalogue entries go by their key and values, never by the name of a class."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from lrstudio.core.declaration import Declared, Part, find
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS, Problem
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.store.datasets import DataArrays, encode_dataset, read_dataset
from lrstudio.store.fields import Fields, Json, SessionError, at, restore

T = TypeVar("T", bound=Declared)

_FIRST = ("steps", "precision", "gradient", "mode", "eps", "batch_size", "seed")
"""Fields that every file has. Those that came later are left out where None: earlier programs read such files."""


@dataclass(frozen=True)
class Decoded:
    """An experiment that was read, the fields that this version does not know, and a line on each of them."""

    experiment: Experiment
    unknown: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def encode(experiment: Experiment, unknown: dict[str, Json] | None = None) -> dict[str, Json]:
    """The experiment as a JSON object; `unknown` is what `decode` kept, and goes back in its place."""
    values = _values(experiment).items()
    document = {name: value for name, value in values if name in _FIRST or value is not None}
    document |= {"problem": _problem(experiment.problem), "runs": [_run(run) for run in experiment.runs]}
    restore(document, unknown or {})
    return document


def decode(document: Json, data: DataArrays | None = None) -> Decoded:
    """The experiment that a JSON object and data arrays describe; SessionError says what, where, what is allowed."""
    fields = Fields(document, "experiment")
    experiment = read_experiment(fields, data or {})
    return Decoded(experiment, fields.unknown(), notes(fields))


def notes(fields: Fields) -> list[str]:
    """A line on each field that nobody took."""
    return [f"{place} is not known to this version; it is kept" for place in fields.unknown_places()]


def read_experiment(fields: Fields, data: DataArrays) -> Experiment:
    """The experiment in these fields; those that it does not know stay in them. `data` has the arrays of a data set."""
    problem = _read_problem(fields.part("problem"), data)
    runs = tuple(_read_run(run) for run in fields.parts("runs"))
    given = _read_values(fields, Experiment, _FIRST)
    with at(fields.where):
        return Experiment(problem=problem, runs=runs, **given)


def _values(entry: Declared) -> dict[str, Json]:
    """The values of an entry, and those of its parts."""
    values: dict[str, Json] = {**entry.values()}
    return {name: _values(value) if isinstance(value, Declared) else value for name, value in values.items()}


def _read_values(fields: Fields, kind: type[Declared], required: tuple[str, ...] = ()) -> dict[str, Json]:
    """The values that are there, unchecked. What is missing has its default: it was added after the file was made."""
    given = {}
    for known in kind.parameters():
        if known.name not in fields and known.name not in required:
            continue
        if isinstance(known, Part):
            part = fields.part(known.name)
            values = _read_values(part, known.entry, required)
            with at(part.where):
                given[known.name] = known.entry(**values)
        else:
            given[known.name] = fields.take(known.name)
    return given


def _entry(entry: Declared) -> dict[str, Json]:
    return {"key": entry.key, "values": entry.values()}


def _problem(problem: Problem) -> dict[str, Json]:
    data = {} if problem.dataset is None else {"dataset": encode_dataset(problem.dataset)}
    return _entry(problem) | data


def _run(run: Run) -> dict[str, Json]:
    return {
        "lr": float(run.lr),
        "optimizer": _entry(run.optimizer),
        "schedule": _entry(run.schedule),
        "start": None if run.start is None else [float(value) for value in run.start],
        "label": run.label,
        "color": int(run.color),
    }


def _read_problem(fields: Fields, data: DataArrays) -> Problem:
    if any(fields.says("key", kind.key) for kind in PROBLEMS if kind.dataset is not None):
        return _read_entry(fields, PROBLEMS, "problem", dataset=read_dataset(fields.part("dataset"), data))
    if data:
        raise SessionError(f"{next(iter(data))} does not belong to this experiment")
    return _read_entry(fields, PROBLEMS, "problem")


def _read_entry(fields: Fields, catalogue: tuple[type[T], ...], what: str, **more: object) -> T:
    """A catalogue entry."""
    key = fields.key()
    with at(fields.where):
        kind = find(catalogue, key, what)
    values = fields.part("values")
    given = _read_values(values, kind)
    with at(values.where):
        return kind(**given, **more)


def _read_run(fields: Fields) -> Run:
    optimizer = _read_entry(fields.part("optimizer"), OPTIMIZERS, "optimizer")
    schedule = _read_entry(fields.part("schedule"), SCHEDULES, "schedule")
    lr, label, color = fields.number("lr"), fields.text("label"), fields.whole("color", 0)
    start = None if fields.none("start") else fields.numbers("start")
    with at(fields.where):
        return Run(lr=lr, optimizer=optimizer, schedule=schedule, start=start, label=label, color=color)
