"""Limits against the book's table, and against the optimizers' own rules, stepped without mercy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import UpdateRule
from lrstudio.core.optimizers import (
    ASGD,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    NAdam,
    Newton,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
    Rule,
    ScheduleFreeAdamW,
    ScheduleFreeSGD,
)
from lrstudio.core.optimizers.recurrence import Recurrence

TABLE = [
    (SGD(), lambda h: 2 / h),
    (SGD(momentum=0.9), lambda h: 2 * 1.9 / h),
    (SGD(momentum=0.5), lambda h: 3 / h),
    (SGD(momentum=0.9, nesterov=True), lambda h: 2 * 1.9 / (2.8 * h)),
    (SGD(momentum=0.3, nesterov=True), lambda h: 2 * 1.3 / (1.6 * h)),
    (SGD(momentum=0.9, dampening=0.9), lambda h: 2 * 1.9 / (0.1 * h)),
    (Adam(), lambda h: 38 / h),
    (RMSprop(), lambda h: 2 / h),
]
STEPPED = [
    SGD(),
    SGD(weight_decay=0.7),
    SGD(momentum=0.9),
    SGD(momentum=0.6, dampening=0.4, weight_decay=0.3),
    SGD(momentum=0.9, dampening=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(momentum=0.7, nesterov=True, weight_decay=0.2),
    SGD(dampening=0.5),
]


def law(optimizer: Optimizer, step: int | None = None) -> Recurrence:
    found = optimizer.recurrence(step)
    assert found is not None
    return found


def stability_limit(optimizer: Optimizer, curvatures: Array, step: int | None = None) -> float:
    return law(optimizer, step).stability_limit(curvatures)


def factors(optimizer: Optimizer, rates: Array, curvatures: Array, step: int | None = None) -> Array:
    return law(optimizer, step).factors(rates, curvatures)


def growth(optimizer: Optimizer, rates: np.ndarray, curvature: float, steps: int = 4000) -> np.ndarray:
    """The factor per step of each rate on curvature*w²/2, measured over the second half of many steps."""
    hyper = {name: np.full(len(rates), value) for name, value in optimizer.numbers().items()}
    rule = UpdateRule(optimizer.rule, hyper, np.dtype(np.float64))
    w = np.ones((len(rates), 1))
    state = [np.zeros_like(w) for _ in rule.state_names]
    log, sizes = np.zeros(len(rates)), []
    for row in rule.ahead(0, np.broadcast_to(rates, (steps, len(rates)))):
        w, *state = rule.step(w, curvature * w, *state, *row)
        size = np.sqrt(sum(part**2 for part in (w, *state)))[:, 0]  # never 0, unlike w of a swing
        log += np.log(size)
        sizes.append(log.copy())
        w, state = w / size[:, None], [part / size[:, None] for part in state]
    return np.exp((sizes[-1] - sizes[steps // 2]) / (steps - 1 - steps // 2))


@pytest.mark.parametrize(("optimizer", "limit"), TABLE)
@pytest.mark.parametrize("curvature", [0.3, 2.0, 16.7006])
def test_the_limits_are_those_of_the_table(optimizer: Optimizer, limit: Any, curvature: float) -> None:
    assert stability_limit(optimizer, np.array([curvature / 9, curvature])) == pytest.approx(limit(curvature))


def test_the_numbers_of_the_texts() -> None:
    assert stability_limit(SGD(), np.array([0.2994, 16.70])) == pytest.approx(0.1198, abs=1e-4)
    assert stability_limit(SGD(momentum=0.9, nesterov=True), np.array([1.0])) == pytest.approx(1.357, abs=1e-3)
    assert factors(SGD(), np.array([0.01, 0.99, 1.0, 0.5]), np.array([2.0])) == pytest.approx([0.98, 0.98, 1, 0])


@pytest.mark.parametrize("optimizer", STEPPED, ids=repr)
@pytest.mark.parametrize("curvature", [0.5, 3.0])
def test_factors_are_what_the_optimizers_rule_does(optimizer: Optimizer, curvature: float) -> None:
    limit = stability_limit(optimizer, np.array([curvature]))
    rates = limit * np.array([0.01, 0.1, 0.35, 0.77, 0.97, 0.999, 1.001, 1.03, 2.0])
    predicted = factors(optimizer, rates, np.array([curvature]))
    measured = growth(optimizer, rates, curvature)
    assert predicted == pytest.approx(measured, rel=2e-3)
    assert ((measured < 1) == (rates < limit)).all()


@pytest.mark.parametrize("optimizer", STEPPED, ids=repr)
def test_the_limit_is_where_the_factor_is_1(optimizer: Optimizer) -> None:
    bent = np.array([0.2, 1.0, 7.0])
    limit = stability_limit(optimizer, bent)
    assert factors(optimizer, np.array([limit]), bent) == pytest.approx([1.0], abs=1e-9)


def frozen(kind: str, rate: float, h: float, beta: float, decay: float = 0.0) -> float:
    """The spectral radius of one frozen step, as a matrix of distance and memory made column by column."""

    def step(e: float, m: float) -> tuple[float, float]:
        m = beta * m + (1 - beta) * h * e
        if kind == "nadam":  # its momentum at last is beta1, which counts for half where momentum_decay is 0
            return e - rate * ((1 - beta) * h * e + beta * m), m
        return e * (1 - rate * decay) - rate * m, m

    return float(np.abs(np.linalg.eigvals(np.array([step(1, 0), step(0, 1)]).T)).max())


@pytest.mark.parametrize(
    ("optimizer", "kind", "decay"),
    [
        (Adam(), "adam", 0.0),
        (Adam(beta1=0.5), "adam", 0.0),
        (AdamW(weight_decay=0.2), "adam", 0.2),
        (NAdam(), "nadam", 0.0),
        (Adamax(), "adam", 0.0),
        (RAdam(), "adam", 0.0),
    ],
)
def test_adaptive_optimizers_are_stepped_with_a_frozen_preconditioner(optimizer: Adam, kind: str, decay: float) -> None:
    for h in (0.4, 5.0):
        limit = stability_limit(optimizer, np.array([h]))
        for rate in limit * np.array([0.05, 0.5, 0.99, 1.01, 1.5]):
            predicted = factors(optimizer, np.array([rate]), np.array([h]))
            assert predicted == pytest.approx([frozen(kind, rate, h, optimizer.beta1, decay)], rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "square"),
    [
        (Adam(beta2=0.999999), "v"),
        (AdamW(beta2=0.999999, weight_decay=0.01), "v"),
        (NAdam(beta2=0.999999), "v"),
        (RMSprop(alpha=0.999999), "v"),
        (RMSprop(alpha=0.999999, momentum=0.6), "v"),
        (Adagrad(), "s"),
        (Adamax(beta2=0.999999), "u"),
    ],
    ids=str,
)
def test_the_rules_of_adaptive_optimizers_turn_at_their_limit(optimizer: Optimizer, square: str) -> None:
    """Late in a run, with distances so small that the preconditioner, here 0.5, stays as it is."""
    h, first = 3.0, 100_000_000
    limit = stability_limit(optimizer, np.array([h / 0.5]))
    rates = limit * np.array([0.3, 0.8, 0.98, 1.02, 1.3])
    hyper = {name: np.full(len(rates), value) for name, value in optimizer.numbers().items()}
    rule = UpdateRule(optimizer.rule, hyper, np.dtype(np.float64))
    w = np.full((len(rates), 1), 1e-200)
    begin = 0.5 if square == "u" else 0.25
    state = [np.full_like(w, begin if name == square else 0.0) for name in rule.state_names]
    sizes = []
    for row in rule.ahead(first, np.broadcast_to(rates, (300, len(rates)))):
        w, *state = rule.step(w, h * w, *state, *row)
        sizes.append(np.abs(w[:, 0]))
    early, late = np.max(sizes[200:250], axis=0), np.max(sizes[250:300], axis=0)
    assert ((late < early) == (rates < limit)).all()
    predicted = factors(optimizer, rates, np.array([h / 0.5]))
    assert predicted == pytest.approx((late / early) ** (1 / 50), rel=0.01)


HELD = [
    (Adam(), ("v",)),
    (Adam(beta1=0.99), ("v",)),
    (AdamW(weight_decay=0.2), ("v",)),
    (NAdam(), ("v",)),
    (NAdam(momentum_decay=0.1), ("v",)),
    (RAdam(), ("v",)),
    (RAdam(beta2=0.9), ("v",)),
    (Adamax(), ("u",)),
    (Adagrad(lr_decay=0.01), ("s",)),
    (RMSprop(momentum=0.5), ("v",)),
    (SGD(momentum=0.9, nesterov=True), ()),
    (ASGD(lambd=0.02), ("eta",)),
    (ASGD(lambd=0.5, alpha=1.5), ("eta",)),
    (ScheduleFreeSGD(r=1.0), ()),
    (ScheduleFreeAdamW(), ("v",)),
]


def held_factors(optimizer: Optimizer, held: tuple[str, ...], rates: np.ndarray, h: float, step: int) -> np.ndarray:
    """The spectral radius of one update at `step`, a column at a time from the optimizer's own rule.

    `held` are the states that make the divisor: they stay at 1, and distances are so small that the rule keeps them.
    """
    runs, tiny = len(rates), 1e-150
    hyper = {name: np.full(runs, value) for name, value in optimizer.numbers().items()}
    rule = UpdateRule(optimizer.rule, hyper, np.dtype(np.float64))
    memory = [name for name in rule.state_names if name in ("m", "b", "z")]
    row = next(iter(rule.ahead(step - 1, np.broadcast_to(rates, (1, runs)))))
    at_step = {"v": 1.0, "u": 1.0, "s": 1.0}
    known = dict.fromkeys(rule.state_names, 0.0) | {name: at_step[name] for name in held if name in at_step}
    state = {name: np.full((runs, 1), value) for name, value in known.items()}
    if isinstance(optimizer, NAdam):
        betas = optimizer.beta1 * (1 - 0.5 * 0.96 ** (np.arange(1, step) * optimizer.momentum_decay))
        state["product"] = np.full((runs, 1), float(np.prod(betas)))
    if isinstance(optimizer, ScheduleFreeSGD | ScheduleFreeAdamW):
        state["top"] = rates[:, None]
        before = np.arange(1.0, step) ** optimizer.r
        state["total"] = (before.sum() * rates**optimizer.weight_lr_power)[:, None]
    if isinstance(optimizer, ASGD):
        state["eta"] = (rates / (1 + optimizer.lambd * rates * (step - 1)) ** optimizer.alpha)[:, None]
    columns = []
    for index in range(1 + len(memory)):
        w = np.full((runs, 1), tiny if index == 0 else 0.0)
        begun = {name: np.full((runs, 1), tiny) if memory[index - 1 : index] == [name] else value
                 for name, value in state.items()} if index else state  # fmt: skip
        after, *states = rule.step(w, h * w, *(begun[name] for name in rule.state_names), *row)
        kept = dict(zip(rule.state_names, states, strict=True))
        columns.append(np.stack([after[:, 0], *(kept[name][:, 0] for name in memory)], axis=-1) / tiny)
    return np.abs(np.linalg.eigvals(np.stack(columns, axis=-1))).max(axis=-1)


def divisor(optimizer: Optimizer, held: tuple[str, ...], step: int) -> float:
    """What the rule divides by at `step` where the held states are 1: of a mean of squares what is left of it too."""
    keeps = {"v": getattr(optimizer, "beta2", getattr(optimizer, "alpha", 1.0))}
    left = keeps.get(held[0], 1.0) if held and held[0] == "v" else 1.0
    left = optimizer.beta2 if isinstance(optimizer, Adamax) else left
    scale = optimizer.preconditioner({name: np.array([[left]]) for name in (*held, "m")}, step)
    return 1.0 if scale is None else float(scale[0, 0])


def test_the_product_of_momenta_fades_for_as_long_as_the_rule_says() -> None:
    for rise, step in ((1.0, 10_000), (0.2, 5_000), (0.004, 9_000)):
        optimizer = NAdam(beta1=0.999999, momentum_decay=rise)
        product = 1.0
        for t in range(1, step + 1):
            product *= optimizer.beta1 * (1 - 0.5 * 0.96 ** (t * rise))
        now = optimizer.beta1 * (1 - 0.5 * 0.96 ** (step * rise))
        law = optimizer.recurrence(step)
        assert law.direct == pytest.approx((1 - now) / (1 - product), rel=1e-12)
        assert optimizer.recurrence(10**8).direct == pytest.approx(1e-6, rel=1e-9)


@pytest.mark.parametrize("step", [1, 3, 10, 100, 1000])
@pytest.mark.parametrize(("optimizer", "held"), HELD, ids=lambda value: repr(value) if value else "")
def test_the_limit_at_a_step_is_where_the_rules_own_update_begins_to_grow(
    optimizer: Optimizer, held: tuple[str, ...], step: int
) -> None:
    h = 3.0
    bent = np.array([h / divisor(optimizer, held, step)])
    limit = stability_limit(optimizer, bent, step)
    if np.isinf(limit):
        assert (held_factors(optimizer, held, np.geomspace(1e-3, 1e6, 200), h, step) < 1).all()
        return
    low, high = np.array([limit / 50]), np.array([limit * 50])
    for _ in range(12):  # by 17 rates at once; the first above 1 counts
        rates = np.geomspace(low[0], high[0], 17)
        grows = np.flatnonzero(held_factors(optimizer, held, rates, h, step) > 1)
        first = int(grows[0]) if len(grows) else 16
        low, high = rates[first - 1 : first], rates[first : first + 1]
    assert limit == pytest.approx(high[0], rel=1e-6)
    shares = np.array([0.2, 0.9, 1.1])
    expected = held_factors(optimizer, held, limit * shares, h, step)
    assert factors(optimizer, limit * shares, bent, step) == pytest.approx(expected, rel=1e-6)


def test_the_limits_are_those_of_an_independent_check_with_pytorch_2_13() -> None:
    """Bisections of the rate with the divisor held; RAdam's are rounded, as its rectification moves meanwhile."""
    h = np.array([2.0])
    assert stability_limit(Adam(beta1=0.99), np.array([1.0]), 100) == pytest.approx(398 * 239.75 / 378.17, rel=1e-4)
    for step, limit in ((10, 3.49 / 2), (1000, 3.93 / 2)):  # NAdam at the start, once its bias is corrected, and later
        assert stability_limit(NAdam(), h, step) == pytest.approx(limit, rel=2e-3)
    for step in (100, 300, 1000, 5000):
        mu = 0.9 * (1 - 0.5 * 0.96 ** (step * 0.004))
        assert stability_limit(NAdam(), h, step) == pytest.approx(2 * 1.9 / (2 * (1.9 - 2 * 0.9 * mu)), rel=2e-3)
    for step, limit in ((100, 92), (500, 40), (1000, 30), (20_000, 19)):
        assert stability_limit(RAdam(), h, step) == pytest.approx(limit, rel=5e-2)
        rho, most = 1999 - 2 * step * 0.999**step / (1 - 0.999**step), 1999
        share = math.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
        assert stability_limit(RAdam(), h, step) == pytest.approx(38 / (2 * share), rel=1e-4)


