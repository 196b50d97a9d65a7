"""Classes of `record` behave as those of the standard library."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import field, fields, replace
from typing import Any

import pytest

from lrstudio.core import record

KINDS: list[dict[str, Any]] = [
    {},
    {"frozen": True},
    {"frozen": True, "kw_only": True},
    {"frozen": True, "eq": False},
    {"frozen": True, "slots": True},
    {"eq": False},
]


def pair(decorate: Callable[..., Any], **options: Any) -> tuple[Any, Any]:
    """A class and one that inherits from it."""

    @decorate(**options)
    class Point:
        """A point."""

        x: float
        y: float = 2.0
        tags: list[str] = field(default_factory=list, compare=False)
        known: int = field(default=7, init=False, repr=False)

    @decorate(**options)
    class Named(Point):
        name: str = "n"

    return Point, Named


def behaviour(point: Any, named: Any) -> list[Any]:
    """What the two classes do, errors by their types."""

    def tried(action: Callable[[], Any]) -> Any:
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - which one it is, is the result
            return type(error)

    one, other = point(x=1.0), point(x=1.0)
    return [
        [entry.name for entry in fields(named)],
        repr(one).rpartition(".")[2],
        repr(named(x=1.0, name="a")).rpartition(".")[2],
        tried(lambda: repr(point(1.0, 3.0)).rpartition(".")[2]),
        one == other,
        one == named(x=1.0),
        one == replace(other, x=3.0),
        replace(other, x=3.0).x,
        tried(lambda: hash(one) == hash(other)),
        tried(lambda: setattr(one, "x", 5.0)),
        tried(lambda: delattr(one, "x")),
        tried(point),
        tried(lambda: point(x=1.0, z=2.0)),
        tried(lambda: point(x=1.0, known=2)),
        tried(lambda: point(1.0, x=1.0)),
        tried(lambda: point(1.0, 2.0, [], 4)),
        one.tags is other.tags,
        one.known,
        named.__match_args__,
    ]


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_class_behaves_as_one_of_the_standard_library(options: dict[str, Any]) -> None:
    expected = behaviour(*pair(dataclasses.dataclass, **options))
    assert behaviour(*pair(record.dataclass, **options)) == expected


def test_own_functions_of_a_class_are_kept() -> None:
    @record.dataclass(frozen=True)
    class Word:
        text: str

        def __post_init__(self) -> None:
            object.__setattr__(self, "text", self.text.strip())

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Word) and other.text.lower() == self.text.lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

        def __repr__(self) -> str:
            return self.text

    assert repr(Word(" a ")) == "a"
    assert len({Word("a"), Word("A ")}) == 1
