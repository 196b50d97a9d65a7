"""Curved ground under every kind of optimizer, run here anew in plain numpy: the true minimum decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.optimizers import SGD, Adadelta, Adagrad, Adam, Optimizer, RMSprop
from lrstudio.core.problems import Beale, Booth, Formula, Himmelblau, Problem, Quadratic, Rosenbrock
from tests.verdict_truth.group import Group, Label, group, label

Ground = Callable[[Array, Array], tuple[Array, Array, Array]]
"""Loss and both slopes at x, y."""


def rosenbrock(x: Array, y: Array) -> tuple[Array, Array, Array]:
    bend = y - x * x
    return (1 - x) ** 2 + 100 * bend**2, -2 * (1 - x) - 400 * x * bend, 200 * bend


def booth(x: Array, y: Array) -> tuple[Array, Array, Array]:
    one, other = x + 2 * y - 7, 2 * x + y - 5
    return one**2 + other**2, 2 * one + 4 * other, 4 * one + 2 * other


def himmelblau(x: Array, y: Array) -> tuple[Array, Array, Array]:
    one, other = x * x + y - 11, x + y * y - 7
    return one**2 + other**2, 4 * x * one + 2 * other, 2 * one + 4 * y * other


def beale(x: Array, y: Array) -> tuple[Array, Array, Array]:
    parts = [(c - x + x * y**n, y**n - 1, n * x * y ** (n - 1)) for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))]
    loss, dx, dy = (sum(values) for values in zip(*((r * r, 2 * r * a, 2 * r * b) for r, a, b in parts), strict=True))
    return np.asarray(loss), np.asarray(dx), np.asarray(dy)


def steep(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Half of x^2 + 40 y^2, turned by 30 degrees."""
    c, s = np.cos(np.pi / 6), 0.5
    u, v = c * x + s * y, -s * x + c * y
    return u * u / 2 + 20 * v * v, c * u - 40 * s * v, s * u + 40 * c * v


FORMULA = Formula(loss="(1 - x)^2 + 100*(y - x^2)^2")
GROUNDS: tuple[tuple[Problem, Ground, Array, tuple[tuple[float, float], ...]], ...] = (
    (Rosenbrock(), rosenbrock, np.array([[1.0, 1.0]]), ((-1.2, 1.0), (0.0, 2.0))),
    (FORMULA, rosenbrock, np.array([[1.0, 1.0]]), ((-1.2, 1.0), (0.0, 2.0))),
    (Booth(), booth, np.array([[1.0, 3.0]]), ((-5.0, -4.0),)),
    (Beale(), beale, np.array([[3.0, 0.5]]), ((1.0, 1.0), (2.0, -0.5))),
    (Quadratic(condition=40.0), steep, np.array([[0.0, 0.0]]), ((-3.0, 1.0), (1.0, 3.0))),
    (
        Himmelblau(),
        himmelblau,
        np.array([[3.0, 2.0], [-2.805118, 3.131312], [-3.779310, -3.283186], [3.584428, -1.848126]]),
        ((0.0, 0.0), (-1.0, 4.0)),
    ),
)
RATES = np.geomspace(1e-5, 10, 13)


def update(optimizer: Optimizer, t: int, g: Array, state: list[Array]) -> Array:
    """What a rate of 1 takes away at update t (from 1): the rules of the papers; state is two arrays."""
    match optimizer:
        case SGD():
            state[0] = optimizer.momentum * state[0] + g
            return g + optimizer.momentum * state[0] if optimizer.nesterov else state[0]
        case Adam():
            state[0] = optimizer.beta1 * state[0] + (1 - optimizer.beta1) * g
            state[1] = optimizer.beta2 * state[1] + (1 - optimizer.beta2) * g * g
            size = np.sqrt(state[1] / (1 - optimizer.beta2**t)) + optimizer.eps
            return state[0] / (1 - optimizer.beta1**t) / size
        case RMSprop():
            state[1] = optimizer.alpha * state[1] + (1 - optimizer.alpha) * g * g
            return g / (np.sqrt(state[1]) + optimizer.eps)
        case Adagrad():
            state[1] = state[1] + g * g
            return g / (np.sqrt(state[1]) + optimizer.eps)
        case Adadelta():
            state[1] = optimizer.rho * state[1] + (1 - optimizer.rho) * g * g
            move = g * np.sqrt((state[0] + optimizer.eps) / (state[1] + optimizer.eps))
            state[0] = optimizer.rho * state[0] + (1 - optimizer.rho) * move * move
            return np.asarray(move)
    raise ValueError(optimizer)


def trained(ground: Ground, optimizer: Optimizer, start: tuple[float, float], steps: int) -> tuple[Array, Array]:
    """Losses (steps + 1, R) and points (steps + 1, R, 2)."""
    w = np.tile(start, (len(RATES), 1))
    state, losses, points = [np.zeros_like(w), np.zeros_like(w)], [], []
    for t in range(steps + 1):
        loss, dx, dy = ground(w[:, 0], w[:, 1])
        losses.append(loss)
        points.append(w)
        w = w - RATES[:, None] * update(optimizer, t + 1, np.stack([dx, dy], axis=1), state)
    return np.array(losses), np.array(points)


def _label(losses: Array, points: Array, minima: Array) -> Label:
    begin, half = losses[0], len(losses) // 2
    if not np.isfinite(losses).all() or not np.isfinite(points).all():
        return label("diverged")
    away = np.sqrt(((points[[0, -1], None] - minima) ** 2).sum(axis=2))
    nearest = int(away[1].argmin())
    share, far = losses[-2:].max() / begin, away[1, nearest] / away[0, nearest]
    moves = np.diff(points, axis=0)
    straight = ((moves[1:] * moves[:-1]).sum(axis=1) >= 0)[half - 1 :].all()
    falls = losses[half:].max() < losses[:half].max() and losses[-1] < begin / 2
    if losses[-1] < begin * 0.5e-4 and share < 0.5e-4 and far < 0.03:
        # a direction with little to go may have much of it left
        little = {"converging", "too_slow", "oscillating"} if far > 0.009 else set()
        return frozenset({"arrived"} | little)
    if far > 0.2 and share > 3e-4 and straight and (np.diff(losses) <= 0).all():
        slow = {"too_slow", "plateau"} if share > 0.13 else {"too_slow", "plateau", "converging"}
        return frozenset(slow)
    if falls and share > 3e-4:
        return label("converging", "too_slow", "oscillating", "plateau", "cycling")
    return None


def groups() -> Iterator[Group]:
    optimizers: tuple[Optimizer, ...] = (
        SGD(), SGD(momentum=0.9), SGD(momentum=0.9, nesterov=True), Adam(), Adam(beta1=0.5, beta2=0.9), RMSprop(),
        Adagrad(), Adadelta(),
    )  # fmt: skip
    for (problem, ground, minima, starts), optimizer in product(GROUNDS, optimizers):
        for start, steps in zip(starts, (300, 120), strict=False):
            with np.errstate(all="ignore"):
                losses, points = trained(ground, optimizer, start, steps)
                labels = [_label(losses[:, run], points[:, run], minima) for run in range(len(RATES))]
            yield group(problem, steps, RATES, labels, optimizer=optimizer, start=start)
