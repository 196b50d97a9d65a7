"""Parsing the text of a cell as a number."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import LARGEST

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,. '’_\u00a0\u202f]\d{3})+(?:[.,]\d*)?", re.ASCII)
_MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}
COMMON_GAPS = frozenset(form(word) for word in _MISSING for form in (str, str.upper, str.title)) | {"NaN"}
"""Texts of missing values as they are mostly spelled; `is_missing` knows all."""
_INFINITE = {"inf", "infinity", "∞"}


def numbers_of(cells: Sequence[str], decimal: str) -> Array | None:
    """Returns the numbers (m,) of a column's cells, fast; None if `number_of` must parse them one by one."""
    values = floats_of(cells, decimal)
    return values if values is not None and (np.abs(values) <= LARGEST).all() else None  # False for NaN


def floats_of(cells: Sequence[str], decimal: str) -> Array | None:
    """Returns what Python's float makes of cells (m,), infinite and NaN included; None if it refuses one."""
    text = "\n".join(cells)
    if not text.isascii() or "_" in text:
        return None
    if decimal == ",":
        if "." in text:
            return None
        cells = text.replace(",", ".").split("\n")
    try:
        return np.array(list(map(float, cells)))
    except ValueError:
        return None


def number_of(cell: str, decimal: str) -> float:
    """Returns the number in a cell; ValueError says why it has none."""
    text = cell.strip()
    plain = text.replace(",", ".") if decimal == "," and "." not in text else text
    if _NUMBER.fullmatch(plain) is None:
        raise ValueError(_why(text, decimal))
    value = float(plain)
    if not abs(value) <= LARGEST:
        raise ValueError(f"is larger than {LARGEST:g}")
    return value


def is_number(cell: str, decimal: str) -> bool:
    """Whether `number_of` accepts the cell."""
    try:
        number_of(cell, decimal)
    except ValueError:
        return False
    return True


def is_missing(cell: str) -> bool:
    """Whether the cell stands for a missing value."""
    return cell.strip().lower() in _MISSING


def word_of(cell: str, decimal: str) -> str:
    """Returns the text of a class, the same for 1 and 1.0; ValueError if it is missing."""
    if is_missing(cell):
        raise ValueError("is missing")
    if is_number(cell, decimal):
        return f"{number_of(cell, decimal):.12g}"
    return printable(cell.strip())[:60]


def printable(text: str) -> str:
    """Returns the text with a question mark for every character that cannot be printed."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _why(text: str, decimal: str) -> str:
    lower = text.lower()
    if lower in _MISSING:
        return "is missing"
    if lower.lstrip("+-") in _INFINITE:
        return "is infinite"
    if _GROUPED.fullmatch(text):
        return "has thousands separators, or another decimal mark; write 1234567"
    if decimal == "," and _NUMBER.fullmatch(text):
        return "has a decimal point; the decimal mark is set to comma"
    if decimal == "." and _NUMBER.fullmatch(text.replace(",", ".")):
        return "has a decimal comma; the decimal mark is set to point"
    return "is not a number"
