"""Bowls: the directions of the Hessian do not mix, so each follows a recurrence of two numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import NoisyLine, Parabola, Problem, Proportional, Quadratic
from lrstudio.core.schedules import Constant, Cosine, Exponential, Linear, Polynomial, Schedule, Step
from lrstudio.engine.sweep.axis import Axis
from tests.verdict_truth.group import Group, Label, group, label

OPTIMIZERS = (
    SGD(),
    SGD(momentum=0.5),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(momentum=0.5, nesterov=True),
    SGD(momentum=0.9, dampening=0.9),
    SGD(momentum=0.5, dampening=0.5),
)
SHARES = (0.0003, 0.003, 0.03, 0.1, 0.2, 0.45, 0.6, 0.8, 0.93, 0.99, 1.01, 1.1, 2.5)
"""Of the largest rate that is stable."""


def limit_of(optimizer: SGD, h: float) -> float:
    """The book's table."""
    beta = optimizer.momentum
    if optimizer.nesterov:
        return 2 * (1 + beta) / (h * (1 + 2 * beta))
    return 2 * (1 + beta) / (h * (1 - optimizer.dampening)) if beta else 2 / h


def root(optimizer: SGD, rates: Array, bent: Array) -> Array:
    """The slower root (R, P) of one step of (distance, buffer), as PyTorch's documentation writes it."""
    beta, tau = optimizer.momentum, optimizer.dampening
    push = rates[:, None] * bent * (1 - tau)
    if beta == 0:
        return (1 - rates[:, None] * bent).astype(complex)
    if optimizer.nesterov:
        trace, determinant = 1 + beta - push * (1 + beta), beta * (1 - push)
    else:
        trace, determinant = 1 + beta - push, beta + 0 * push
    spread = np.sqrt((trace**2 - 4 * determinant).astype(complex))
    both = np.stack([(trace + spread) / 2, (trace - spread) / 2])
    return np.take_along_axis(both, np.abs(both).argmax(axis=0)[None], 0)[0]


def ways(optimizer: SGD, rates: Array, bent: Array, begin: Array) -> Array:
    """The distances (steps + 1, R, P) of runs with the rates (steps, R), which begin at distances (R, P)."""
    beta, tau = optimizer.momentum, optimizer.dampening
    x, buffer, found = begin, np.zeros_like(begin), [begin]
    for step, rate in enumerate(rates):
        slope = bent * x
        buffer = slope if step == 0 else beta * buffer + (1 - tau) * slope
        ahead = slope + beta * buffer if optimizer.nesterov else buffer
        x = x - rate[:, None] * (ahead if beta else slope)
        found.append(x)
    return np.array(found)


def labels_on_a_bowl(optimizer: SGD, rates: Array, bent: Array, begin: Array, steps: int) -> list[Label]:
    """The labels of runs with rates (R,) that begin at distances (R, P) along the curvatures (P,)."""
    with np.errstate(all="ignore"):
        x = ways(optimizer, np.tile(rates, (steps, 1)), bent, begin)
        slower = root(optimizer, rates, bent)
        return [_label(x[:, run], slower[run], bent, steps) for run in range(len(rates))]


def _label(x: Array, roots: Array, bent: Array, steps: int) -> Label:
    height = 0.5 * (bent * x**2).sum(axis=1)
    size = np.abs(roots)
    if size.max() > 1 + 1e-9:
        worst = int(size.argmax())
        visible = size[worst] ** steps > 1.02 and bent[worst] * x[-1, worst] ** 2 / 2 > 0.5 * height[0]
        return label("diverged") if not np.isfinite(height[-1]) or visible else None
    share, far = max(height[-2:]) / height[0], np.abs(x[-1] / x[0]).max()
    if share <= 0.7e-4 and far <= 0.07:
        return label("arrived")
    if share <= 1.5e-4 and far <= 0.15:
        return None
    half = steps // 2
    slopes = np.abs(bent * x[half:]).max(axis=0)
    angle = np.abs(np.angle(roots))
    main = slopes > 0.02 * slopes.max()
    turning = np.where(angle > 1e-9, 2 * np.pi / np.maximum(angle, 1e-9), np.inf)  # steps of a swing
    if (np.abs(size - 1) <= 1e-9)[main].all() and (angle[main] > 1e-9).all():
        return label("cycling")
    way = max(share, far**2)
    ends = label(*(["too_slow"] if way > 0.075 else []), *(["converging"] if way < 0.13 else []))
    assert ends is not None
    if (turning[slopes > 1e-5 * slopes.max()] == np.inf).all():
        return ends
    if (turning[main] < steps / 8).all() and size[main].max() > 0.3:
        return label("oscillating")
    return ends | {"oscillating"} if (turning[main] < 2 * steps).any() else None


def grounds() -> Iterator[tuple[Problem, Array, Array]]:
    """Problems, their Hessians, and their minima."""
    line = NoisyLine()
    data = line.data(0)
    x = data["x"]
    yield Parabola(), np.array([[2.0]]), np.array([-1.0])
    yield Proportional(), np.array([[15.0, 5.0], [5.0, 2.0]]), np.array([3.0, 0.0])
    yield line, 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]]), np.array(line.optimum(data))
    for condition in (3.0, 30.0, 100.0, 1e3, 1e4, 1e5):
        turn = np.pi / 6
        along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        yield (
            Quadratic(condition=condition),
            np.outer(along, along) + condition * np.outer(across, across),
            np.zeros(2),
        )


