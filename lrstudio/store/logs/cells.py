"""The numbers in the cells of a log: also [0.001], tensor(2.3) and losses that are no finite number."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import LARGEST
from lrstudio.core.language import tr
from lrstudio.store.csv.cells import COMMON_GAPS, floats_of, is_missing, number_of

_WORDS = {"nan": np.nan, "inf": np.inf, "infinity": np.inf, "∞": np.inf}
"""Texts of losses that are no finite number."""
_NO_LOG = "no log"
"""What the tables of Hugging Face's notebooks have before the first loss was logged."""
BLANK = frozenset(word for word in COMMON_GAPS if word.lower() != "nan") | {"No log"}
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]?(?:nan|inf|infinity)"
_WRAPPED = re.compile(
    rf"(?:[a-z_][\w.]{{0,40}}\()?\s*\[{{0,3}}\s*({_NUMBER})\s*\]{{0,3}}\s*(?:,[^()]{{0,80}}(?:\([^()]{{0,40}}\))?[^()]{{0,80}})?\)?",
    re.ASCII | re.IGNORECASE,
)
_FLOAT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def unwrapped(cell: str) -> str:
    """Returns the number in [0.001], tensor(2.3), tensor([2.3], device='cuda:0') or np.float64(2.3); else the cell."""
    text = cell.strip()
    if text[-1:] not in (")", "]"):
        return text
    match = _WRAPPED.fullmatch(text)
    return text if match is None else match[1]


def has_several(cell: str) -> bool:
    """Whether a cell is a list of several numbers, of which `unwrapped` returns the first."""
    first, _sign, rest = unwrapped_list(cell).partition(",")
    return bool(_FLOAT.fullmatch(first.strip()) and _FLOAT.match(rest.strip()))


def unwrapped_list(cell: str) -> str:
    """Returns what is between the brackets of a list; nothing for another cell."""
    begin, end = cell.find("["), cell.rfind("]")
    return cell[begin + 1 : end].strip("[]") if 0 <= begin < end else ""


def is_gap(cell: str) -> bool:
    """Whether nothing was logged; NaN is a value."""
    word = cell.strip().lower()
    return word == _NO_LOG or (is_missing(cell) and word != "nan")


def value_of(cell: str, decimal: str) -> float:
    """Returns the number in a cell, which may be NaN, infinite or of any size; ValueError says why it has none."""
    text = unwrapped(cell)
    word = text.lower().lstrip("+-")
    if word in _WORDS:
        return -_WORDS[word] if text.startswith("-") else _WORDS[word]
    if _FLOAT.fullmatch(text) and (decimal not in (",", ",.") or "." not in text):
        value = float(text)
        if abs(value) > LARGEST:
            return value
    return number_of(text, decimal)


def rate_of(value: float) -> float:
    """Returns a rate; ValueError if this is none. A rate that is NaN is missing, and stays so."""
    if value < 0:
        raise ValueError(tr("is below 0: no rate"))
    if value > LARGEST:
        raise ValueError(tr("is larger than {largest:g}: no rate", largest=LARGEST))
    return value


def values_of(cells: Sequence[str], decimal: str) -> tuple[Array, Array | None] | None:
    """Returns values (m,) and, if some are missing, which are there (m,), fast; None to read cells one by one."""
    values = floats_of(cells, decimal)
    if values is not None:
        return values, None
    there = np.array([cell not in BLANK for cell in cells])
    if there.all():
        return None
    filled = [cell for cell, known in zip(cells, there.tolist(), strict=True) if known]
    known_values = floats_of(filled, decimal) if filled else np.empty(0)
    if known_values is None:
        return None
    values = np.full(len(cells), np.nan)
    values[there] = known_values
    return values, there
