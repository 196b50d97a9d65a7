"""Numbers as they are typed and printed: 0.001, 1e-3 and, where the locale has a decimal comma, 0,001."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)


def read_number(text: str, mark: str = ".") -> float:
    """The number that a text means, with a point or a comma; ValueError where it is none or could be two.

    `mark` is the locale's own decimal mark. The other one is taken too, but not where it may separate thousands: 1,000
    is 1 to some and 1000 to others.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text) is None or is_ambiguous(text, mark):
        raise ValueError(text)
    return float(text.replace(",", "."))


def is_ambiguous(text: str, mark: str = ".") -> bool:
    """Whether the text has the mark of other locales where this one may separate thousands."""
    grouped = _GROUPED.fullmatch(text.strip())
    return grouped is not None and grouped[1] != mark


def meanings(text: str, mark: str = ".") -> tuple[str, str]:
    """Both numbers that an ambiguous text can mean, as they are printed."""
    text = text.strip()
    as_mark, as_group = text.replace(",", "."), re.sub("[.,]", "", text)
    return number_text(float(as_mark), mark), number_text(float(as_group), mark)


def number_text(value: float, mark: str = ".") -> str:
    """The shortest text that reads back to the same number."""
    return repr(float(value)).removesuffix(".0").replace(".", mark)
