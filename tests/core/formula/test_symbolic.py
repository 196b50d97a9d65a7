from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.formula.evaluate import evaluate
from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.formula.symbolic import size, slope
from lrstudio.core.formula.typeset import plain_text, typeset
from lrstudio.core.problems import PROBLEMS, Formula, NetworkProblem, Problem

LOSSES = (
    "sin(a) + cos(2*a) + tan(a/3) + atan(a) + exp(-a) + log(a + 5) + log1p(a^2) + sqrt(a + 4)",
    "tanh(a) + sinh(a/2) + cosh(a) + sigmoid(3*a) + softplus(a) + relu(a) + abs(a + 2)",
    "2^a + a^a + a^2.5 + a^-1 + (a + 1)^3/(a^2 + 1) - 3/a",
    "min(a, a^2) + max(a, 3) + where(a > 1, a^2, a) + floor(a) + sign(a)*a + (a > 0)",
    "-(a - 3)*-(a^2 - 1) - -a + (2 - a) + 5",
    "mean((a*x - y)^2) + mean(x) + sum(a*x)/7 + mean(-(a*x + 2*a - 3))",
)


def problems() -> list[Problem]:
    catalogue = [kind() for kind in PROBLEMS if not issubclass(kind, NetworkProblem)]
    return [*catalogue, *(Formula(loss=loss) for loss in LOSSES)]


@pytest.mark.parametrize("problem", problems(), ids=lambda problem: f"{problem.key} {problem.loss[:20]}")
def test_the_slope_that_is_written_is_the_one_that_is_computed(problem: Problem) -> None:
    objective, tree = problem.objective(), parse_expression(problem.loss)
    for shift in (0.13, 0.41):
        w = np.array([problem.start]) + shift
        _, gradient = objective.loss_and_gradient(w)
        here = dict(zip(problem.names, map(float, w[0]), strict=True)) | dict(objective.data)
        for index, name in enumerate(problem.names):
            assert float(np.asarray(evaluate(slope(tree, name), here))) == pytest.approx(gradient[0, index], rel=1e-9)


@pytest.mark.parametrize(
    ("loss", "written"),
    [
        ("(w + 1)^2", "2·(w + 1)"),
        ("w^2/20 + 5*b^2", "0.1·w"),
        ("mean((w*x + b - y)^2)", "2·mean((w·x + b − y)·x)"),
        ("100*(b - w^2)^2 + (1 - w)^2", "−400·(b − w²)·w − 2·(1 − w)"),
        ("cos(3*w)", "−3·sin(3·w)"),
        ("b^2", "0"),
        ("w", "1"),
    ],
)
def test_a_slope_is_as_short_as_in_a_book(loss: str, written: str) -> None:
    assert plain_text(typeset(slope(parse_expression(loss), "w"))) == written


def test_the_size_counts_everything_that_is_to_be_read() -> None:
    assert size(parse_expression("2*(w + 1)")) == 5
