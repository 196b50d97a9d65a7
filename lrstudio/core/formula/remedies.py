"""The messages of texts that are no formula: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable

from lrstudio.core.language import tr

_WRITE = {"²": "^2", "³": "^3", "×": "*", "·": "*", "−": "-", "÷": "/", "π": "pi", "|": "abs(...)"}
_WRITE |= dict.fromkeys("[{", "(") | dict.fromkeys("]}", ")")
"""Replacements of characters in printed formulas."""
_OTHER_NAMES = {
    "ln": "log(...)", "log10": "log(...)/log(10)", "lg": "log(...)/log(10)", "log2": "log(...)/log(2)",
    "tg": "tan(...)", "arctan": "atan(...)", "sgn": "sign(...)", "pow": "a^b", "square": "(...)^2", "sqr": "(...)^2",
}  # fmt: skip
"""Replacements of functions with other names elsewhere."""


def unfit(sign: str) -> str:
    """Returns that a sign does not belong in a formula, and what to write instead."""
    if sign in _WRITE:
        return tr("{sign!r} does not belong in a formula; write {other}", sign=sign, other=_WRITE[sign])
    return tr("{sign!r} does not belong in a formula", sign=sign)


def unknown_function(name: str, known: Iterable[str]) -> str:
    """Returns that a function is none of the known ones, and what to write instead."""
    other, names = _OTHER_NAMES.get(name.lower()), ", ".join(sorted(known))
    if other:
        return tr("unknown function {name!r}; write {other}; there are {names}", name=name, other=other, names=names)
    return tr("unknown function {name!r}; for a product write {name}*(...); there are {names}", name=name, names=names)


def missing(before: str, after: str, *, several: bool) -> str:
    """Returns that an operator, or where there are `several` arguments a comma, is missing between two tokens."""
    texts = {"before": before, "after": after}
    if several:
        return tr(
            "an operator or a comma is missing between {before!r} and {after!r}; for a product write {before}*{after}",
            **texts,
        )
    return tr("an operator is missing between {before!r} and {after!r}; for a product write {before}*{after}", **texts)


def misplaced_comma(number: str) -> str:
    """Returns that a comma is misplaced; `number` is with a point what may be meant, or empty."""
    if number:
        return tr(
            "',' is not expected here; it stands between the arguments of a function; "
            "a decimal mark is a point: {number}",
            number=number,
        )
    return tr("',' is not expected here; it stands between the arguments of a function")
