"""Experiments as JSON. Catalogue entries are stored by their key and values, never by the name of a class."""

from __future__ import annotations

from dataclasses import field
from typing import TypeVar

from lrstudio.core.declaration import Declared, Part, find
from lrstudio.core.language import tr
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS, Problem
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.experiment import MAX_RUNS, Experiment, Run
from lrstudio.store.datasets import DataArrays, encode_dataset, read_dataset
from lrstudio.store.fields import Fields, Json, SessionError, at, restore

T = TypeVar("T", bound=Declared)

_REQUIRED = ("steps", "precision", "gradient", "mode", "eps", "batch_size", "seed")
"""Fields that every file has. Later ones are left out at their defaults, so that earlier versions read the file."""


@dataclass(frozen=True)
class Decoded:
    """A decoded experiment, its unknown fields, and a note on each of them."""

    experiment: Experiment
    unknown: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def encode(experiment: Experiment, unknown: dict[str, Json] | None = None) -> dict[str, Json]:
    """Returns the experiment as a JSON object, with the unknown fields that `decode` returned."""
    values, defaults = _values(experiment).items(), {each.name: each.default for each in experiment.parameters()}
    document = {name: value for name, value in values if name in _REQUIRED or value != defaults[name]}
    document |= {"problem": _problem(experiment.problem), "runs": [_run(run) for run in experiment.runs]}
    restore(document, unknown or {})
    return document


def decode(document: Json, data: DataArrays | None = None) -> Decoded:
    """Returns the experiment of a JSON object and its data arrays; SessionError names the field and what is allowed."""
    fields = Fields(document, "experiment")
    experiment = read_experiment(fields, data or {})
    return Decoded(experiment, fields.unknown(), notes(fields))


def notes(fields: Fields) -> list[str]:
    """Returns a note on each unknown field."""
    return [tr("{path} is not known to this version; it is kept", path=path) for path in fields.unknown_paths()]


def read_experiment(fields: Fields, data: DataArrays) -> Experiment:
    """Returns the experiment of these fields and the arrays of its data set."""
    problem = _read_problem(fields.part("problem"), data)
    runs = tuple(_read_run(run) for run in fields.parts("runs", MAX_RUNS))
    values = _read_values(fields, Experiment, _REQUIRED)
    with at(fields.where):
        return Experiment(problem=problem, runs=runs, **values)


def _values(entry: Declared) -> dict[str, Json]:
    """Returns the values of an entry and, as nested objects, of its parts."""
    values: dict[str, Json] = {**entry.values()}
    return {name: _values(value) if isinstance(value, Declared) else value for name, value in values.items()}


def _read_values(fields: Fields, kind: type[Declared], required: tuple[str, ...] = ()) -> dict[str, Json]:
    """Returns the values in the file, not validated. Parameters added after the file was saved have their defaults."""
    values: dict[str, Json] = {}
    for parameter in kind.parameters():
        name = parameter.name
        if name not in fields and name not in required:
            continue
        if isinstance(parameter, Part):
            part = fields.part(name)
            part_values = _read_values(part, parameter.entry, required)
            with at(part.where):
                values[name] = parameter.entry(**part_values)
        else:
            values[name] = fields.take(name)
    return values


def _entry(entry: Declared) -> dict[str, Json]:
    return {"key": entry.key, "values": entry.values()}


def _problem(problem: Problem) -> dict[str, Json]:
    data = {} if problem.dataset is None else {"dataset": encode_dataset(problem.dataset)}
    return _entry(problem) | data


def _run(run: Run) -> dict[str, Json]:
    document: dict[str, Json] = {
        "lr": float(run.lr),
        "optimizer": _entry(run.optimizer),
        "schedule": _entry(run.schedule),
        "start": None if run.start is None else [float(value) for value in run.start],
        "label": run.label,
        "color": int(run.color),
        **({} if run.batch_size is None else {"batch_size": run.batch_size}),
    }
    if run.lr_factors:
        groups, factors = zip(*run.lr_factors, strict=True)
        document["lr_factors"] = {"groups": list(groups), "factors": list(map(float, factors))}
    return document


def _read_problem(fields: Fields, data: DataArrays) -> Problem:
    if any(fields.has_text("key", kind.key) for kind in PROBLEMS if kind.dataset is not None):
        return _read_entry(fields, PROBLEMS, "problem", dataset=read_dataset(fields.part("dataset"), data))
    if data:
        raise SessionError(tr("{name} does not belong to this experiment", name=next(iter(data))))
    return _read_entry(fields, PROBLEMS, "problem")


def _read_entry(fields: Fields, catalogue: tuple[type[T], ...], what: str, **more: object) -> T:
    key = fields.key()
    with at(fields.where):
        kind = find(catalogue, key, what)
    part = fields.part("values")
    values = _read_values(part, kind)
    with at(part.where):
        return kind(**values, **more)


def _read_run(fields: Fields) -> Run:
    optimizer = _read_entry(fields.part("optimizer"), OPTIMIZERS, "optimizer")
    schedule = _read_entry(fields.part("schedule"), SCHEDULES, "schedule")
    lr, label, color = fields.number("lr"), fields.text("label"), fields.integer("color", 0)
    start, factors = None if fields.take_null("start") else fields.numbers("start"), _read_lr_factors(fields)
    batch_size = fields.integer("batch_size", 1) if "batch_size" in fields else None
    with at(fields.where):
        return Run(
            lr=lr,
            optimizer=optimizer,
            schedule=schedule,
            start=start,
            batch_size=batch_size,
            label=label,
            color=color,
            lr_factors=factors,
        )


def _read_lr_factors(fields: Fields) -> tuple[tuple[str, float], ...]:
    """Returns the factors of groups of parameters, which only runs have that need them."""
    if "lr_factors" not in fields:
        return ()
    part = fields.part("lr_factors")
    groups, factors = part.texts("groups"), part.numbers("factors")
    if len(groups) != len(factors):
        raise SessionError(tr("{where}: must have as many factors as groups", where=part.where))
    return tuple(zip(groups, factors, strict=True))
