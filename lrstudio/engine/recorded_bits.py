"""Hashes of short trainings of everything there is, to show that this machine computes the same bits as others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from importlib.resources import files
from itertools import accumulate
from operator import mul

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.core.problems import PROBLEMS, Problem
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import GRADIENT_MODES, PRECISIONS, Experiment, Gradient, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation

STEPS, EXPENSIVE_STEPS = 60, 12
_BATCH = 64
"""Points of a step of an expensive problem; with another precision it is trained on all of them."""
_RATES = (1.0, 30.0)
"""Factors of the optimizer's default rate."""
_SWEPT = 64  # rates, each a quarter larger than the one before
_DIGITS = 12
_FILE = "bits.txt"


def recorded() -> dict[str, str]:
    """Returns the hashes of the release by name."""
    text = (files("lrstudio.resources") / "data" / _FILE).read_text("utf-8")
    pairs = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def computed() -> dict[str, str]:
    """Returns the hashes of this machine by name."""
    return {name: _hashed(compute()) for name, compute in _cases()}


def differing() -> list[str]:
    """Returns the names whose hashes are not the recorded ones."""
    expected, found = recorded(), computed()
    return [name for name in expected | found if expected.get(name) != found.get(name)]


def _cases() -> Iterator[tuple[str, Callable[[], Iterator[Array]]]]:
    """Yields the name of every training and a function that yields its numbers."""
    usual = OPTIMIZERS[0]()
    for kind in PROBLEMS:
        problem = kind()
        for optimizer in (rule() for rule in OPTIMIZERS):
            if not optimizer.refusal(problem.key, problem.tensors):
                yield f"{problem.key} {optimizer.key}", partial(_traced, _experiment(problem, optimizer))
        for precision in PRECISIONS[1:]:
            chosen = replace(_experiment(problem, usual), precision=precision, batch_size=None)
            yield f"{problem.key} {precision}", partial(_traced, chosen)
        if problem.has_numerical_gradient:
            for mode in GRADIENT_MODES[1:]:
                chosen = replace(_experiment(problem, usual), gradient=Gradient(mode=mode))
                yield f"{problem.key} {mode}", partial(_traced, chosen)
        if problem.has_data:
            yield f"{problem.key} batches", partial(_traced, replace(_experiment(problem, usual), batch_size=3))
        if not problem.is_expensive:
            yield f"{problem.key} sweep", partial(_swept, _experiment(problem, usual))
    for schedule in (kind() for kind in SCHEDULES):
        chosen = _experiment(PROBLEMS[0](), usual)
        runs = tuple(replace(run, schedule=schedule) for run in chosen.runs)
        yield f"schedule {schedule.key}", partial(_traced, replace(chosen, runs=runs))
    for example in EXAMPLES:
        if example.experiment.problem.is_expensive:
            steps = min(example.experiment.steps, STEPS)
            yield f"example {example.key}", partial(_traced, replace(example.experiment, steps=steps))


def _experiment(problem: Problem, optimizer: Optimizer) -> Experiment:
    runs = tuple(Run(lr=optimizer.default_lr * factor, optimizer=optimizer) for factor in _RATES)
    if problem.is_expensive:
        return Experiment(problem=problem, runs=runs, steps=EXPENSIVE_STEPS, batch_size=_BATCH)
    return Experiment(problem=problem, runs=runs, steps=STEPS)


def _traced(experiment: Experiment) -> Iterator[Array]:
    """Yields the columns of a trace, its ends and the losses on all data."""
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    trace = simulation.trace
    yield from (trace.read(column) for column in trace.columns)
    yield trace.ends
    if trace.full is not None:
        yield trace.full.losses(0, trace.full.count)


def _swept(experiment: Experiment) -> Iterator[Array]:
    """Yields the columns of a summary."""
    rates = Axis("lr", tuple(accumulate([1e-5, *[1.25] * _SWEPT], mul)))
    summary = Sweep(experiment, [rates]).run()
    yield from (getattr(summary, column.name) for column in fields(summary))


def _hashed(columns: Iterator[Array]) -> str:
    """Returns the first hexadecimal digits of the SHA-256 of arrays as little-endian bytes, with one kind of NaN."""
    digest = hashlib.sha256()
    for values in columns:
        if values.dtype.kind == "f":
            values = np.where(np.isnan(values), np.nan, values)
        digest.update(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()[:_DIGITS]
