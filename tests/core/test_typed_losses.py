"""Losses and models that somebody has typed."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.formula import FormulaError
from lrstudio.core.problems import Formula, Model


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        ("(w+1)**2", ("w",)),
        ("x^2 + 10*y^2", ("x", "y")),
        ("b^2 + a + b", ("b", "a")),
        ("pi*q^2 + e*r^2 + exp(1)", ("q", "r")),
        ("h*g*f*d*c*b*a*z", tuple("hgfdcbaz")),
        ("mean((slope*x - y)^2) + ridge*slope", ("slope", "ridge")),
    ],
)
def test_unknown_names_are_parameters_in_the_order_in_which_they_appear(loss: str, names: tuple[str, ...]) -> None:
    problem = Formula(loss=loss)
    assert problem.names == names
    assert problem.start == (1.0,) * len(names)
    assert len(problem.domain) == len(names)


def test_both_signs_of_a_power_are_the_same() -> None:
    w = np.linspace(-2, 2, 7)[:, None]
    stars, hats = (Formula(loss=text).objective().loss_and_gradient(w) for text in ("(w+1)**3", "(w+1)^3"))
    for one, other in zip(stars, hats, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("loss", "column", "says"),
    [
        ("3*(a", 5, "not closed"),
        ("a + ?", 5, "does not belong"),
        ("3", 1, "no parameter"),
        ("pi + e", 1, "no parameter"),
        ("a+b+c+d+f+g+h+i+j", 17, "more than 8 parameters"),
        ("a + lr^2", 5, "column of the table"),
        ("grad_a^2", 1, "column of the table"),
        ("a + " + "b" * 21, 5, "more than 20 characters"),
        ("mean(a)", 1, "no data column"),
        ("a*x + mean(y)", 1, "write mean"),
        ("foo(a)", 1, "unknown function 'foo'"),
    ],
)
def test_what_is_no_loss_is_refused_with_its_column(loss: str, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        Formula(loss=loss)
    assert caught.value.column == column
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("model", "column", "says"),
    [
        ("a*sin(b*x", 10, "not closed"),
        ("a*x + y", 7, "y is what the model predicts"),
        ("x", 1, "no parameter"),
        ("a*x + lr", 7, "column of the table"),
        ("a*x + mean(b)", 7, "no data column"),
    ],
)
def test_what_is_no_model_is_refused_with_its_own_column(model: str, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        Model(model=model)
    assert caught.value.column == column
    assert says in str(caught.value)


@pytest.mark.parametrize("loss", ["", "a" * 501, "a\x00"])
def test_what_is_no_text_is_refused_in_a_short_line(loss: str) -> None:
    with pytest.raises(ValueError, match="must be a text of 1 to 500 characters") as caught:
        Formula(loss=loss)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("area", "domain"),
    [
        ("-4..4", ((-4.0, 4.0), (-4.0, 4.0))),
        ("-4..4+-2..2", ((-4.0, 4.0), (-2.0, 2.0))),
        (" 0.5 .. 1e3 , -1..0 ", ((0.5, 1000.0), (-1.0, 0.0))),
    ],
)
def test_the_area_is_an_interval_for_all_parameters_or_one_for_each(area: str, domain: object) -> None:
    assert Formula(area=area).domain == domain


@pytest.mark.parametrize(
    "area", ["4", "4..1", "1..1", "1..2+2..3+3..4", "nan..1", "0..inf", "0..1e300", "a..b", "1..2..3"]
)
def test_an_area_that_is_none_is_refused(area: str) -> None:
    with pytest.raises(ValueError, match="must be an interval such as"):
        Formula(area=area)


@pytest.mark.parametrize(
    "loss",
    [
        "3*(a - 2)^2 + b^2",
        "(w - 7)^2",
        "(1-u)^2 + 100*(v-u^2)^2",
        "log(a)^2",
        "a*b - c",
        "1/a",
        "sqrt(a - 99)",
        "0*a",
        "(a - b)^(0 + y)*max(1, sign(cosh(abs(b))))",
        "1e308*a - 1e308/b",
    ],
)
def test_the_domain_has_the_start_and_what_lies_low_near_it(loss: str) -> None:
    problem = Formula(loss=loss)
    for low, high in problem.domain:
        assert low < 1 < high
        assert 3 <= high - low <= 30
    if loss == "(w - 7)^2":
        assert problem.domain[0][0] < 7 < problem.domain[0][1]


def test_the_minimum_of_a_loss_of_second_degree_is_exact() -> None:
    problem = Formula(loss="3*(a - 2)^2 + (b + a)^2 - b")
    minimum = problem.optimum({})
    assert minimum is not None
    np.testing.assert_allclose(problem.objective().loss_and_gradient(np.array([minimum]))[1], 0, atol=1e-14)
    assert problem.minima({}) == (minimum,)


def test_the_minimum_of_a_straight_model_is_that_of_least_squares() -> None:
    for problem in (Model(model="a*x + b", curve="line"), Formula(loss="mean((a*x + b - y)^2)", curve="line")):
        data = problem.data(3)
        np.testing.assert_allclose(problem.optimum(data), np.polyfit(data["x"], data["y"], 1), rtol=1e-12)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "loss",
    ["a^4", "a*b", "a^2 - b^2", "a", "abs(a - 0.2) + a^2", "floor(a) + a^2", "(a + b)^2", "a^2/b", "exp(a)", "1e999"],
)
def test_no_minimum_is_made_up(loss: str) -> None:
    if loss == "1e999":
        with pytest.raises(FormulaError, match="too large"):
            Formula(loss=loss)
    else:
        assert Formula(loss=loss).minima({}) == ()


@pytest.mark.parametrize("curve", ["line", "sine", "parabola", "exponential"])
def test_the_data_lie_around_the_curve_and_follow_from_the_seed(curve: str) -> None:
    exact, noisy = (Model(curve=curve, noise=noise, n=500) for noise in (0.0, 0.3))
    np.testing.assert_array_equal(noisy.data(1)["y"], noisy.data(1)["y"])
    assert (noisy.data(2)["y"] != noisy.data(1)["y"]).any()
    away = noisy.data(1)["y"] - exact.data(1)["y"]
    assert np.std(away) == pytest.approx(0.3, rel=0.1)


def test_the_loss_of_a_model_is_the_mean_of_squares() -> None:
    problem = Model(model="a*exp(b*x)")
    data = problem.data(0)
    expected = np.mean((0.7 * np.exp(0.2 * data["x"]) - data["y"]) ** 2)
    assert problem.objective().loss(np.array([[0.7, 0.2]]))[0] == pytest.approx(expected, rel=1e-14)
    compared = Model(model="a < x")
    expected = np.mean(((data["x"] > 0.4) - data["y"]) ** 2)
    assert compared.objective().loss(np.array([[0.4]]))[0] == pytest.approx(expected, rel=1e-14)


def test_data_fields_of_a_loss_without_data_are_idle() -> None:
    assert Formula().idle() == {"curve", "n", "noise"}
    assert not Formula().has_data
    assert Formula().data(0) == {}
    over_data = Formula(loss="mean((a*x - y)^2)")
    assert over_data.idle() == frozenset()
    assert set(over_data.data(0)) == {"x", "y"}


@pytest.mark.parametrize(
    ("loss", "model"),
    [
        ("mean((a*x + b - y)^2)", "a*x + b"),
        ("mean((y - a*x)**2) + 0.1*a^2", "a*x"),
        ("sum( (sin(a*x)*(b + x) - y) ^ 2 )", "sin(a*x)*(b + x)"),
        ("mean(0.5*(w*x - y)^2)", "w*x"),
        ("mean(abs(a*exp(b*x) - y))", "a*exp(b*x)"),
        ("mean((y - (a*x + b))^2)", "(a*x + b)"),
        ("mean((y - a*x + b)^2)", None),
        ("mean((a*x - mean(x) - y)^2)", None),
        ("mean((a*y - y)^2)", None),
        ("mean((x > a - y)^2)", None),
        ("mean(log1p(exp(-y*a*x)))", None),
        ("(a - 1)^2", None),
    ],
)
def test_what_a_loss_over_data_predicts_is_its_model(loss: str, model: str | None) -> None:
    assert Formula(loss=loss).model == model
