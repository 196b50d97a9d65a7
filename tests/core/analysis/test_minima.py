"""Minima that are searched for are those that were worked out."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.analysis.minima import searched_minima
from lrstudio.core.problems import Formula
from lrstudio.engine.judgement import known_minima


@pytest.mark.parametrize(
    ("loss", "minima"),
    [
        ("(a - 2)^2 + 3", [(2.0,)]),
        ("abs(a - 0.3)", [(0.3,)]),
        ("abs(a) + abs(b - 1)", [(0.0, 1.0)]),
        ("(1 - x)^2 + 100*(y - x^2)^2", [(1.0, 1.0)]),
        ("(w^2 - 1)^2 + 0.3*w", [(-1.0355787140888537,), (0.9601495555191055,)]),
        ("1 - exp(-(p^2 + q^2)/2)", [(0.0, 0.0)]),
        ("a^4 + (b - 1)^4 + (c + 1)^4", [(0.0, 1.0, -1.0)]),
    ],
)
def test_minima_are_found_at_kinks_in_valleys_and_on_flat_ground(loss: str, minima: list[tuple[float, ...]]) -> None:
    problem = Formula(loss=loss)
    found = searched_minima(problem.objective(), problem.initial(0), problem.domain)
    assert len(found) == len(minima)
    np.testing.assert_allclose(found, minima, atol=2e-3)


@pytest.mark.parametrize("loss", ["a^3", "a^2 - b^2", "exp(-a)", "-a^2", "a + b^2", "a^3 - 3*a*b^2"])
def test_a_loss_without_a_floor_has_no_minimum(loss: str) -> None:
    assert known_minima(Formula(loss=loss), 0) == ()
