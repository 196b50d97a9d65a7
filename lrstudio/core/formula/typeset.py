"""Typesets a tree with subscripts and superscripts, optionally with values in place of names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from string import Formatter

from lrstudio.core.formula.parse import Call, Expression, Name, Number
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass

DIGITS = 4
_LITERAL = 5
"""Significant digits of the numbers written in a rule."""

_LETTERS = "alpha α beta β gamma γ delta δ eps ε eta η lambd λ mu μ rho ρ pi π sigma σ".split()
_GREEK = dict(zip(_LETTERS[::2], _LETTERS[1::2], strict=True))
_SIGNS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}
_BRACKETS = {"abs": ("|", "|"), "floor": ("⌊", "⌋"), "norm": ("‖", "‖")}
_COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(6)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text of a formula: on the line (shift 0), raised (1) or lowered (-1).

    `value` is the exact number behind a rounded one, `name` the name it belongs to.
    """

    text: str
    shift: int = 0
    value: float | None = None
    name: str = ""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A value shown in place of a part of a tree, to `digits` significant digits."""

    value: float
    digits: int = DIGITS


ValueOf = Callable[[Expression], Shown | None]


@dataclass(frozen=True, slots=True)
class _Spelled:
    pieces: Pieces
    level: int

    def within(self, least: int) -> Pieces:
        """Returns the pieces, in parentheses if they bind less tightly than `least`."""
        return self.pieces if self.level >= least else _parenthesized(self.pieces)


def typeset(tree: Expression, value_of: ValueOf = lambda _tree: None, *, flat: bool = False) -> Pieces:
    """Returns the pieces of a tree; `value_of` may return the value of a part. `flat` raises and lowers nothing."""
    return _spell(tree, value_of, flat).pieces


def typeset_name(name: str, *, flat: bool = False) -> Pieces:
    """Typesets a name: beta1 as β with subscript 1, eta_min as η with subscript min, weight_decay unchanged."""
    head, _, index = name.partition("_")
    if not index:
        head = name.rstrip("0123456789")
        index = name[len(head) :]
    greek = _GREEK.get(head, head)
    if flat or not head or not (len(greek) == 1 or index.isdigit() or head in ("lr", "rate", "step")):
        return (Piece(name if greek == head else greek + index, name=name),)
    lowered = (Piece(index, -1, name=name),) if index else ()
    return (Piece(greek, name=name), *lowered)


def typeset_number(shown: Shown, *, flat: bool = False, name: str = "") -> Pieces:
    """Typesets a rounded number; a very large or small one as a power of ten."""
    return _number(shown, flat, name).pieces


def power_of_ten(text: str) -> str:
    """Returns a number as 7.32·10⁻⁷ that was formatted as 7.32e-07; others as they are."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    ten = f"10{str(int(exponent)).replace('-', '−').translate(_RAISED)}"
    return f"{mantissa[:-1]}{ten}" if mantissa in ("1", "-1", "−1") else f"{mantissa}·{ten}"


def plain_text(pieces: Iterable[Piece]) -> str:
    """Returns the pieces as plain text: x², β₁ where Unicode has the character, else ^ and _."""
    runs = groupby(pieces, key=lambda piece: piece.shift)
    return "".join(_shifted("".join(piece.text for piece in run), shift) for shift, run in runs)


def joined(parts: Sequence[Pieces], between: str) -> Pieces:
    """Joins pieces with a text between them."""
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        pieces += [Piece(between), *part] if index else part
    return tuple(pieces)


def _spell(tree: Expression, value_of: ValueOf, flat: bool) -> _Spelled:
    shown = value_of(tree)
    if shown is not None:
        return _number(shown, flat, tree.name if isinstance(tree, Name) else "")
    match tree:
        case Number(value):
            return _number(Shown(value, _LITERAL), flat)
        case Name(name):
            return _Spelled(typeset_name(name, flat=flat), _ATOM)
        case Call("where"):
            return _Spelled(_parenthesized(_choices(tree, value_of, flat)), _ATOM)
        case Call(function, args) if len(args) == 2 and not function.isalpha():
            return _operator(function, args, value_of, flat)
        case Call("neg", (operand,)):
            return _Spelled((Piece("−"), *_spell(operand, value_of, flat).within(_PRODUCT)), _SIGN)
        case Call(function, args):
            return _function(function, [_spell(arg, value_of, flat) for arg in args])


