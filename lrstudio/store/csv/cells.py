"""The text of a cell: reading numbers and labels, and writing labels that no spreadsheet computes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import LARGEST
from lrstudio.core.language import tr
from lrstudio.core.parameter import AMBIGUOUS

EITHER, UNDECIDED = ".=,", "?"
DECIMALS = {"point": ".", "comma": ",", "point-thousands": ".,", "comma-thousands": ",.", "either": EITHER}
"""Decimal marks, two of them with a thousands separator: 1.5, 1,5, 1,234.5, 1.234,5, and 1.500 beside 1,500.

Point and comma also read the other mark unless it may separate thousands (1,500); UNDECIDED refuses both such texts.
"""
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,. '’_\u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d*)?", re.ASCII)
_THOUSANDS = {
    ".,": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII),
    ",.": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?", re.ASCII),
}
_AMBIGUOUS_LINE = {
    decimal: re.compile(rf"^[^\S\n]*[+-]?[1-9]\d{{0,2}}[{marks}]\d{{3}}[^\S\n]*$", re.ASCII | re.MULTILINE)
    for decimal, marks in ((".", ","), (",", "."), (UNDECIDED, ".,"))
}
_LIKE = re.compile(
    r"[+-]?(?:[.,]?\d[\d.,' ’_\u00a0\u202f]*(?:e[+-]?\d+)?\s?%?|inf(?:inity)?|∞)", re.ASCII | re.IGNORECASE
)
"""Numbers in any spelling, also those that `number_of` refuses."""
_MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}
COMMON_GAPS = frozenset(form(word) for word in _MISSING for form in (str, str.upper, str.title)) | {"NaN"}
"""Texts of missing values as they are mostly spelled; `is_missing` knows all."""
_INFINITE = {"inf", "infinity", "∞"}
_COMPUTED = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


class AmbiguousError(ValueError):
    """A cell can mean two numbers; `readings` has each number with the value of DECIMALS that chooses it."""

    def __init__(self, text: str, decimal: str) -> None:
        super().__init__(text, decimal)
        mark, other = (".", ",") if "." in text else (",", ".")
        small, large = float(text.replace(",", ".")), float(text.replace(mark, ""))
        self.readings = ((small, mark if decimal == UNDECIDED else EITHER), (large, other + mark))

    def __str__(self) -> str:
        (small, _mark), (large, _marks) = self.readings
        return tr("can mean {small:g} or {large:g}", small=small, large=large)


def numbers_of(cells: Sequence[str], decimal: str) -> Array | None:
    """Returns the numbers (m,) of a column's cells, fast; None if `number_of` must parse them one by one."""
    values = floats_of(cells, decimal)
    return values if values is not None and (np.abs(values) <= LARGEST).all() else None  # False for NaN


def floats_of(cells: Sequence[str], decimal: str) -> Array | None:
    """Returns what Python's float makes of cells (m,), infinite and NaN included; None if it refuses one."""
    text = "\n".join(cells)
    if not text.isascii() or "_" in text:
        return None
    if "," in text or decimal not in (".", EITHER):
        pattern = _AMBIGUOUS_LINE.get(decimal)
        if (decimal in _THOUSANDS and decimal[1] in text) or (pattern and pattern.search(text)):
            return None
        cells = [cell.replace(",", ".") for cell in cells] if "," in text else cells
    try:
        return np.fromiter(map(float, cells), float, len(cells))
    except ValueError:
        return None


def number_of(cell: str, decimal: str) -> float:
    """Returns the number in a cell; ValueError says why it has none, AmbiguousError that it has two."""
    text = cell.strip()
    if _is_ambiguous(text, decimal):
        raise AmbiguousError(text, decimal)
    plain = _plain(text, decimal)
    if _NUMBER.fullmatch(plain) is None:
        raise ValueError(_why(text, decimal))
    value = float(plain)
    if not abs(value) <= LARGEST:
        raise ValueError(tr("is larger than {largest:g}", largest=LARGEST))
    return value


