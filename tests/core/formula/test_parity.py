from __future__ import annotations

import pytest

from lrstudio.core.formula.parity import parities
from lrstudio.core.formula.parse import parse_rule


@pytest.mark.parametrize(
    ("text", "states", "found"),
    [
        ("m = 0.9*m + g; w = w - lr*m", "m", "odd odd"),
        ("v = 0.9*v + g^2; w = w - lr*g/(sqrt(v) + 0.1)", "v", "even odd"),
        ("s = max(s, abs(g)); w = w - g/s", "s", "even odd"),
        ("u = sign(m); m = m + g*g*g; w = w - u", "m", "odd odd odd"),
        ("k = k + 1; w = w - g/k", "k", "even odd"),
        ("w = w - where(g > 0, g, 2*g)", "", "neither"),
        ("same = g*b; b = where(same < 0, 0, g); w = w - sign(b)", "b", "even odd odd"),
        ("d = g + 1; w = w - d", "", "neither neither"),
        ("p = q*p; w = w - p*g", "p", "nothing odd"),
        ("d = newton; w = w - d", "", "odd odd"),
    ],
)
def test_what_turns_round_with_the_gradient_is_a_direction(text: str, states: str, found: str) -> None:
    assert parities(parse_rule(text), states.split()) == found.split()
