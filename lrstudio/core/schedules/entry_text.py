"""A catalogue entry as a text in parentheses, `step(step_size=10,gamma=0.5)`, for entries that have another one."""

from __future__ import annotations

from typing import TypeVar

from lrstudio.core.declaration import Declared, find
from lrstudio.core.pairs import pairs

T = TypeVar("T", bound=Declared)


def read_entry(text: str, catalogue: tuple[type[T], ...], what: str) -> T:
    """The entry that a text such as `cosine` or `cosine(T_max=50)` means; ValueError says what is wrong with it."""
    key, opening, rest = text.strip().partition("(")
    kind = find(catalogue, key.strip(), what)
    if opening and not rest.endswith(")"):
        raise ValueError(f"{text.strip()!r}: the ( is not closed at the end")
    return kind.from_texts(pairs(rest.removesuffix(")")))