def is_number(cell: str, decimal: str) -> bool:
    """Whether the cell is one number, or can mean two."""
    text = cell.strip()
    if _is_ambiguous(text, decimal):
        return True
    plain = _plain(text, decimal)
    return _NUMBER.fullmatch(plain) is not None and abs(float(plain)) <= LARGEST


def resembles_number(cell: str) -> bool:
    """Whether the cell is a number in any spelling, such as 1,234.5 or 50%."""
    return _LIKE.fullmatch(cell.strip()) is not None


def is_missing(cell: str) -> bool:
    """Whether the cell stands for a missing value."""
    return cell.strip().lower() in _MISSING


def word_of(cell: str, decimal: str) -> str:
    """Returns the text of a class, the same for 1 and 1.0; ValueError if it is missing."""
    if is_missing(cell):
        raise ValueError(tr("is missing"))
    try:
        return f"{number_of(cell, decimal):.12g}"
    except ValueError:
        return printable(label_of(cell.strip()))[:60]


def guess_decimal(cells: Sequence[str]) -> str:
    """Returns the value of DECIMALS that the cells prove; UNDECIDED if none has one reading with a mark."""
    found = dict.fromkeys(DECIMALS.values(), 0)
    for cell in cells:
        text = cell.strip()
        if ("." in text or "," in text) and AMBIGUOUS.fullmatch(text) is None:
            for decimal in (".", ","):
                found[decimal] += decimal in text and _NUMBER.fullmatch(text.replace(decimal, ".")) is not None
            for decimal, pattern in _THOUSANDS.items():
                found[decimal] += pattern.fullmatch(text) is not None and text[0] != "0"
    thousands = [decimal for decimal in _THOUSANDS if found[decimal] and not found[decimal[1]]]
    if len(thousands) == 1 and not found[thousands[0][::-1]]:
        return thousands[0]
    if bool(found["."]) == bool(found[","]):
        return UNDECIDED
    return "." if found["."] else ","


def harmless(label: str) -> str:
    """Returns a label as spreadsheets show it: an apostrophe before one that they would compute (=, +, -, @, tab)."""
    return f"'{label}" if _COMPUTED.match(label) else label


def label_of(cell: str) -> str:
    """Returns the label of which `harmless` made the cell."""
    return cell[1:] if cell.startswith("'") and _COMPUTED.match(cell) else cell


def printable(text: str) -> str:
    """Returns the text with a question mark for every character that cannot be printed."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


def _is_ambiguous(text: str, decimal: str) -> bool:
    if decimal == EITHER or decimal in _THOUSANDS:
        return False
    match = AMBIGUOUS.fullmatch(text)
    return match is not None and match[1] != decimal


def _plain(text: str, decimal: str) -> str:
    """Returns a number with a decimal point and without thousands separators; other text as it is."""
    if decimal not in _THOUSANDS:
        return text.replace(",", ".")
    mark, separator = decimal[0], decimal[1]
    if _THOUSANDS[decimal].fullmatch(text):
        text = text.replace(separator, "")
    return "" if separator in text else text.replace(mark, ".")


def _why(text: str, decimal: str) -> str:
    lower = text.lower()
    if lower in _MISSING:
        return tr("is missing")
    if lower.lstrip("+-") in _INFINITE:
        return tr("is infinite")
    if text.endswith("%") and _LIKE.fullmatch(text):
        return tr("has a percent sign; write 0.5 for 50%")
    if _GROUPED.fullmatch(text):
        names = [name for name, mode in DECIMALS.items() if mode in _THOUSANDS and _THOUSANDS[mode].fullmatch(text)]
        if not names:
            return tr("has thousands separators; write 1234567")
        return tr("has thousands separators; write 1234567, or set the decimal mark to {name}", name=names[0])
    if _NUMBER.fullmatch(text.replace(",", ".")):
        return tr(
            "has another decimal mark than {name}",
            name=next(name for name, mark in DECIMALS.items() if mark == decimal),
        )
    return tr("is not a number")
