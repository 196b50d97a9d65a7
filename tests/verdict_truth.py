"""Labelled runs: what theory says of a run, worked out without looking at how verdicts are given.

On bowls the losses follow in closed form from the roots of each direction; schedules multiply the factors; signs move
by one rate a step; the rest is chosen where there can be no two opinions. The rules of the labels are those of the
table in core.analysis.verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from lrstudio.core.optimizers import SGD, Adam, Lion, Optimizer, RMSprop
from lrstudio.core.problems import (
    Absolute,
    NoisyLine,
    Parabola,
    Plateau,
    Problem,
    Proportional,
    Quadratic,
    Saddle,
)
from lrstudio.core.problems.base import Surface
from lrstudio.core.schedules import Cosine, Exponential, Linear, Polynomial, Schedule, Step
from lrstudio.engine.experiment import Experiment, Gradient, Precision, Run


@dataclass(frozen=True)
class Labelled:
    """An experiment of one run and the verdict that it should get; `why` tells it apart in a list."""

    why: str
    experiment: Experiment
    label: str


@dataclass(frozen=True, kw_only=True)
class Flat(Surface):
    """w⁴, which has no curvature at its minimum."""

    key = "flat"
    title = "w⁴"
    loss = "w^4"
    names = ("w",)
    start = (2.0,)
    domain = ((-3.0, 3.0),)
    known = ((0.0,),)
    least = 0.0


def one(problem: Problem, run: Run, steps: int) -> Experiment:
    return Experiment(problem=problem, runs=(run,), steps=steps)


def matrix(optimizer: SGD, rate: float, h: float) -> np.ndarray:
    """One step of (distance, buffer) on a bowl of curvature h, as PyTorch's documentation writes it."""
    beta, tau = optimizer.momentum, optimizer.dampening
    if beta == 0:
        return np.array([[1 - rate * h, 0.0], [0.0, 0.0]])
    buffer = np.array([(1 - tau) * h, beta])
    ahead = np.array([h, 0.0]) + beta * buffer if optimizer.nesterov else buffer
    return np.array([np.array([1.0, 0.0]) - rate * ahead, buffer])


def on_a_bowl(optimizer: SGD, rate: float, hessian: np.ndarray, away: np.ndarray, steps: int) -> str:
    """The label of a run on a bowl that starts `away` from its minimum."""
    bent, turned = np.linalg.eigh(hessian)
    if any(np.abs(np.linalg.eigvals(matrix(optimizer, rate, float(h)))).max() > 1 + 1e-9 for h in bent):
        return "diverged"
    states, roots = [], []
    for h, x in zip(bent, turned.T @ away, strict=True):
        begin = np.array([x, 0.0])
        if optimizer.momentum:  # the first buffer has no dampening
            first = replace(optimizer, dampening=0.0) if optimizer.dampening else optimizer
            begin = matrix(first, rate, float(h)) @ begin
        else:
            begin = np.array([(1 - rate * h) * x, 0.0])
        step = matrix(optimizer, rate, float(h))
        states.append([np.linalg.matrix_power(step, count) @ begin for count in range(steps)])
        values = np.linalg.eigvals(step)
        roots.append(values[np.abs(values).argmax()])
    distance = np.array([[away_now[0] for away_now in direction] for direction in states])
    height = 0.5 * (bent[:, None] * distance**2).sum(axis=0)
    begin_height = 0.5 * away @ hessian @ away
    share = height[-1] / begin_height
    if share <= 1e-4 and height[-2] <= 1e-4 * begin_height:
        return "arrived"
    late = np.abs(bent[:, None] * distance[:, steps // 2 :]).max(axis=1)
    main = int(late.argmax())
    root = complex(roots[main])
    if abs(abs(root) - 1) <= 1e-9 and abs(np.angle(root)) > 1e-9:
        return "cycling"
    period = 2 * np.pi / abs(np.angle(root)) if np.angle(root) else np.inf
    if period <= steps / 2:
        return "oscillating"
    return "too_slow" if share > 0.1 else "converging"


OPTIMIZERS = (
    SGD(),
    SGD(momentum=0.5),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(momentum=0.5, nesterov=True),
    SGD(momentum=0.9, dampening=0.9),
    SGD(momentum=0.5, dampening=0.5),
)


def limit_of(optimizer: SGD, h: float) -> float:
    """The book's table."""
    beta = optimizer.momentum
    if optimizer.nesterov:
        return 2 * (1 + beta) / (h * (1 + 2 * beta))
    return 2 * (1 + beta) / (h * (1 - optimizer.dampening)) if beta else 2 / h


def bowls() -> Iterator[Labelled]:
    """Bowls of one and two weights, and lines fitted to data, under every form of SGD."""
    line = NoisyLine()
    data = line.data(0)
    x, best = data["x"], np.array(line.optimum(data))
    hessian = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])
    grounds: list[tuple[Problem, np.ndarray, np.ndarray]] = [
        (Parabola(), np.array([[2.0]]), np.array([6.0])),
        (Proportional(), np.array([[15.0, 5.0], [5.0, 2.0]]), np.array([-3.0, 0.0])),
        (line, hessian, np.array(line.start) - best),
    ]
    for condition in (3.0, 100.0, 1e4):
        turn = np.pi / 6
        along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        bowl = np.outer(along, along) + condition * np.outer(across, across)
        grounds.append((Quadratic(condition=condition), bowl, np.array([-3.0, 1.0])))
    shares = (0.0003, 0.003, 0.03, 0.2, 0.6, 0.93, 0.99, 1.01, 1.1, 2.5)
    for (problem, hessian, away), optimizer, share, steps in product(grounds, OPTIMIZERS, shares, (60, 300)):
        rate = share * limit_of(optimizer, float(np.linalg.eigvalsh(hessian)[-1]))
        label = on_a_bowl(optimizer, rate, hessian, away, steps)
        run = Run(lr=rate, optimizer=optimizer)
        yield Labelled(f"{problem} {optimizer} {share} of the limit", one(problem, run, steps), label)


