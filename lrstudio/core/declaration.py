"""What every catalogue entry shares: parameters declared once, as the fields of a frozen dataclass.

A form, a command-line option, JSON and validation are small readers of that declaration.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Literal, Self, TypeVar

T = TypeVar("T", bound="Declared")
MOST_STEPS = 1_000_000_000

Scale = Literal["linear", "log"]
Value = bool | int | float | str | None


@dataclass(frozen=True)
class Parameter:
    """One declared field: its type, default, bounds and the sentence that explains it."""

    name: str
    type: type[bool] | type[int] | type[float]
    default: bool | int | float | None
    help: str
    low: float
    high: float
    scale: Scale
    low_is_open: bool

    @property
    def allowed(self) -> str:
        """The values that `check` accepts, in words."""
        if self.type is bool:
            return "true or false"
        kind = "a whole number" if self.type is int else "a number"
        low, high = math.isfinite(self.low), math.isfinite(self.high)
        least = f"above {_plain(self.low)}" if self.low_is_open else f"at least {_plain(self.low)}"
        if low and high and not self.low_is_open:
            return f"{kind} from {_plain(self.low)} to {_plain(self.high)}"
        bounds = [least] * low + [f"at most {_plain(self.high)}"] * high
        return " ".join([kind, " and ".join(bounds)]).strip()

    def check(self, value: object) -> Value:
        """The value in the declared type, or ValueError with what is allowed. Nothing is rounded or guessed."""
        if value is None and self.default is None:
            return None
        if self.type is bool:
            if isinstance(value, bool):
                return value
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
            whole = float(value).is_integer()
            inside = self.low <= value <= self.high and not (self.low_is_open and value == self.low)
            if inside and (whole or self.type is float):
                return self.type(value)
        raise ValueError(f"{self.name} = {value!r}: must be {self.allowed}")

    def parse(self, text: str) -> Value:
        """The value a typed text means, checked; ValueError with what is allowed otherwise."""
        word = text.strip().lower()
        if self.default is None and word in ("", "auto"):
            return None
        if self.type is bool and word in ("true", "false"):
            return word == "true"
        if "_" in word or not word.isascii():
            word = ""  # Python would read 1_000 and other scripts' digits
        try:
            number = int(word) if self.type is int else float(word)
        except ValueError:
            number = None
        if number is None or self.type is bool:
            raise ValueError(f"{self.name} = {text!r}: must be {self.allowed}")
        return self.check(number)


def _plain(bound: float) -> str:
    """A bound as it would be typed: 100000, not 1e+05."""
    return f"{bound:.0f}" if abs(bound) < 1e12 and bound == int(bound) else f"{bound:g}"


def param(
    default: bool | int | float,
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    scale: Scale = "linear",
    above: float | None = None,
) -> Any:
    """A dataclass field with its explanation and bounds; `above` is an open lower bound."""
    meta = {
        "help": help,
        "low": low if above is None else above,
        "high": high,
        "scale": scale,
        "open": above is not None,
    }
    return field(default=default, metadata=meta)


def length(help: str) -> Any:
    """A number of steps of at least 1 that is the experiment's number of steps while it is None."""
    return field(default=None, metadata={"help": help, "low": 1, "high": MOST_STEPS, "scale": "linear", "open": False})


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A catalogue entry. `key` names it in files and on the command line, `title` on the screen."""

    key: ClassVar[str]
    title: ClassVar[str]

    def __post_init__(self) -> None:
        for parameter in self.parameters():
            object.__setattr__(self, parameter.name, parameter.check(getattr(self, parameter.name)))
        self.check()

    @classmethod
    def group(cls) -> str:
        """What it belongs to; a catalogue lists the entries of a group together."""
        return ""

    def check(self) -> None:
        """Raise ValueError where values that are fine one by one do not go together."""

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The declared parameters, in their order."""
        return _parameters(cls)  # type: ignore[arg-type] # mypy takes a class with a __hash__ for unhashable

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: one sentence for lists and tooltips."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> Self:
        """An entry from typed texts; ValueError names the parameter and what is allowed."""
        known = {parameter.name: parameter for parameter in cls.parameters()}
        for name in texts:
            if name not in known:
                raise ValueError(f"{cls.key} has no parameter {name!r}; {_offer(known)}")
        return cls(**{name: known[name].parse(text) for name, text in texts.items()})

    def values(self) -> dict[str, Value]:
        """The parameters' values by name."""
        return {parameter.name: getattr(self, parameter.name) for parameter in self.parameters()}


def _offer(known: Mapping[str, object]) -> str:
    return f"it has {', '.join(known)}" if known else "it has none"


@cache
def _parameters(cls: type[Declared]) -> tuple[Parameter, ...]:
    types = {"bool": bool, "int": int, "float": float, "int | None": int, "float | None": float}
    return tuple(
        Parameter(
            name=entry.name,
            type=types[str(entry.type)],
            default=None if entry.default is MISSING else entry.default,
            help=entry.metadata["help"],
            low=entry.metadata["low"],
            high=entry.metadata["high"],
            scale=entry.metadata["scale"],
            low_is_open=entry.metadata["open"],
        )
        for entry in fields(cls)
    )


def find(catalogue: tuple[type[T], ...], key: str, what: str) -> type[T]:
    """The entry with this key, or ValueError that names what there is."""
    for entry in catalogue:
        if entry.key == key:
            return entry
    raise ValueError(f"unknown {what} {key!r}; there are {', '.join(entry.key for entry in catalogue)}")
