"""A typeset formula as rich text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lrstudio.core.formula.typeset import Piece
from lrstudio.ui.look.prose import has_ideographs

_FUNCTIONS = frozenset(
    "sin cos tan atan exp log log1p sign tanh sinh cosh sigmoid softplus relu min max mean sum if else".split()
)


def rich(pieces: Iterable[Piece]) -> str:
    """Returns the pieces as rich text: names in italics, numbers with all digits as their tooltips."""
    return "".join(map(_piece, pieces))


def _is_slanted(name: str) -> bool:
    return name.isidentifier() and name not in _FUNCTIONS and not has_ideographs(name)


def _piece(piece: Piece) -> str:
    text = escape(piece.text).replace(" ", "&nbsp;") if piece.value is not None else escape(piece.text)
    if piece.value is not None:
        tooltip = f"{piece.name} = {piece.value!r}" if piece.name else repr(piece.value)
        text = f'<span title="{escape(tooltip)}">{text}</span>'
    elif piece.name and _is_slanted(piece.text.strip()) and not piece.shift:
        text = f"<i>{text}</i>"
    if piece.shift:
        return f"<sup>{text}</sup>" if piece.shift > 0 else f"<sub>{text}</sub>"
    return text
