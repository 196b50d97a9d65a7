"""Parsing of `name=value` pairs in options and entries."""

from __future__ import annotations

from collections.abc import Sequence

from lrstudio.core.language import tr


def pairs(text: str, separator: str = ",") -> dict[str, str]:
    """Returns the values by name; raises ValueError.

    Separators inside parentheses or double quotes do not count; the quotes are removed.
    """
    return named(split(text, separator)) if text.strip() else {}


def split(text: str, separator: str) -> list[str]:
    """Splits a text at the separators outside parentheses and outside the quotes of values."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        if character == '"' and (quoted or parts[-1].rstrip().endswith("=")):
            quoted = not quoted
        if not quoted:
            depth += (character == "(") - (character == ")")
        if character == separator and depth <= 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    if quoted:
        raise ValueError(tr('{text!r}: the " is not closed', text=parts[-1].strip()))
    return parts


def named(parts: Sequence[str]) -> dict[str, str]:
    """Returns the values of `name=value` parts by name."""
    values: dict[str, str] = {}
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise ValueError(tr("{text!r}: must be name=value", text=part.strip()))
        if name in values:
            raise ValueError(tr("{name} is given twice", name=name))
        values[name] = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return values