def _operator(function: str, args: tuple[Expression, ...], value_of: ValueOf, flat: bool) -> _Spelled:
    left = _spell(args[0], value_of, flat)
    if function == "^":
        exponent = _spell(args[1], value_of, True)
        base = left.within(_ATOM)
        if flat:
            return _Spelled((*base, Piece("^"), *exponent.within(_ATOM)), _POWER)
        return _Spelled((*base, *(replace(piece, shift=1) for piece in exponent.pieces)), _POWER)
    right = _spell(args[1], value_of, flat)
    if function in _SIGNS:
        return _Spelled((*left.within(_SUM), Piece(f" {_SIGNS[function]} "), *right.within(_SUM)), _COMPARISON)
    if function in "+-":
        sign = " + " if function == "+" else " − "
        least = _PRODUCT if right.level != _SIGN else _POWER
        return _Spelled((*left.within(_SUM), Piece(sign), *right.within(least)), _SUM)
    sign = "·" if function == "*" else "/"
    return _Spelled((*left.within(_PRODUCT), Piece(sign), *right.within(_POWER)), _PRODUCT)


def _function(function: str, args: Sequence[_Spelled]) -> _Spelled:
    if function == "sqrt":
        return _Spelled((Piece("√"), *args[0].within(_ATOM)), _ATOM)
    inside = joined([arg.pieces for arg in args], ", ")
    if function in _BRACKETS:
        left, right = _BRACKETS[function]
        return _Spelled((Piece(left), *inside, Piece(right)), _ATOM)
    return _Spelled((Piece(function), *_parenthesized(inside)), _ATOM)


def _choices(tree: Expression, value_of: ValueOf, flat: bool) -> Pieces:
    """Typesets a `where` as in `1.2 if same > 0, else 1`."""
    if not (isinstance(tree, Call) and tree.function == "where") or value_of(tree) is not None:
        return _filled(tr("else {value}"), value=_spell(tree, value_of, flat).pieces)
    condition, yes = (_spell(part, value_of, flat).pieces for part in tree.args[:2])
    others = _choices(tree.args[2], value_of, flat)
    return _filled(tr("{value} if {condition}, {others}"), value=yes, condition=condition, others=others)


def _filled(text: str, **slots: Pieces) -> Pieces:
    """Returns the pieces of a text whose slots are pieces."""
    pieces: list[Piece] = []
    for literal, name, _, _ in Formatter().parse(text):
        pieces += [Piece(literal)] if literal else []
        pieces += slots[name] if name else ()
    return tuple(pieces)


def _number(shown: Shown, flat: bool, name: str = "") -> _Spelled:
    value = shown.value + 0.0
    sign = "−" if value < 0 else ""
    level = _SIGN if sign else _ATOM
    text = _digits(abs(value), shown.digits)
    mantissa, power, exponent = text.partition("e")
    if not power:
        return _Spelled((Piece(sign + text, value=value, name=name),), level)
    ten = "10" if mantissa == "1" else f"{mantissa}·10"
    raised = str(int(exponent)).replace("-", "−")
    pieces: Pieces = (Piece(sign + ten, value=value, name=name), Piece(raised, 1, value, name))
    if flat:
        pieces = (Piece(f"{sign}{ten}^{raised}", value=value, name=name),)
    return _Spelled(pieces, _SIGN if sign else (_POWER if mantissa == "1" else _PRODUCT))


def _digits(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "∞" if math.isinf(value) else "?"
    if value.is_integer() and value < 1e7:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def _parenthesized(pieces: Pieces) -> Pieces:
    return (Piece("("), *pieces, Piece(")"))


_RAISED = str.maketrans("0123456789−+t", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵗ")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _shifted(text: str, shift: int) -> str:
    if shift == 0 or not text:
        return text
    table = _RAISED if shift > 0 else _LOWERED
    if all(ord(letter) in table for letter in text):
        return text.translate(table)
    return f"^({text})" if shift > 0 and len(text) > 1 else ("^" if shift > 0 else "_") + text
