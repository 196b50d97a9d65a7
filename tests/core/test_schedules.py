"""Schedules against the loops that their definitions are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lrstudio.core.schedules import (
    SCHEDULES,
    Constant,
    ConstantLR,
    Cosine,
    CosineRestarts,
    Exponential,
    InverseTime,
    Linear,
    Polynomial,
    Schedule,
    Step,
)
from lrstudio.engine.training.rates import schedule_groups


def rates(schedule: Schedule, steps: int, horizon: int = 40, lr: float = 0.2) -> np.ndarray:
    (group,) = schedule_groups([schedule], [horizon], np.array([lr]), [1])
    with np.errstate(all="ignore"):
        return group.rule.rates(np.arange(steps), horizon, np.array([lr]))[:, 0]


def restarts(t_0: int, t_mult: int, eta_min: float) -> Callable[[int], float]:
    def rate(t: int) -> float:
        length, since = t_0, t
        while since >= length:
            since, length = since - length, length * t_mult
        return eta_min + (0.2 - eta_min) * (1 + math.cos(math.pi * since / length)) / 2

    return rate


@pytest.mark.parametrize(
    ("schedule", "rate"),
    [
        (Constant(), lambda t: 0.2),
        (Exponential(gamma=0.9), lambda t: 0.2 * 0.9**t),
        (Exponential(gamma=0.9, decay_steps=7), lambda t: 0.2 * 0.9 ** (t / 7)),
        (Exponential(gamma=0.9, decay_steps=7, staircase=True), lambda t: 0.2 * 0.9 ** (t // 7)),
        (Exponential(gamma=0.0), lambda t: 0.2 if t == 0 else 0.0),
        (Step(), lambda t: 0.2 * 0.1 ** (t // 10)),
        (Step(step_size=3, gamma=0.5), lambda t: 0.2 * 0.5 ** (t // 3)),
        (Cosine(), lambda t: 0.1 * (1 + math.cos(math.pi * t / 40))),
        (Cosine(T_max=9, eta_min=0.05), lambda t: 0.05 + 0.075 * (1 + math.cos(math.pi * t / 9))),
        (CosineRestarts(), restarts(40, 1, 0)),
        (CosineRestarts(T_0=1), restarts(1, 1, 0)),
        (CosineRestarts(T_0=7, eta_min=0.01), restarts(7, 1, 0.01)),
        (CosineRestarts(T_0=1, T_mult=2), restarts(1, 2, 0)),
        (CosineRestarts(T_0=3, T_mult=3), restarts(3, 3, 0)),
        (CosineRestarts(T_0=10, T_mult=7), restarts(10, 7, 0)),
        (CosineRestarts(T_0=2, T_mult=100), restarts(2, 100, 0)),
        (Linear(), lambda t: 0.2 * (1 - min(t, 40) / 40)),
        (Linear(start_factor=0.5, end_factor=2, total_iters=8), lambda t: 0.2 * (0.5 + 1.5 * min(t, 8) / 8)),
        (Polynomial(), lambda t: 0.2 * (1 - min(t, 40) / 40)),
        (Polynomial(total_iters=9, end_lr=0.05, power=2), lambda t: 0.05 + 0.15 * (1 - min(t, 9) / 9) ** 2),
        (InverseTime(decay_rate=0.5, decay_steps=3), lambda t: 0.2 / (1 + 0.5 * t / 3)),
        (InverseTime(decay_rate=0.5, decay_steps=3, staircase=True), lambda t: 0.2 / (1 + 0.5 * (t // 3))),
        (ConstantLR(factor=0.25, total_iters=7), lambda t: 0.05 if t < 7 else 0.2),
        (Polynomial(total_iters=9, power=2.5), lambda t: 0.2 * (1 - min(t, 9) / 9) ** 2.5),
    ],
    ids=lambda value: "" if callable(value) else repr(value),
)
def test_the_rate_of_every_step(schedule: Schedule, rate: Callable[[int], float]) -> None:
    np.testing.assert_allclose(rates(schedule, 1000), [rate(t) for t in range(1000)], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("t_0", "t_mult"), [(1, 1), (7, 1), (1_000_003, 1), (1, 2), (3, 2), (1, 3), (5, 10), (999, 2), (1, 99)]
)
def test_a_restart_is_at_its_very_step_however_late(t_0: int, t_mult: int) -> None:
    (group,) = schedule_groups([CosineRestarts(T_0=t_0, T_mult=t_mult)], [10**8], np.ones(1), [1])
    begins: list[int] = []
    length, begin = t_0, 0
    while begin + length <= 10**8 and len(begins) < 200:
        begin, length = begin + length, length * t_mult
        begins.append(begin)
    t = np.array(begins)
    at = group.rule.rates(t, 10**8, np.ones(1))[:, 0]
    np.testing.assert_allclose(at, 1, rtol=1e-9)
    if t_0 > 1:
        before = group.rule.rates(t - 1, 10**8, np.ones(1))[:, 0]
        assert (before < 0.6).all()


OWN_START = ("cyclic", "one_cycle", "constant_lr", "warmup", "warmup_stable_decay", "product", "custom")


@pytest.mark.parametrize("kind", [kind for kind in SCHEDULES if kind.key not in OWN_START], ids=lambda kind: kind.key)
def test_every_schedule_starts_at_the_rate_and_stays_a_rate(kind: type[Schedule]) -> None:
    found = rates(kind(), 200, horizon=200)
    assert found[0] == 0.2
    assert ((found >= 0) & (found <= 0.2)).all()


@pytest.mark.parametrize(
    ("schedule", "end"), [(Cosine(), 40), (Linear(), 40), (Polynomial(), 40), (CosineRestarts(), None)]
)
def test_a_length_that_is_not_given_is_the_number_of_steps(schedule: Schedule, end: int | None) -> None:
    found = rates(schedule, 41)
    assert found[39] > 0
    assert found[40] == (0.2 if end is None else pytest.approx(0, abs=1e-17))
