"""What schedules with rates, lists, words and texts of their own give and refuse."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrstudio.core.schedules import (
    SCHEDULES,
    Cosine,
    Custom,
    Cyclic,
    Exponential,
    InverseSqrt,
    MultiStep,
    OneCycle,
    Plateau,
    Schedule,
    Step,
    Warmup,
)
from lrstudio.core.schedules.decays.multistep import MOST_MILESTONES
from lrstudio.core.schedules.own.custom import MOST_POINTS, read_points, write_points
from lrstudio.engine.training.rates import schedule_groups


def rates(schedule: Schedule, steps: int, horizon: int = 40, lr: float = 0.2) -> np.ndarray:
    (group,) = schedule_groups([schedule], [horizon], np.array([lr]), [1])
    with np.errstate(all="ignore"):
        return group.rule.rates(np.arange(steps), horizon, np.array([lr]))[:, 0]


def triangle(t: int) -> float:
    up = t % 10
    return 0.05 + 0.15 * (up / 5 if up <= 5 else (10 - up) / 5)


def warmed(t: int) -> float:
    return 0.2 * (0.1 + 0.9 * t / 8) if t < 8 else 0.1 * (1 + math.cos(math.pi * (t - 8) / 32))


@pytest.mark.parametrize(
    ("schedule", "rate"),
    [
        (MultiStep(), lambda t: 0.2 * 0.1 ** ((t >= 30) + (t >= 80))),
        (MultiStep(milestones=tuple(range(1, 65)), gamma=0.9), lambda t: 0.2 * 0.9 ** min(t, 64)),
        (Cyclic(step_size_up=5), triangle),
        (InverseSqrt(), lambda t: 0.2 / math.sqrt(t + 1)),
        (InverseSqrt(warmup_steps=10), lambda t: 0.2 * min((t + 1) / 10, math.sqrt(10 / (t + 1)))),
        (Warmup(total_iters=8, start_factor=0.1, after="cosine"), warmed),
        (Warmup(total_iters=60, start_factor=0, after="cosine"), lambda t: 0.2 * t / 60 if t <= 60 else None),
        (Warmup(total_iters=3, start_factor=1, after="constant"), lambda t: 0.2),
        (Custom(points="5:0.3"), lambda t: 0.3),
        (Custom(points="0:1+4:1e-9+9:2"), lambda t: np.interp(t, [0, 4, 9], [1, 1e-9, 2])),
        (Custom(points="3:0.5+7:0.1+8:0.4", between="hold"), lambda t: 0.5 if t < 7 else 0.1 if t < 8 else 0.4),
    ],
    ids=lambda value: "" if callable(value) else repr(value),
)
def test_the_rate_of_every_step(schedule: Schedule, rate: Callable[[int], Any]) -> None:
    found = rates(schedule, 100)
    expected = [rate(t) for t in range(100)]
    known = [t for t in range(100) if expected[t] is not None]
    np.testing.assert_allclose(found[known], [expected[t] for t in known], rtol=1e-9, atol=1e-15)


def test_many_points_are_met() -> None:
    points = [(3 * index, 0.1 + (index * 7 % 5) / 10) for index in range(MOST_POINTS)]
    found = rates(Custom(points=write_points(points)), 3 * MOST_POINTS)
    steps, values = zip(*points, strict=True)
    np.testing.assert_allclose(found, np.interp(np.arange(3 * MOST_POINTS), steps, values), rtol=1e-12)


def test_points_read_back_to_the_same_numbers() -> None:
    points = ((0, 0.1), (7, 1e-300), (8, 1e300), (10**9, 1 / 3), (10**9 - 0, 0.0))[:4]
    assert read_points(write_points(points)) == points


def test_rates_that_are_not_given_are_multiples_of_the_runs() -> None:
    assert rates(OneCycle(), 40).max() == pytest.approx(0.2, rel=0.01)
    assert rates(OneCycle(), 40)[0] == 0.2 / 25
    assert rates(OneCycle(), 60)[39:].tolist() == [rates(OneCycle(), 40)[39]] * 21
    assert rates(Cyclic(step_size_up=2), 3).tolist() == pytest.approx([0.05, 0.125, 0.2])
    assert rates(Cyclic(step_size_up=2, max_lr=1.0), 3).tolist() == pytest.approx([0.05, 0.525, 1.0])


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 1000])
@pytest.mark.parametrize("kind", SCHEDULES, ids=lambda kind: kind.key)
def test_what_suits_so_many_steps_is_a_rate_at_every_one(kind: type[Schedule], steps: int) -> None:
    found = rates(kind.suited(steps, 0.2), steps + 3, horizon=steps)
    assert ((found >= 0) & (found <= 0.2 * (1 + 1e-12))).all()
    if steps == 1000 and kind.key not in ("constant", "plateau", "greedy"):
        assert found.max() > 1.5 * found.min()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: MultiStep(milestones=(3, 3)), "milestones = (3, 3): must be whole numbers"),
        (lambda: MultiStep(milestones=(0,)), "must be whole numbers from 1"),
        (lambda: MultiStep(milestones=tuple(range(1, MOST_MILESTONES + 2))), "milestones: 65 numbers; at most 64"),
        (lambda: Cyclic(mode="square"), "mode = 'square': must be one of triangular, triangular2, exp_range"),
        (lambda: OneCycle(three_phase=True, pct_start=0.6), "pct_start: must be at most 0.5"),
        (lambda: Plateau(factor=1), "factor = 1: must be a number from 0 to 0.999999"),
        (lambda: Warmup(after="cosin"), "after: unknown schedule 'cosin'; there are constant,"),
        (lambda: Warmup(after="cosine(T_max=50"), "after: 'cosine(T_max=50': the ( is not closed at the end"),
        (lambda: Warmup(after="cosine(50)"), "after: '50': must be name=value"),
        (lambda: Warmup(after="cosine(T_max=1,T_max=2)"), "after: T_max is given twice"),
        (lambda: Warmup(after="cosine(T_min=50)"), "after: cosine has no parameter 'T_min'; it has T_max, eta_min"),
        (lambda: Warmup(after="cosine(T_max=0)"), "after: T_max = 0: must be a whole number from 1"),
        (lambda: Warmup(after="warmup"), "after: a warm-up cannot follow a warm-up"),
        (lambda: Custom(points="0:0.1+"), "points: '' must be step:rate"),
        (lambda: Custom(points="0.5:0.1"), "points: '0.5:0.1' must be step:rate"),
        (lambda: Custom(points="0:0.1+0:0.2"), "points: step 0 comes after 0: steps must rise"),
        (lambda: Custom(points="-1:0.1"), "points: '-1:0.1': a step must be a whole number from 0"),
        (lambda: Custom(points="0:nan"), "a rate a finite number of at least 0"),
        (lambda: Custom(points="+".join(f"{t}:1" for t in range(31))), "points: 31 of them; at most 30"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(make: Callable[[], Schedule], says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*" + re.escape(says) + r"[^\n]*$"):
        make()


@pytest.mark.parametrize(
    "kind", [kind for kind in SCHEDULES if kind is not Warmup and not kind().follows_loss], ids=lambda kind: kind.key
)
def test_every_other_schedule_can_follow_a_warm_up(kind: type[Schedule]) -> None:
    found = rates(Warmup(total_iters=10, after=kind.key), 50, horizon=50)
    np.testing.assert_allclose(found[10:], rates(kind(), 40, horizon=40), rtol=1e-12)


@pytest.mark.parametrize(
    ("after", "inner"),
    [
        (
            f"multistep(milestones={'+'.join(map(str, range(1, 1 + MOST_MILESTONES)))},gamma=0.9)",
            MultiStep(milestones=tuple(range(1, 1 + MOST_MILESTONES)), gamma=0.9),
        ),
        (
            f"custom(points={'+'.join(f'{t}:{t % 3}' for t in range(MOST_POINTS))})",
            Custom(points="+".join(f"{t}:{t % 3}" for t in range(MOST_POINTS))),
        ),
        ("cyclic(mode=exp_range,step_size_up=3,gamma=0.9)", Cyclic(mode="exp_range", step_size_up=3, gamma=0.9)),
        ("one_cycle(three_phase=true)", OneCycle(three_phase=True)),
    ],
)
def test_the_longest_rules_fit_after_a_warm_up(after: str, inner: Schedule) -> None:
    found = rates(Warmup(total_iters=10, after=after), 100, horizon=100)
    np.testing.assert_allclose(found[10:], rates(inner, 90, horizon=90), rtol=1e-12)


def test_runs_of_one_rule_are_computed_together() -> None:
    schedules = [
        Step(step_size=3),
        MultiStep(milestones=(3, 9)),
        Cyclic(),
        Step(step_size=4),
        MultiStep(milestones=(5, 8)),
        Cyclic(mode="triangular2"),
        Warmup(after="exponential(gamma=0.9)"),
        Warmup(after="exponential(gamma=0.8)", total_iters=3),
        Exponential(),
        Cosine(),
    ]
    assert (
        len(schedule_groups(schedules, [40] * len(schedules), np.full(len(schedules), 0.2), [1] * len(schedules))) == 7
    )
