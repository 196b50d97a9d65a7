"""Pairs of names and values, as they are typed."""

from __future__ import annotations

import pytest

from lrstudio.core.pairs import pairs


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        (" ", {}),
        (" a = 1 , b=x=2", {"a": "1", "b": "x=2"}),
        ("after=step(size=2,gamma=0.5),n=3", {"after": "step(size=2,gamma=0.5)", "n": "3"}),
        ('path="a,b (1.csv",x=1', {"path": "a,b (1.csv", "x": "1"}),
        ('path= "a.csv" ,x=1', {"path": "a.csv", "x": "1"}),
        ('label=5" pipe,x=1', {"label": '5" pipe', "x": "1"}),
        ('a=""', {"a": ""}),
    ],
)  # fmt: skip
def test_signs_in_parentheses_and_quotes_separate_nothing(text: str, found: dict[str, str]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "'a': must be name=value"),
        ("=1", "'=1': must be name=value"),
        ("a=1,,b=2", "'': must be name=value"),
        ("a=1, a=2", "a is given twice"),
        ('path="a,x=1', 'the " is not closed'),
    ],
)
def test_what_is_no_pair_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pairs(text)
