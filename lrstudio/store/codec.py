"""An experiment as JSON and back. Catalogue entries go by their key and values, never by the name of a class."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, cast

from lrstudio.core.declaration import Declared, find
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS, Problem
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.experiment import Experiment, Gradient, GradientMode, Precision, Run
from lrstudio.store.datasets import DataArrays, encode_dataset, read_dataset
from lrstudio.store.fields import Fields, Json, SessionError, at, restore

T = TypeVar("T", bound=Declared)


@dataclass(frozen=True)
class Decoded:
    """An experiment that was read, the fields that this version does not know, and a line on each of them."""

    experiment: Experiment
    unknown: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def encode(experiment: Experiment, unknown: dict[str, Json] | None = None) -> dict[str, Json]:
    """The experiment as a JSON object; `unknown` is what `decode` kept, and goes back in its place."""
    batch_size = experiment.batch_size
    document = {
        "problem": _problem(experiment.problem),
        "runs": [_run(run) for run in experiment.runs],
        "steps": int(experiment.steps),
        "precision": experiment.precision,
        "gradient": {"mode": experiment.gradient.mode, "eps": experiment.gradient.eps},
        "batch_size": None if batch_size is None else int(batch_size),
        "seed": int(experiment.seed),
    }
    if experiment.target_loss is not None:  # files without one are those of before it was there
        document["target_loss"] = float(experiment.target_loss)
    if experiment.horizon is not None:  # the schedules were planned for another number of steps
        document["horizon"] = int(experiment.horizon)
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
    steps, seed = fields.whole("steps", 1), fields.whole("seed", 0)
    precision = cast(Precision, fields.text("precision"))
    gradient = _read_gradient(fields.part("gradient"))
    batch_size = None if fields.none("batch_size") else fields.whole("batch_size", 1)
    off = "target_loss" not in fields or fields.none("target_loss")
    target_loss = None if off else fields.number("target_loss")
    horizon = fields.whole("horizon", 1) if "horizon" in fields else None
    with at(fields.where):
        return Experiment(
            problem=problem,
            runs=runs,
            steps=steps,
            precision=precision,
            gradient=gradient,
            batch_size=batch_size,
            seed=seed,
            target_loss=target_loss,
            horizon=horizon,
        )


def _entry(entry: Declared) -> dict[str, Json]:
    return {"key": entry.key, "values": dict(entry.values())}


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
    """A catalogue entry. A parameter that is missing has its default: it was added after the file was made."""
    key = fields.key()
    with at(fields.where):
        kind = find(catalogue, key, what)
    values = fields.part("values")
    given = {name.name: values.take(name.name) for name in kind.parameters() if name.name in values}
    with at(values.where):
        return kind(**given, **more)


def _read_run(fields: Fields) -> Run:
    optimizer = _read_entry(fields.part("optimizer"), OPTIMIZERS, "optimizer")
    schedule = _read_entry(fields.part("schedule"), SCHEDULES, "schedule")
    lr, label, color = fields.number("lr"), fields.text("label"), fields.whole("color", 0)
    start = None if fields.none("start") else fields.numbers("start")
    with at(fields.where):
        return Run(lr=lr, optimizer=optimizer, schedule=schedule, start=start, label=label, color=color)


def _read_gradient(fields: Fields) -> Gradient:
    mode = cast(GradientMode, fields.text("mode"))
    eps = None if fields.none("eps") else fields.number("eps")
    with at(fields.where):
        return Gradient(mode=mode, eps=eps)
