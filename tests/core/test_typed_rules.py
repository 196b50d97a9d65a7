"""Rules of optimizers and schedules that somebody has typed."""

from __future__ import annotations

import pytest

from lrstudio.core.formula import FormulaError
from lrstudio.core.optimizers import Rule
from lrstudio.core.schedules import Rule as ScheduleRule


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("w = w - q", 1, 9, "unknown name 'q'"),
        ("m = 0.9*m + g\nw = w - lr*foo", 2, 12, "unknown name 'foo'"),
        ("m = 0.9*m + g; w = w - lr*", 2, 13, "ends where"),
        ("g = 1; w = w - g", 1, 1, "g is given"),
        ("v = 1", 1, 1, "a rule assigns w"),
        ("w + 1", 1, 3, "expected ="),
        ("w = T", 1, 5, "unknown name 'T'"),
        ("w = mean(t)*w", 1, 5, "not w, g or a state"),
    ],
)
def test_what_is_no_rule_is_refused_with_line_and_column(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        Rule(text=text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("lr = lr0*q", 1, 10, "unknown name 'q'"),
        ("s = 1; lr = s*g", 2, 9, "unknown name 'g'"),
        ("t = 1; lr = t", 1, 1, "t is given"),
        ("s = 1", 1, 1, "a schedule assigns lr"),
        ("s = s + 1; lr = s", 1, 5, "unknown name 's'"),
    ],
)
def test_what_is_no_schedule_is_refused_with_line_and_column(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        ScheduleRule(text=text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in str(caught.value)


def test_a_rule_may_have_names_of_its_own() -> None:
    Rule(text="beta = 0.9\nm = beta*m + (1 - beta)*g\nw = w - lr*m/(1 - beta^t)")
    ScheduleRule(text="half = T/2; lr = lr0*where(t < half, 1, 0.1)")


def test_a_rule_may_stand_in_parentheses() -> None:
    assert Rule(text="(m = g; w = w - lr*m)").rule.strip() == "m = g; w = w - lr*m"
    with pytest.raises(FormulaError, match="line 1, column 6"):
        Rule(text="(w = foo)")
