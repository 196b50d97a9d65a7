"""The types of declared parameters: validation, parsing and error messages."""

from __future__ import annotations

import math
import re
import sys
from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass

Scale = Literal["linear", "log"]
Value = bool | int | float | str | tuple[float, ...] | None

MOST_NUMBERS = 1000
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)
"""Numbers whose mark is either a decimal mark or a thousands separator."""
_SHORT = 24
"""Maximum length of a text in names."""
_LONGEST = 60
"""Maximum length of a text in error messages."""
_DESCRIBED = {
    "": (mark("a number"), mark("a whole number"), mark("numbers"), mark("whole numbers")),
    "least": (
        mark("a number at least {low}"),
        mark("a whole number at least {low}"),
        mark("numbers at least {low}"),
        mark("whole numbers at least {low}"),
    ),
    "above": (
        mark("a number above {low}"),
        mark("a whole number above {low}"),
        mark("numbers above {low}"),
        mark("whole numbers above {low}"),
    ),
    "most": (
        mark("a number at most {high}"),
        mark("a whole number at most {high}"),
        mark("numbers at most {high}"),
        mark("whole numbers at most {high}"),
    ),
    "least most": (
        mark("a number from {low} to {high}"),
        mark("a whole number from {low} to {high}"),
        mark("numbers from {low} to {high}"),
        mark("whole numbers from {low} to {high}"),
    ),
    "above most": (
        mark("a number above {low} and at most {high}"),
        mark("a whole number above {low} and at most {high}"),
        mark("numbers above {low} and at most {high}"),
        mark("whole numbers above {low} and at most {high}"),
    ),
}
"""The allowed values by the bounds that there are: of a number, of a whole one, of several, of several whole ones."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A declared field: `name` is PyTorch's name, in files and on the terminal, `label` the name on the screen.

    A default of None is typed as `auto` or as the text in `auto`. Forms omit a parameter that is not `offered`.
    """

    name: str = ""
    label: str = ""
    default: Value
    help: str
    auto: str = ""
    offered: bool = True

    @property
    @abstractmethod
    def kind(self) -> str:
        """The type: bool, int, float, str, ints, floats or part."""

    @property
    @abstractmethod
    def allowed(self) -> str:
        """A description of the values that `check` accepts."""

    def check(self, value: object, subject: str = "") -> Value:
        """Returns the value in the declared type, never rounded; raises ValueError with the allowed values.

        The message begins with `subject`, by default name and value.
        """
        if value is None and self.default is None:
            return None
        checked = self._checked(value)
        if checked is None:
            raise self._error(subject or f"{self.name} = {_brief(value)}")
        return checked

    def parse(self, text: str, subject: str = "") -> Value:
        """Returns the checked value of a typed text; raises ValueError as `check` does."""
        if self.default is None and text.strip().lower() in ("", "auto", self.auto):
            return None
        value = self._parsed(text)
        if value is None:
            raise self._error(subject or f"{self.name} = {text!r}")
        return self.check(value, subject)

    def plain(self, value: Value) -> str:
        """Returns a value as it is typed."""
        return "auto" if value is None else str(value)

    def short(self, value: Value) -> str:
        """Returns a value for names: numbers with six digits, the beginning of a long text."""
        if isinstance(value, (bool, int, float)):
            return f"{float(value):g}"
        plain = self.plain(value)
        return plain if len(plain) <= _SHORT else plain[: _SHORT - 1] + "…"

    def _error(self, subject: str) -> ValueError:
        return ValueError(tr("{subject}: must be {allowed}", subject=subject, allowed=self.allowed))

    @abstractmethod
    def _checked(self, value: object) -> Value:
        """Returns the value in the declared type; None if it is not allowed."""

    @abstractmethod
    def _parsed(self, text: str) -> Value:
        """Returns the parsed text; None if it has another type."""


@dataclass(frozen=True, kw_only=True)
class Flag(Parameter):
    """Yes or no."""

    kind = "bool"

    @property
    def allowed(self) -> str:
        return tr("true or false")

    def plain(self, value: Value) -> str:
        return str(value).lower()

    def _checked(self, value: object) -> Value:
        return value if isinstance(value, bool) else None

    def _parsed(self, text: str) -> Value:
        return {"true": True, "false": False}.get(text.strip().lower())


