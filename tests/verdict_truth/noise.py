"""Mini-batches and networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, NoisyLine, Problem
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.batch_runner import compiled
from tests.verdict_truth.group import Group, Label, group, label


def lines() -> Iterator[Group]:
    """The mean of a run follows the bowl, 1 - rate*curvature a step; around it is the noise floor of the book.

    That is rate*variance/(2 - rate*curvature) for each direction.
    """
    line = NoisyLine()
    rates = np.concatenate([np.geomspace(1e-5, 0.3, 28), [2.5, 4.0, 10.0]])
    for size, (seed, steps) in product((1, 2, 4, 8, 20), ((0, 600), (3, 100), (5, 250), (11, 400))):
        data = line.data(seed)
        best = np.array(line.optimum(data))
        rows = np.stack([data["x"], np.ones(len(data["x"]))], axis=1)
        bent, turned = np.linalg.eigh(2 * rows.T @ rows / len(rows))
        misses = data["y"] - rows @ best
        variance = ((-2 * misses[:, None] * rows) @ turned).var(axis=0)
        away = turned.T @ (np.array(line.start) - best)
        labels = [_of_line(rate, steps, size, bent, away, variance) for rate in rates]
        yield group(line, steps, rates, labels, batch_size=size, seed=seed)


def _of_line(rate: float, steps: int, size: int, bent: Array, away: Array, variance: Array) -> Label:
    with np.errstate(all="ignore"):
        begin = 0.5 * (bent * away**2).sum()
        kept = (1 - rate * bent) ** steps
        mean = 0.5 * (bent * (away * kept) ** 2).sum() / begin
        floor = 0.5 * (rate * variance / size / (2 - rate * bent)).sum() / begin
    if rate > 4 / bent[-1]:  # every batch is too steep for it
        return label("diverged")
    if rate > 0.9 / bent[-1]:
        return None
    if mean > 0.2:
        return label("too_slow")
    if mean < 1e-6 and floor > 1e-3:
        return label("plateau")
    if floor < 1e-2 * mean and 1e-3 < mean < 0.05 and (kept**2).max() < 0.05:
        return label("converging")
    return None


def networks() -> Iterator[Group]:
    """By the loss over all data at the end, after four times as many steps, and of all smaller rates.

    Twice the loss of chance, above the start's: diverged. More than a fifth of the start's loss is left and four times
    the steps halve it: too slow. A rate above one that reaches a far lower loss is not too slow.
    """
    shapes: tuple[tuple[str, int, str], ...] = (("moons", 1, "tanh"), ("circles", 2, "relu"), ("xor", 1, "relu"))
    rates = np.geomspace(1e-5, 1e4, 28)
    for (shape, layers, activation), optimizer, batch in product(shapes, (SGD(), Adam()), (None, 10)):
        problem = Classification(shape=shape, layers=layers, activation=activation, n=40, units=6)
        yield group(problem, 80, rates, _of_network(problem, optimizer, batch, rates, 80), optimizer=optimizer,
                    batch_size=batch)  # fmt: skip


def logistic() -> Iterator[Group]:
    """Without hidden layers the loss is convex."""
    rates = np.geomspace(1e-5, 3e-4, 6)
    for shape, batch in product(("moons", "circles", "spiral"), (None, 10)):
        problem = Classification(shape=shape, layers=0, n=60)
        expected = label("too_slow", "plateau") if shape == "circles" else label("too_slow")
        yield group(problem, 60, rates, [expected] * 6, batch_size=batch)


def _of_network(problem: Problem, optimizer: object, batch: int | None, rates: Array, steps: int) -> list[Label]:
    run = Run(lr=0.1, optimizer=optimizer)  # type: ignore[arg-type]
    short = Experiment(problem=problem, runs=(run,), steps=steps, batch_size=batch)
    ends, later = (
        Sweep(replace(short, steps=count), [Axis("lr", tuple(rates.tolist()))]).run().final_loss
        for count in (steps, 4 * steps)
    )
    objective = compiled(short)
    begin = float(objective.loss(problem.initial(0)[None])[0])
    labels: list[Label] = []
    for place, end in enumerate(ends):
        lowest = float(np.nanmin(ends[: place + 1]))
        if not np.isfinite(end) or end > 3 * max(begin, np.log(2)):
            labels.append(label("diverged"))
        elif end > 0.8 * begin and lowest < 0.4 * begin:
            labels.append(label("diverged", "plateau", "cycling", "oscillating", "stuck"))
        elif end > 0.3 * begin and later[place] < 0.5 * end and rates[place] < rates[int(np.nanargmin(ends))]:
            labels.append(label("too_slow", "oscillating"))
        elif end > 0.97 * begin and lowest > 0.9 * begin:
            labels.append(label("too_slow", "plateau") if problem.shape == "xor" else label("too_slow"))  # type: ignore[attr-defined]
        else:
            labels.append(None)
    return labels


def groups() -> Iterator[Group]:
    for kind in (lines, networks, logistic):
        yield from kind()