def plain_loop(kind: str, rates: np.ndarray, h: float, first: int, steps: int) -> np.ndarray:
    """Distances (steps, n) on a bowl from 1, as the papers have the updates, the divisor held at 1."""
    w, m, made = np.ones_like(rates), np.zeros_like(rates), []
    mus = 0.9 * (1 - 0.5 * 0.96 ** (np.arange(first + steps + 2) * 0.004))
    product = float(np.prod(mus[1:first]))
    for t in range(first, first + steps):
        g = h * w
        m = 0.9 * m + 0.1 * g
        corrected = m / (1 - 0.9**t)
        product *= mus[t]
        rho = 1999 - 2 * t * 0.999**t / (1 - 0.999**t)
        change = {
            "adam": corrected,
            "adamax": corrected,
            "adagrad": g,
            "nadam": (1 - mus[t]) * g / (1 - product) + mus[t + 1] * m / (1 - product * mus[t + 1]),
            "radam": corrected * math.sqrt((rho - 4) * (rho - 2) * 1999 / (1995 * 1997 * rho))
            if rho > 5
            else corrected,
        }[kind]
        w = w - rates * change
        made.append(np.abs(w))
    return np.array(made)


@pytest.mark.parametrize(
    ("kind", "optimizer", "first"),
    [
        ("adam", Adam(), 500),
        ("adamax", Adamax(), 500),
        ("adagrad", Adagrad(), 1),
        ("nadam", NAdam(), 100),
        ("nadam", NAdam(), 1000),
        ("radam", RAdam(), 20_000),
    ],
)
def test_a_plain_loop_with_the_divisor_held_grows_above_the_limit_and_shrinks_below(
    kind: str, optimizer: Optimizer, first: int
) -> None:
    h, steps = 2.0, 200
    limit = stability_limit(optimizer, np.array([h]), first + steps // 2)
    made = plain_loop(kind, limit * np.array([0.7, 0.97, 1.03, 1.3]), h, first, steps)
    grows = made[-50:].max(axis=0) > made[-100:-50].max(axis=0)
    assert grows.tolist() == [False, False, True, True]
    if kind == "nadam" and first == 100:
        early = plain_loop("nadam", np.array([1.7, 1.8]), h, 1, 100)[[49, 99]]
        assert (early[1] > early[0]).tolist() == [False, True]


def test_newtons_limit_is_2_whatever_the_curvature() -> None:
    for h in (1e-6, 3.0, 1e9):
        assert stability_limit(Newton(), np.array([h, 2 * h])) == 2
        assert factors(Newton(), np.array([1.0, 1.9, 2.0]), np.array([h])) == pytest.approx([0, 0.9, 1])


def test_the_textbooks_best_rate_of_gradient_descent_leaves_as_much_of_every_direction() -> None:
    assert factors(SGD(), np.array([2 / 10.5]), np.array([0.5, 2.0, 10.0])) == pytest.approx((20 - 1) / (20 + 1))


def test_heavy_ball_at_polyaks_choice_shrinks_by_the_root_of_beta() -> None:
    least, most = 1.0, 100.0
    beta = ((np.sqrt(most) - np.sqrt(least)) / (np.sqrt(most) + np.sqrt(least))) ** 2
    rate = 4 / (np.sqrt(most) + np.sqrt(least)) ** 2
    found = factors(SGD(momentum=float(beta)), np.array([rate]), np.array([least, most]))
    assert found == pytest.approx(np.sqrt(beta), rel=1e-6)


def test_an_optimizer_that_declares_no_theory_has_none() -> None:
    for optimizer in (Adadelta(), Lion(), Rprop(), Rule()):
        assert optimizer.recurrence() is None and optimizer.recurrence(3) is None
        assert optimizer.state_decay is None and optimizer.preconditioner({}, 1) is None


def test_a_direction_that_is_not_curved_upwards_has_no_limit() -> None:
    assert stability_limit(SGD(), np.array([-1.0, 0.0])) == np.inf
    assert law(SGD()).limit(np.array([-1.0, 2.0])).tolist() == [np.inf, 1.0]


@pytest.mark.parametrize("optimizer", [Adam(), Adam(amsgrad=True), AdamW(), NAdam(), RMSprop(), Adagrad(), Adamax()])
def test_the_preconditioner_of_a_constant_gradient_is_its_size(optimizer: Optimizer) -> None:
    hyper = {name: np.full(1, value) for name, value in optimizer.numbers().items()}
    rule = UpdateRule(optimizer.rule, hyper, np.dtype(np.float64))
    w, state = np.zeros((1, 1)), [np.zeros((1, 1)) for _ in rule.state_names]
    for row in rule.ahead(0, np.full((3000, 1), 1e-12)):
        w, *state = rule.step(w, np.full((1, 1), 4.0), *state, *row)
    scale = optimizer.preconditioner(dict(zip(rule.state_names, state, strict=True)), 3000)
    expected = 4.0 * np.sqrt(3000) if isinstance(optimizer, Adagrad) else 4.0
    assert scale == pytest.approx(np.array([[expected]]), rel=1e-6)
    assert SGD().preconditioner({}, 1) is None
    assert stability_limit(ASGD(lambd=0.0), np.array([4.0])) == 0.5


@pytest.mark.parametrize("optimizer", [*STEPPED, ASGD(lambd=0.01), Adam(), RMSprop(momentum=0.5), AdamW(), NAdam()])
def test_the_curvature_that_a_rate_bears_is_the_one_whose_limit_it_is(optimizer: Optimizer) -> None:
    rates = np.array([0.003, 0.02, 0.4])
    bent = law(optimizer).curvature_limit(rates)
    for rate, curvature in zip(rates, bent, strict=True):
        assert stability_limit(optimizer, np.array([curvature])) == pytest.approx(rate, rel=1e-12)


def test_plain_steps_bear_two_over_the_rate_momentum_more_nesterov_less() -> None:
    for optimizer, share in ((SGD(), 2), (SGD(momentum=0.9), 3.8), (SGD(momentum=0.9, nesterov=True), 3.8 / 2.8)):
        found = law(optimizer).curvature_limit(np.array([0.5, 0.01]))
        assert found == pytest.approx(share / np.array([0.5, 0.01]))


def test_a_rate_of_0_bears_every_curvature() -> None:
    found = law(SGD()).curvature_limit(np.array([0.0, np.nan]))
    assert found[0] == np.inf and np.isnan(found[1])


@pytest.mark.parametrize("optimizer", [*STEPPED, Adam(), AdamW()])
def test_the_least_rate_and_the_least_curvature_have_limits(optimizer: Optimizer) -> None:
    least = np.array([5e-324])
    assert not np.isnan(law(optimizer).curvature_limit(least)).any() and not np.isnan(law(optimizer).limit(least)).any()