@dataclass(frozen=True, kw_only=True)
class Number(Parameter):
    """A number between bounds; `whole` for an int, `scale` how a control steps through it."""

    low: float = -math.inf
    high: float = math.inf
    low_is_open: bool = False
    scale: Scale = "linear"
    whole: bool = False

    @property
    def kind(self) -> str:
        return "int" if self.whole else "float"

    @property
    def allowed(self) -> str:
        return self._described(several=False)

    def _described(self, *, several: bool) -> str:
        text = _DESCRIBED[self._bounds][2 * several + self.whole]
        return tr(text, low=_plain(self.low), high=_plain(self.high))

    @property
    def _bounds(self) -> str:
        low, high = math.isfinite(self.low), math.isfinite(self.high)
        least = ("above" if self.low_is_open else "least") if low else ""
        return f"{least} most".strip() if high else least

    def _checked(self, value: object) -> Value:
        return self._one(value)

    def _one(self, value: object) -> int | float | None:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) <= sys.float_info.max:
            return None
        inside = self.low <= value <= self.high and not (self.low_is_open and value == self.low)
        if not inside or (self.whole and not float(value).is_integer()):
            return None
        return int(value) if self.whole else float(value)

    def _parsed(self, text: str) -> Value:
        return read_number(text, whole=True) if self.whole else read_decimal(text)


@dataclass(frozen=True, kw_only=True)
class Numbers(Number):
    """Several numbers, each between the bounds; if `rising`, each greater than the one before."""

    rising: bool = False

    @property
    def kind(self) -> str:
        return f"{super().kind}s"

    @property
    def allowed(self) -> str:
        numbers = self._described(several=True)
        if self.rising:
            return tr("{numbers} in rising order, joined with +, as in 20+35", numbers=numbers)
        return tr("{numbers}, joined with +, as in 20+35", numbers=numbers)

    def plain(self, value: Value) -> str:
        return "+".join(map(str, value)) if isinstance(value, tuple) else super().plain(value)

    def _checked(self, value: object) -> Value:
        if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_NUMBERS:
            return None
        numbers = tuple(number for item in value if (number := self._one(item)) is not None)
        ordered = not self.rising or all(before < after for before, after in pairwise(numbers))
        return numbers if ordered and len(numbers) == len(value) else None

    def _parsed(self, text: str) -> Value:
        parts = text.split("+")
        read = [read_number(part, whole=True) if self.whole else read_decimal(part) for part in parts]
        numbers = tuple(number for number in read if number is not None)
        return numbers if len(numbers) == len(parts) else None


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One of several words; `titles` are the words on the screen, by default the same."""

    choices: Sequence[str]
    titles: Sequence[str] = ()
    kind = "str"

    @property
    def allowed(self) -> str:
        return tr("one of {choices}", choices=", ".join(self.choices))

    def _checked(self, value: object) -> Value:
        return value if isinstance(value, str) and value in self.choices else None

    def _parsed(self, text: str) -> Value:
        return text.strip()


@dataclass(frozen=True, kw_only=True)
class Text(Parameter):
    """Free text, such as a formula, which its entry validates; with `lines` it may have several lines."""

    most: int = 2000
    lines: bool = False
    kind = "str"

    @property
    def allowed(self) -> str:
        return tr("a text of 1 to {most} characters", most=self.most)

    def _checked(self, value: object) -> Value:
        if not isinstance(value, str) or not 1 <= len(value) <= self.most:
            return None
        return value if all(sign.isprintable() or sign == "\n" for sign in value) else None

    def _parsed(self, text: str) -> Value:
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()


def _brief(value: object) -> str:
    shown = repr(value[:_LONGEST] if isinstance(value, str) else value)
    return f"{shown}…" if isinstance(value, str) and len(value) > _LONGEST else shown


def read_decimal(text: str, mark: str = ".") -> float | None:
    """Returns a number with a decimal point or comma; None for another text.

    ValueError where it has two readings, as 1,500 where `mark` is the decimal mark.
    """
    word = text.strip()
    grouped = AMBIGUOUS.fullmatch(word)
    if grouped is not None and grouped[1] != mark:
        point, thousands = float(word.replace(",", ".")), float(re.sub("[.,]", "", word))
        raise ValueError(tr("{text!r} can mean {one:g} or {other:g}", text=text, one=point, other=thousands))
    return read_number(word.replace(",", ".") if word.count(",") == 1 and "." not in word else word, whole=False)


def read_number(text: str, *, whole: bool) -> int | float | None:
    """Returns a number in plain digits; None for another text."""
    word = text.strip()
    if "_" in word or not word.isascii():
        return None  # Python would read 1_000 and other scripts' digits
    try:
        return int(word) if whole else float(word)
    except ValueError:
        return None


def _plain(bound: float) -> str:
    """Returns a bound as it is typed: 100000, not 1e+05."""
    whole = isinstance(bound, int) or (abs(bound) < 1e12 and bound == int(bound))
    return str(int(bound)) if whole else f"{bound:g}"