def texts() -> Iterator[Labelled]:
    """What the texts show."""
    for rate, label in (
        (0.01, "too_slow"),
        (0.99, "oscillating"),
        (1.0, "cycling"),
        (1.01, "diverged"),
        (0.5, "arrived"),
    ):
        yield Labelled(f"text 2, {rate}", replace(one(Parabola(), Run(lr=rate), 20), precision="float32"), label)
    run = Run(lr=0.2, schedule=Exponential(gamma=0.99))
    yield Labelled("text 2, decay", replace(one(Parabola(), run, 20), precision="float32"), "arrived")
    for rate, label in ((0.01, "arrived"), (0.1, "arrived"), (1.0, "stuck")):
        measured = replace(
            one(Proportional(), Run(lr=rate), 1000), precision="mixed", gradient=Gradient(mode="forward", eps=1e-4)
        )
        yield Labelled(f"text 1, {rate}", measured, label)
    yield Labelled("text 1, exact", one(Proportional(), Run(lr=1.0), 1000), "diverged")
    for rate, label in ((0.1, "arrived"), (0.7, "arrived"), (1.01, "diverged")):
        yield Labelled(f"text 4, {rate}", one(NoisyLine(), Run(lr=rate), 300), label)


def traps() -> Iterator[Labelled]:
    """Steps smaller than half the gap between numbers of the weight's precision, and rates of 0."""
    precisions: tuple[Precision, ...] = ("float32", "mixed")
    for precision, (start, rate) in product(precisions, ((5.0, 1e-9), (5.0, 1e-8), (1e6, 1e-9), (300.0, 2e-8))):
        run = Run(lr=rate, start=(start,))
        assert rate * 2 * (start + 1) < np.spacing(np.float32(start)) / 2
        yield Labelled(f"float32 trap {start} {rate}", replace(one(Parabola(), run, 100), precision=precision), "stuck")
    for problem in (Parabola(), Proportional(), NoisyLine()):
        yield Labelled(f"no rate {problem.key}", one(problem, Run(lr=0.0), 50), "stuck")
    far = Run(lr=1e-20, start=(4.0,))
    yield Labelled("double trap", one(Parabola(), far, 50), "stuck")


def cycles() -> Iterator[Labelled]:
    """Factors of exactly -1, and a valley whose slope does not shrink."""
    for start, steps in product((5.0, 2.0, -3.0, 100.0), (20, 61, 200)):
        yield Labelled(f"lr 1 from {start}", one(Parabola(), Run(lr=1.0, start=(start,)), steps), "cycling")
    for beta in (0.5, 0.25, 0.75):
        run = Run(lr=1 + beta, optimizer=SGD(momentum=beta))
        yield Labelled(f"momentum {beta} at its limit", one(Parabola(), run, 200), "cycling")
    begin = abs(Absolute().start[0])
    for rate, steps in product((0.07, 0.3, 0.9), (100, 300)):
        run = Run(lr=rate, start=(begin,))
        rest = begin % rate
        label = "cycling" if begin / rate < steps / 2 - 2 and min(rest, rate - rest) > 1e-3 else "?"
        yield Labelled(f"|w| with {rate}", one(Absolute(), run, steps), label)