def constant() -> Iterator[Group]:
    for (problem, hessian, best), optimizer, steps in product(grounds(), OPTIMIZERS, (60, 300)):
        bent, turned = np.linalg.eigh(hessian)
        rates = np.array(SHARES) * limit_of(optimizer, float(bent[-1]))
        own = np.array(problem.start)
        firsts = (float(own[0]), float(own[0]) + 3.5) if isinstance(problem, Quadratic) else (float(own[0]),)
        labels: list[Label] = []
        for first in firsts:
            away = (np.array([first, *own[1:]]) - best) @ turned
            labels += labels_on_a_bowl(optimizer, rates, bent, np.tile(away, (len(rates), 1)), steps)
        over = Axis(f"start.{problem.names[0]}", firsts) if len(firsts) > 1 else None
        yield group(problem, steps, rates, labels, optimizer=optimizer, over=over)


def float32() -> Iterator[Group]:
    """What single precision does not change: bowls away from their borders."""
    bent, away = np.array([2.0]), np.array([6.0])
    for optimizer, steps in product(OPTIMIZERS, (60, 200)):
        rates = np.array(SHARES) * limit_of(optimizer, 2.0)
        labels = labels_on_a_bowl(optimizer, rates, bent, np.tile(away, (len(rates), 1)), steps)
        yield group(Parabola(), steps, rates, labels, optimizer=optimizer, precision="float32")


T = 160
_t = np.arange(float(T))
SCHEDULES: tuple[tuple[Schedule, Array], ...] = (
    (Constant(), 1 + 0 * _t),
    (Exponential(gamma=0.99), 0.99**_t),
    (Exponential(gamma=0.9), 0.9**_t),
    (Exponential(gamma=0.5), 0.5**_t),
    (Step(step_size=30, gamma=0.1), 0.1 ** (_t // 30)),
    (Step(step_size=50, gamma=0.5), 0.5 ** (_t // 50)),
    (Cosine(), (1 + np.cos(np.pi * _t / T)) / 2),
    (Linear(), 1 - _t / T),
    (Polynomial(power=2.0), (1 - _t / T) ** 2),
    (Exponential(gamma=1.02), 1.02**_t),
    (Exponential(gamma=1.05), 1.05**_t),
    (Linear(start_factor=0.1, end_factor=4.0), 0.1 + 3.9 * _t / T),
)
"""And by what the rate is multiplied at each step."""


def schedules() -> Iterator[Group]:
    """Gradient descent multiplies every distance by 1 - rate*curvature, step after step."""
    hessians = (
        (Parabola(), np.array([2.0]), np.array([6.0])),
        (Quadratic(condition=10.0), *_directions(10.0)),
        (Quadratic(condition=1000.0), *_directions(1000.0)),
    )
    for (problem, bent, away), (schedule, shape) in product(hessians, SCHEDULES):
        rates = np.geomspace(0.0003, 1.8, 14) / bent[-1]
        used = shape[:, None] * rates
        with np.errstate(all="ignore"):
            x = ways(SGD(), used, bent, np.tile(away, (len(rates), 1)))
            labels = [_scheduled(x[:, run], used[:, run], bent) for run in range(len(rates))]
        yield group(problem, T, rates, labels, schedule=schedule)


def _directions(condition: float) -> tuple[Array, Array]:
    turn = np.pi / 6
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.array([1.0, condition]), np.array(Quadratic().start) @ turned


def _scheduled(x: Array, rates: Array, bent: Array) -> Label:
    height = 0.5 * (bent * x**2).sum(axis=1)
    share, far = max(height[-2:]) / height[0], np.abs(x[-1] / x[0]).max()
    grows = rates[-1] * bent[-1] > 2
    if np.abs(x).max(axis=1).min() < 1e-13:  # lost in the rounding of weights that are not 0
        return None
    if not np.isfinite(height[-1]) or (grows and share > 20):
        return label("diverged")
    if share <= 0.7e-4 and far <= 0.07:
        return label("arrived", "diverged") if grows else label("arrived")
    if grows or (share <= 1.5e-4 and far <= 0.15):
        return None
    way = max(share, far**2)
    ends = {"too_slow"} if way > 0.075 else set()
    ends |= {"converging"} if way < 0.13 else set()
    if rates[-1] < 0.5e-3 * rates[0]:
        return label("plateau")
    if rates[-1] < 2e-3 * rates[0]:
        ends.add("plateau")
    swings = (rates[len(rates) // 2 :, None] * bent > 1).any(axis=0)
    if swings.any():
        slopes = np.abs(bent * x[len(rates) // 2 :]).max(axis=0)
        ends |= {"oscillating"} if (slopes[swings] > 1e-6 * slopes.max()).any() else set()
    return frozenset(ends)


def groups() -> Iterator[Group]:
    yield from constant()
    yield from float32()
    yield from schedules()
