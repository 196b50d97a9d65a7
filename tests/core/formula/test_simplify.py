from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.formula.evaluate import evaluate
from lrstudio.core.formula.parse import parse_expression, parse_rule
from lrstudio.core.formula.simplify import simplified, simplified_rule
from lrstudio.core.formula.typeset import plain_text, typeset, typeset_name


def lines(text: str, known: dict[str, float], deciding: dict[str, float] | None = None, wanted: str = "w") -> list[str]:
    found = simplified_rule(parse_rule(text), known, deciding or {}, wanted.split())
    return [f"{plain_text(typeset_name(line.name))} = {plain_text(typeset(line.expression))}" for line in found]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("g + decay*w", "g"),
        ("g - decay*w", "g"),
        ("one*g/one", "g"),
        ("g^one", "g"),
        ("decay - g", "−g"),
        ("where(decay, g, w)", "w"),
        ("where(one, g, w) + where(w > 0, g, g)", "g + g"),
        ("where(w > 0, one, 1 - decay)*g", "g"),
        ("half*g", "half·g"),
    ],
)
def test_terms_of_no_effect_are_left_out(text: str, short: str) -> None:
    known = {"decay": 0.0, "one": 1.0, "half": 0.5}
    assert plain_text(typeset(simplified(parse_expression(text), known, known))) == short


def test_a_name_for_another_name_gives_way_to_it() -> None:
    assert lines("d = g; b = d; w = w - lr*b", {}) == ["w = w − lr·g"]


def test_a_name_stays_where_its_source_means_something_else_later() -> None:
    text = "old = w; w = w - g; w = w + old"
    assert lines(text, {}) == ["old = w", "w = w − g", "w = w + old"]


def test_a_state_that_is_wanted_at_the_end_stays() -> None:
    assert lines("b = g; w = w - b", {}, wanted="w b") == ["b = g", "w = w − b"]


def test_lines_that_nothing_rests_on_are_left_out() -> None:
    assert lines("top = max(top, v); w = w - g", {}) == ["w = w − g"]


def test_the_number_of_the_step_chooses_branches_but_is_not_put_in() -> None:
    text = "size = where(t == 1, lr, size); w = w - size*g/t"
    assert lines(text, {}, {"t": 1.0}) == ["w = w − lr·g/t"]
    assert lines(text, {}, {"t": 2.0}) == ["w = w − size·g/t"]


def test_a_name_that_is_assigned_is_not_the_constant_of_that_name() -> None:
    assert lines("e = 0*e + g; w = where(e > 0, g, w)", {}) == ["w = (g if g > 0, else w)"]


def test_a_shortened_rule_means_the_same() -> None:
    text = "d = g + decay*w; b = mu*b + where(t == 1, 1, 1 - damp)*d; step = where(mu == 0, d, b); w = w - lr*step"
    for mu, damp, decay, t in ((0.0, 0.0, 0.0, 1.0), (0.9, 0.0, 0.1, 2.0), (0.5, 0.5, 0.0, 1.0), (0.5, 0.5, 0.0, 7.0)):
        known = {"mu": mu, "damp": damp, "decay": decay}
        here = {
            **known,
            "t": t,
            "lr": 0.1,
            "w": np.array([1.5, -2.0]),
            "g": np.array([3.0, 0.5]),
            "b": np.array([1.0, 9.0]),
        }
        results = []
        for rule in (parse_rule(text), simplified_rule(parse_rule(text), known, {"t": t}, ("w", "b"))):
            environment: dict[str, Any] = dict(here)
            for line in rule:
                environment[line.name] = evaluate(line.expression, environment)
            results.append(environment["w"])
        np.testing.assert_allclose(results[0], results[1], rtol=1e-15)