def schedules() -> Iterator[Labelled]:
    """On (w + 1)² every schedule multiplies the distance by 1 - 2*rate, step after step."""
    T = 120
    t = np.arange(T)
    shapes: list[tuple[Schedule, np.ndarray]] = [
        (Exponential(gamma=0.99), 0.99**t),
        (Exponential(gamma=0.9), 0.9**t),
        (Exponential(gamma=0.5), 0.5**t),
        (Step(step_size=30, gamma=0.1), 0.1 ** (t // 30)),
        (Step(step_size=50, gamma=0.5), 0.5 ** (t // 50)),
        (Cosine(), (1 + np.cos(np.pi * t / T)) / 2),
        (Linear(), 1 - t / T),
        (Polynomial(power=2.0), (1 - t / T) ** 2),
    ]
    for (schedule, shape), rate in product(shapes, (0.0005, 0.003, 0.01, 0.03, 0.1, 0.3)):
        rates = rate * shape
        ways = np.cumprod(1 - 2 * rates) ** 2
        if ways[-1] <= 1e-4:
            label = "arrived"
        elif rates[-1] < 1e-3 * rates.max():
            label = "plateau"
        else:
            label = "too_slow" if ways[-1] > 0.1 else "converging"
        yield Labelled(f"{schedule} {rate}", one(Parabola(), Run(lr=rate, schedule=schedule), T), label)


def signs() -> Iterator[Labelled]:
    """Optimizers that go one rate a step, whatever the slope: what is left follows from how far they have come."""
    kinds: tuple[Optimizer, ...] = (Lion(), Adam(), Adam(beta1=0.5), RMSprop(alpha=0.0))
    for optimizer, (steps, came) in product(kinds, product((50, 200), (0.003, 0.02, 0.1, 0.5, 0.8))):
        if isinstance(optimizer, Adam) and came > 0.5:
            continue  # it goes less far as the slope falls
        share = (1 - came) ** 2
        label = "too_slow" if share > 0.15 else "converging"
        run = Run(lr=6 * came / steps, optimizer=optimizer)
        yield Labelled(f"{optimizer} came {came}", one(Parabola(), run, steps), label)


def others() -> Iterator[Labelled]:
    """Ground that is no bowl."""
    for rate, steps in product((1e-6, 1e-5, 1e-4, 1e-3, 3e-3), (100, 1000)):
        curved = 1 + 8 * 2.0**2 * rate * steps  # from w' = -4w³
        share = curved**-2.0
        label = "arrived" if share < 0.5e-4 else "too_slow" if share > 0.13 else "converging" if share < 0.08 else "?"
        yield Labelled(f"w⁴ {rate}", one(Flat(), Run(lr=rate), steps), label)
    for rate, start in product((0.001, 0.01, 0.1), ((2.4, 1.8), (4.0, 3.0), (0.0, 3.6))):
        yield Labelled(f"plateau {start}", one(Plateau(), Run(lr=rate, start=start), 60), "plateau")
    for rate, steps in product((0.05, 0.2, 0.4), (200, 1000)):
        yield Labelled(f"saddle {rate}", one(Saddle(), Run(lr=rate, start=(1.0, 0.1)), steps), "diverged")
    for rate, start in product((0.02, 0.1), (1.0, 4.0)):
        came = 120 * rate / start
        share = 1 - came
        label = "?" if came > 0.95 else "too_slow" if share > 0.1 else "converging"
        yield Labelled(f"|w| on its way {rate}", one(Absolute(), Run(lr=rate, start=(start,)), 120), label)


def noisy() -> Iterator[Labelled]:
    """Mini-batches: the noise floor is that of the book, lr*variance/(2 - lr*curvature) for each direction."""
    line = NoisyLine()
    data = line.data(0)
    best = np.array(line.optimum(data))
    rows = np.stack([data["x"], np.ones(len(data["x"]))], axis=1)
    hessian = 2 * rows.T @ rows / len(rows)
    bent, turned = np.linalg.eigh(hessian)
    misses = data["y"] - rows @ best
    slopes = (-2 * misses[:, None] * rows) @ turned
    away = turned.T @ (np.array(line.start) - best)
    begin = 0.5 * (bent * away**2).sum()
    rates = (1e-5, 1e-4, 3e-4, 0.02, 0.05, 0.1, 0.2, 0.3, 2.5, 4.0, 10.0)
    for size, rate, (seed, steps) in product((1, 2, 5, 20), rates, ((0, 600), (3, 100))):
        with np.errstate(all="ignore"):
            mean = 0.5 * (bent * (away * (1 - rate * bent) ** steps) ** 2).sum() / begin
            floor = 0.5 * (rate * slopes.var(axis=0) / size / (2 - rate * bent)).sum() / begin
        if rate > 2 / bent[-1] * 2:  # every batch is too steep for it
            label = "diverged"
        elif mean > 0.2:
            label = "too_slow"
        elif mean < 1e-6 and floor > 1e-3:
            label = "plateau"
        else:
            label = "?"
        experiment = replace(one(line, Run(lr=rate), steps), batch_size=size, seed=seed)
        yield Labelled(f"batches of {size}", experiment, label)


def labelled() -> list[Labelled]:
    """All runs that have a label; "?" marks those of which theory does not say enough."""
    groups = (bowls, texts, traps, cycles, schedules, signs, others, noisy)
    return [case for group in groups for case in group() if case.label != "?"]
