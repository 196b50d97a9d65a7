"""Rules of optimizers and schedules: state, folding, coefficients ahead, messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.formula import FormulaError
from lrstudio.core.formula.rule import ScheduleRule, UpdateRule
from lrstudio.core.optimizers import OPTIMIZERS

FLOAT64 = np.dtype(np.float64)
FLOAT32 = np.dtype(np.float32)


def hyper(**values: float | list[float]) -> dict[str, Array]:
    return {name: np.atleast_1d(np.array(value, float)) for name, value in values.items()}


def follow(text: str, steps: int, dtype: Any = FLOAT64, runs: int = 1, rate: float = 0.1, **values: Any) -> Array:
    """The weights (steps, runs, 2) on the slopes g = w + number of the run."""
    rule = UpdateRule(text, hyper(**values), dtype)
    w = np.array([[1.0, -2.0]] * runs, dtype)
    state = [np.zeros((runs, 2), dtype) for _ in rule.state_names]
    rows = []
    for coefficients in rule.ahead(0, np.full((steps, runs), rate)):
        g = (w + np.arange(runs, dtype=dtype)[:, None]).astype(dtype)
        w, *state = rule.step(w, g, *state, *coefficients)
        assert all(values.shape == (runs, 2) and values.dtype == dtype for values in (w, *state))
        rows.append(w)
    return np.array(rows)


def catalogue(key: str, **values: Any) -> dict[str, Any]:
    (kind,) = (kind for kind in OPTIMIZERS if kind.key == key)
    return {"text": kind.rule, **kind(**values).numbers()}


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("w = w - lr*g", []),
        ("d = 2*g; w = w - lr*d", []),
        ("m = 0.9*m + g; w = w - lr*m", ["m"]),
        ("w = w - lr*m; m = g", ["m"]),
        ("m = m + g; w = w - lr*g", []),
        ("b = b + c; c = c + g; w = w - lr*b", ["b", "c"]),
        ("w = w - lr*b; b = c; c = d; d = g", ["b", "c", "d"]),
        ("a = a + b; b = b + a; w = w - lr*g", []),
        ("m = m + g; w = w - lr*0*m", []),
        ("m = g; m = m + 1; w = w - lr*m", []),
        ("e = e + g^2; w = w - lr*g/sqrt(e)", ["e"]),
        ("w = w - lr*g; w = w - lr*w", []),
        ("m = where(t == 1, g, m); w = w - lr*m", ["m"]),
    ],
)
def test_what_is_read_before_it_is_assigned_is_state_unless_nothing_rests_on_it(text: str, states: list[str]) -> None:
    assert UpdateRule(text, {}, FLOAT64).state_names == states


def test_a_state_that_no_run_of_the_group_needs_is_dropped() -> None:
    values = catalogue("sgd")
    text = values.pop("text")
    plain = hyper(**{name: [value, value] for name, value in values.items()})
    assert UpdateRule(text, plain, FLOAT64).state_names == []
    assert UpdateRule(text, plain | hyper(momentum=[0.0, 0.9]), FLOAT64).state_names == ["b"]


def test_state_starts_at_0_and_t_at_1() -> None:
    np.testing.assert_array_equal(follow("m = m + t; w = m", 4)[:, 0, 0], [1, 3, 6, 10])


@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32])
@pytest.mark.parametrize(
    "text",
    ["w = w - lr*b; b = lr", "w = w - lr*b*g; b = 1", "w = lr + 0*c; c = c + t", "w = 3", "b = b + lr; w = w - b*t*g"],
)
def test_weights_and_state_have_one_number_per_parameter_even_where_all_are_the_same(text: str, dtype: Any) -> None:
    assert follow(text, 3, dtype, runs=3).shape == (3, 3, 2)


@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32])
@pytest.mark.parametrize(
    ("key", "choices"),
    [
        (
            "sgd",
            [
                {},
                {"momentum": 0.9},
                {"momentum": 0.5, "nesterov": True},
                {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
            ],
        ),
        ("adagrad", [{}, {"lr_decay": 0.5}, {"initial_accumulator_value": 2.0}, {"weight_decay": 0.3, "eps": 0.1}]),
        ("rmsprop", [{}, {"centered": True}, {"momentum": 0.9}, {"alpha": 0.5, "weight_decay": 0.1}, {"alpha": 0.0}]),
        ("adadelta", [{}, {"rho": 0.5}, {"rho": 0.0}, {"weight_decay": 0.1, "eps": 0.01}]),
        (
            "adam",
            [{}, {"amsgrad": True}, {"beta1": 0.0}, {"beta2": 0.5}, {"weight_decay": 0.1}, {"eps": 0.1, "beta1": 0.99}],
        ),
    ],
)
def test_a_folded_parameter_gives_the_same_bits_as_one_of_many(
    key: str, choices: list[dict[str, Any]], dtype: Any
) -> None:
    settings = [catalogue(key, **choice) for choice in choices]
    together: dict[str, Any] = {
        name: [float(setting[name]) for setting in settings] for name in settings[0] if name != "text"
    }
    rows = follow(settings[0]["text"], 12, dtype, len(settings), **together)
    for run, setting in enumerate(settings):
        alone: dict[str, Any] = {
            name: [float(value)] * len(settings) for name, value in setting.items() if name != "text"
        }
        same = follow(setting["text"], 12, dtype, len(settings), **alone)
        np.testing.assert_array_equal(same[:, run], rows[:, run])


def test_a_power_is_the_same_whether_its_exponent_is_folded_or_not() -> None:
    t = np.arange(1, 200)
    gammas = np.linspace(0.5, 1.1, 97)
    for text in ("lr = lr0*gamma^t", "lr = lr0*(t/(t + gamma))^p", "lr = lr0*gamma^p*t"):
        for power in (2.0, 0.5, -1.0, 3.0):
            powers = np.full(97, power)
            mixed = ScheduleRule(text, {"gamma": gammas, "p": np.where(np.arange(97) == 96, 7, powers)})
            many = mixed.rates(t, 9, np.full(97, 0.3))
            for run in range(0, 96, 5):
                one = ScheduleRule(text, {"gamma": gammas[run : run + 1], "p": powers[:1]})
                np.testing.assert_array_equal(one.rates(t, 9, np.array([0.3]))[:, 0], many[:, run])
                np.testing.assert_array_equal(one.rates(t[1:2], 9, np.array([0.3]))[0, 0], many[1, run])


def test_coefficients_ahead_are_those_of_every_step_alone() -> None:
    given = hyper(beta=[0.9, 0.99, 0.5])
    rule = UpdateRule("w = w - lr*g/(1 - beta^t)*sqrt(t)", given, FLOAT32)
    lr = np.linspace(0.1, 1, 60).reshape(20, 3)
    whole = list(rule.ahead(0, lr))
    assert len(whole) == 20
    for step, row in enumerate(whole):
        (alone,) = rule.ahead(step, lr[step : step + 1])
        for one, other in zip(alone, row, strict=True):
            assert one.dtype == np.float32
            np.testing.assert_array_equal(one, other)


def test_coefficients_are_computed_in_double_precision_and_rounded_once() -> None:
    rule = UpdateRule("w = w - g*(1 - beta^t)", hyper(beta=0.999999), FLOAT32)
    values = [float(row[0][0, 0]) for row in rule.ahead(0, np.ones((3, 1)))]
    assert values == pytest.approx([float(np.float32(1 - 0.999999**t)) for t in (1, 2, 3)], rel=1e-7)


def test_a_rule_without_coefficients_goes_ahead_too() -> None:
    assert list(UpdateRule("w = w - g", {}, FLOAT64).ahead(5, np.ones((3, 2)))) == [(), (), ()]


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        (
            "w = w - rate*g",
            1,
            9,
            "unknown name 'rate'; known here are w, g, newton, norm(w), norm(g), t, lr, beta",
        ),
        ("d = g\nw = w - lr*dd", 2, 12, "unknown name 'dd'"),
        ("m = m + g; w = w - lr*sin(M)", 2, 17, "unknown name 'M'"),
        ("g = 2*g; w = w - lr*g", 1, 1, "g is given and cannot be assigned"),
        ("w = w - g\n lr = 2", 2, 2, "lr is given and cannot be assigned"),
        ("t = 2; w = t", 1, 1, "t is given"),
        ("w = w\n\nbeta = 0.5", 3, 1, "beta is given"),
        ("m = m + g", 1, 1, "a rule assigns w"),
        (
            "w = w - mean(lr)",
            1,
            9,
            "mean is over the parameters; in it is one number for all of them, not w, g or a state",
        ),
        ("w = norm(2)", 1, 5, "norm is over the parameters; in it is one number for all of them, not w, g or a state"),
        (
            "w = w - lr*mean(mean(g))",
            1,
            12,
            "mean is over the parameters; in it is one number for all of them, not w, g or a state",
        ),
        ("w = orthogonal(g, t, w, 1, 1, 1)", 1, 5, "orthogonal takes one value of each parameter, then numbers"),
        ("w = w -", 1, 8, "ends where"),
    ],
)
def test_an_update_rule_that_cannot_be_is_pointed_at(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        UpdateRule(text, hyper(beta=0.9), FLOAT64)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("lr = lr*0.9", 1, 6, "unknown name 'lr'; known here are t, T, lr0, gamma, pi, e"),
        ("a = t\nlr = b", 2, 6, "unknown name 'b'"),
        ("rate = lr0", 1, 1, "a schedule assigns lr"),
        ("t = 2; lr = lr0", 1, 1, "t is given"),
        ("lr = lr0; T = 2", 2, 2, "T is given"),
        ("gamma = 2\nlr = gamma", 1, 1, "gamma is given"),
        ("lr = w", 1, 6, "unknown name 'w'"),
    ],
)
def test_a_schedule_that_cannot_be_is_pointed_at(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        ScheduleRule(text, hyper(gamma=0.9))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in caught.value.message


def test_a_schedule_may_assign_lr_in_several_lines() -> None:
    rule = ScheduleRule("lr = lr0; lr = lr/2; lr = where(t >= T/2, lr/2, lr)", {})
    rates = rule.rates(np.arange(4), 4, np.array([8.0, 4.0]))
    np.testing.assert_array_equal(rates, [[4, 2], [4, 2], [2, 1], [2, 1]])


def test_a_schedule_that_is_a_number_is_so_for_all_steps_and_runs() -> None:
    np.testing.assert_array_equal(ScheduleRule("lr = 3", {}).rates(np.arange(2), 9, np.ones(3)), np.full((2, 3), 3.0))
