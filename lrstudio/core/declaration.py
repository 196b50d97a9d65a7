"""What catalogue entries and the experiment share: parameters declared once, as the fields of a frozen dataclass.

A form, a command-line option, JSON and validation are small readers of that declaration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from lrstudio.core.pairs import pairs
from lrstudio.core.parameter import Choice, Flag, Number, Numbers, Parameter, Scale, Text, Value

T = TypeVar("T", bound="Declared")
MOST_STEPS = 1_000_000_000


def param(
    default: bool | int | float | None,
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    scale: Scale = "linear",
    above: float | None = None,
    whole: bool | None = None,
    auto: str = "",
    offered: bool = True,
    label: str = "",
) -> Any:
    """A dataclass field of a flag or a number, with its explanation and bounds; `above` is an open lower bound.

    A default of None means that the value follows from something else: `auto` says from what, as lr/4. `whole` is a
    default's own kind. What is not `offered` is in no form. `label` is its name on the screen, that of the field with
    spaces where there is none.
    """
    if isinstance(default, bool):
        return _declared(Flag(default=default, help=help, offered=offered, label=label))
    number = Number(
        default=default,
        help=help,
        low=low if above is None else above,
        high=high,
        low_is_open=above is not None,
        scale=scale,
        whole=isinstance(default, int) if whole is None else whole,
        auto=auto,
        offered=offered,
        label=label,
    )
    return _declared(number)


def length(help: str, label: str = "") -> Any:
    """A number of steps of at least 1 that is the experiment's number of steps while it is None."""
    return param(None, help, 1, MOST_STEPS, whole=True, label=label)


def numbers(
    default: tuple[float, ...],
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    rising: bool = False,
    label: str = "",
) -> Any:
    """A dataclass field of several numbers, whole ones where the default's are."""
    whole = all(isinstance(value, int) for value in default)
    return _declared(Numbers(default=default, help=help, low=low, high=high, rising=rising, whole=whole, label=label))


def choice(default: str, choices: Sequence[str], help: str, label: str = "", titles: Sequence[str] = ()) -> Any:
    """A dataclass field that is one of a few words; `titles` are those on the screen."""
    return _declared(Choice(default=default, choices=tuple(choices), help=help, label=label, titles=tuple(titles)))


def text(default: str | None, help: str, most: int = 2000, *, lines: bool = False, label: str = "") -> Any:
    """A dataclass field of free text, perhaps of several lines; its entry's `check` says whether it means something."""
    return _declared(Text(default=default, help=help, most=most, lines=lines, label=label))


def _declared(parameter: Parameter) -> Any:
    return field(default=parameter.default, metadata={"parameter": parameter})


@dataclass_transform(kw_only_default=True, frozen_default=True)
@dataclass(frozen=True, kw_only=True)
class Declared:
    """Base class of objects with declared parameters; each subclass becomes a frozen dataclass with keyword arguments.

    A catalogue entry's `key` names it in files and options, `title` on the screen.
    """

    key: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)

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

    def idle(self) -> frozenset[str]:
        """The names of parameters that mean nothing while the others are as they are."""
        return frozenset()

    def changed(self, name: str, value: Value) -> Self:
        """The same with another value of a parameter."""
        return replace(self, **{name: value})

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


@dataclass(frozen=True, kw_only=True)
class Part(Parameter):
    """An entry of one kind, typed as its first parameter and then the others: forward:eps=1e-4."""

    default: Any
    entry: type[Declared]
    kind = "part"

    @property
    def allowed(self) -> str:
        return self.entry.parameters()[0].allowed

    def parse(self, text: str, subject: str = "") -> Any:
        first, _, rest = text.partition(":")
        try:
            return self.entry.from_texts({self.entry.parameters()[0].name: first} | pairs(rest))
        except ValueError as error:
            raise ValueError(f"{subject or f'{self.name} = {text!r}'}: {error}") from None

    def plain(self, value: Any) -> str:
        first, *others = ((known, getattr(value, known.name)) for known in self.entry.parameters())
        rest = ",".join(f"{known.name}={known.plain(given)}" for known, given in others if given != known.default)
        return first[0].plain(first[1]) + f":{rest}" * bool(rest)

    def _checked(self, value: object) -> Any:
        return value if isinstance(value, self.entry) else None

    def _parsed(self, text: str) -> Any:
        return self.parse(text)


def part(default: Declared, help: str, *, label: str = "") -> Any:
    """A dataclass field that is an entry of the default's kind."""
    return _declared(Part(default=default, entry=type(default), help=help, label=label))


def _offer(known: Mapping[str, object]) -> str:
    return f"it has {', '.join(known)}" if known else "it has none"


@cache
def _parameters(cls: type[Declared]) -> tuple[Parameter, ...]:
    declared = [(entry.name, entry.metadata["parameter"]) for entry in fields(cls) if "parameter" in entry.metadata]
    return tuple(replace(known, name=name, label=known.label or name.replace("_", " ")) for name, known in declared)


def catalogue(names: Mapping[str, object], base: type) -> tuple[Any, ...]:
    """Returns the entries among a module's names, in the order in which it imports them; those have a key."""
    classes = [found for found in names.values() if isinstance(found, type) and issubclass(found, base)]
    return tuple(found for found in classes if hasattr(found, "key"))


def find(catalogue: tuple[type[T], ...], key: str, what: str) -> type[T]:
    """The entry with this key, or ValueError that names what there is."""
    for entry in catalogue:
        if entry.key == key:
            return entry
    raise ValueError(f"unknown {what} {key!r}; there are {', '.join(entry.key for entry in catalogue)}")
