"""Separates the formulas between dollar signs from the Markdown around them, and typesets them."""

from __future__ import annotations

import re
from dataclasses import replace

from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.formula.typeset import Piece, Pieces, joined, plain_text, typeset
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass

FIRST_MARK = 0xE000
"""Code point that stands for the first formula of a text, in Unicode's private use area."""
WORDS = (mark("rate"), mark("gradient"), mark("loss"), mark("limit"), mark("noise"), mark("nudge"), mark("new"))
"""The names in formulas that are words, which are shown in the language in use."""
MOST_FORMULAS, MOST_LETTERS = 200, 4000
_FORMULA = re.compile(r"\$([^$\n]*)\$")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_SLOT = re.compile(r"\{[^{}]*\}")
_POWER = re.compile(r"(·|(?<![\d.]))10([⁻⁰¹²³⁴-⁹]+)")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")


@dataclass(frozen=True)
class Prose:
    """Markdown in which the character FIRST_MARK + i stands for the formula i."""

    markdown: str
    formulas: tuple[Pieces, ...]

    @property
    def plain(self) -> str:
        """The text with its formulas in Unicode."""
        marks = {FIRST_MARK + index: plain_text(pieces) for index, pieces in enumerate(self.formulas)}
        return self.markdown.translate(marks)


def prose(text: str) -> Prose:
    """Returns the text with its formulas typeset.

    A formula is one of `core.formula.parse`, or several joined by `=`. ValueError for an invalid one, a dollar sign
    alone, or a character that cannot be shown.
    """
    for letter in text:
        if not (letter.isprintable() or letter == "\n"):
            raise ValueError(tr("the character U+{ord:04X} cannot be shown; remove it", ord=ord(letter)))
    formulas: list[Pieces] = []

    def mark(match: re.Match[str]) -> str:
        formulas.append(_typeset(match.group(1)))
        return chr(FIRST_MARK + len(formulas) - 1)

    if text.count("$") > 2 * MOST_FORMULAS:
        raise ValueError(tr("more than {most} formulas; make two steps of this one", most=MOST_FORMULAS))
    markdown = _FORMULA.sub(mark, text)
    if "$" in markdown:
        raise ValueError(tr("a $ stands alone; a formula is written between two of them on one line: $w - lr*g$"))
    return Prose(markdown, tuple(formulas))


def unfilled(text: str) -> Prose:
    """Returns the text with 1 in its slots; ValueError as `prose`, and for one that takes long to be laid out."""
    if len(text) > MOST_LETTERS:
        raise ValueError(
            tr(
                "a text of {count:,} letters; make several of it, of {most:,} at most",
                count=len(text),
                most=MOST_LETTERS,
            )
        )
    return prose(_SLOT.sub("1", text))


def shown(text: str) -> Prose:
    """Returns the text with its formulas typeset, as it is where that fails: its slots have been filled by a run."""
    try:
        return prose(text)
    except ValueError:
        return Prose("".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text), ())


def _typeset(text: str) -> Pieces:
    try:
        text = _THOUSANDS.sub("", text.replace("−", "-"))  # as slots are filled
        text = _POWER.sub(lambda found: f"{'' if found[1] else 1}e{found[2].translate(_LOWERED)}", text)
        sides = [typeset(parse_expression(side.strip())) for side in _EQUALS.split(text)]
        return tuple(map(_translated, joined(sides, " = ")))
    except FormulaError as error:
        raise ValueError(tr("the formula ${typed}$: {error}", typed=text, error=error)) from None


def _translated(piece: Piece) -> Piece:
    return replace(piece, text=tr(piece.text)) if piece.text in WORDS else piece
