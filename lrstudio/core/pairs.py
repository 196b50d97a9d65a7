"""`name=value` pairs with a sign between them, as they are typed in options and in entries."""

from __future__ import annotations

from collections.abc import Sequence


def pairs(text: str, separator: str = ",") -> dict[str, str]:
    """The values by name; none in a text without any. ValueError says what is wrong.

    Signs between parentheses separate nothing, nor do those of a value in double quotes, which are taken off.
    """
    return named(split(text, separator)) if text.strip() else {}


def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand neither in parentheses nor in a value's quotes."""
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
        raise ValueError(f'{parts[-1].strip()!r}: the " is not closed')
    return parts


def named(parts: Sequence[str]) -> dict[str, str]:
    """The values of `name=value` parts by name."""
    found: dict[str, str] = {}
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise ValueError(f"{part.strip()!r}: must be name=value")
        if name in found:
            raise ValueError(f"{name} is given twice")
        found[name] = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return found
