"""A catalogue entry as a text in parentheses, `step(step_size=10,gamma=0.5)`, for entries that have another one."""

from __future__ import annotations

from typing import TypeVar

from lrstudio.core.declaration import Declared, find

T = TypeVar("T", bound=Declared)


def read_entry(text: str, catalogue: tuple[type[T], ...], what: str) -> T:
    """The entry that a text such as `cosine` or `cosine(T_max=50)` means; ValueError says what is wrong with it."""
    key, opening, rest = text.strip().partition("(")
    kind = find(catalogue, key.strip(), what)
    if opening and not rest.endswith(")"):
        raise ValueError(f"{text.strip()!r}: the ( is not closed at the end")
    return kind.from_texts(_pairs(rest.removesuffix(")")))


def _pairs(text: str) -> dict[str, str]:
    """name=value pairs between commas that stand outside parentheses."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    pairs: dict[str, str] = {}
    for part in parts if text.strip() else ():
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise ValueError(f"{part.strip()!r}: must be name=value")
        if name in pairs:
            raise ValueError(f"{name} is given twice")
        pairs[name] = value
    return pairs
