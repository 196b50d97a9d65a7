"""Parameters of catalogue entries and experiments, declared once as the fields of a frozen dataclass.

Forms, command-line options, JSON and validation read that declaration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field, fields, replace
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from lrstudio.core.language import mark, tr
from lrstudio.core.pairs import pairs
from lrstudio.core.parameter import Choice, Flag, Number, Numbers, Parameter, Scale, Text, Value
from lrstudio.core.record import dataclass

T = TypeVar("T", bound="Declared")
MOST_STEPS = 1_000_000_000
_UNKNOWN = {
    "problem": mark("unknown problem {key!r}; there are {keys}"),
    "optimizer": mark("unknown optimizer {key!r}; there are {keys}"),
    "schedule": mark("unknown schedule {key!r}; there are {keys}"),
}


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
    """Returns a dataclass field of a flag or a number with explanation and bounds; `above` is an open lower bound.

    A default of None means that the value follows from another one, which `auto` names, as lr/4. `whole` is by default
    whether the default is an int. Forms omit a field that is not `offered`. `label` is the name on the screen, by
    default the field's name with spaces.
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
    """Returns a field of at least 1 step; None stands for the experiment's number of steps."""
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
    """Returns a dataclass field of several numbers, whole if those of the default are."""
    whole = all(isinstance(value, int) for value in default)
    return _declared(Numbers(default=default, help=help, low=low, high=high, rising=rising, whole=whole, label=label))


def choice(default: str, choices: Sequence[str], help: str, label: str = "", titles: Sequence[str] = ()) -> Any:
    """Returns a dataclass field with one of several words; `titles` are the words on the screen."""
    titles = tuple(titles or choices)
    return _declared(Choice(default=default, choices=tuple(choices), help=help, label=label, titles=titles))


def text(default: str | None, help: str, most: int = 2000, *, lines: bool = False, label: str = "") -> Any:
    """Returns a dataclass field of free text, if `lines` of several; its entry's `check` validates it."""
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
        """Returns the group of the entry, whose members a catalogue lists together."""
        return ""

    def check(self) -> None:
        """Raises ValueError if the values are not valid together."""

    def idle(self) -> frozenset[str]:
        """Returns the names of the parameters that have no effect with the current values of the others."""
        return frozenset()

    def changed(self, name: str, value: Value) -> Self:
        """Returns a copy with another value of a parameter."""
        return replace(self, **{name: value})

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Returns the declared parameters in their order."""
        return _parameters(cls)  # type: ignore[arg-type] # mypy takes a class with a __hash__ for unhashable

    @classmethod
    def summary(cls) -> str:
        """Returns the first line of the docstring in the language in use, for lists and tooltips."""
        return tr((cls.__doc__ or "").strip().splitlines()[0])

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> Self:
        """Returns an entry from typed texts; raises ValueError with the parameter and its allowed values."""
        parameters = {parameter.name: parameter for parameter in cls.parameters()}
        for name in texts:
            if name not in parameters:
                if not parameters:
                    raise ValueError(tr("{key} has no parameter {name!r}; it has none", key=cls.key, name=name))
                has = {"key": cls.key, "name": name, "names": ", ".join(parameters)}
                raise ValueError(tr("{key} has no parameter {name!r}; it has {names}", **has))
        return cls(**{name: parameters[name].parse(text) for name, text in texts.items()})

    def values(self) -> dict[str, Value]:
        """Returns the values of the parameters by name."""
        return {parameter.name: getattr(self, parameter.name) for parameter in self.parameters()}


@dataclass(frozen=True, kw_only=True)
class Part(Parameter):
    """A nested entry, typed as the value of its first parameter and then the others: forward:eps=1e-4."""

    default: Any
    entry: type[Declared]
    kind = "part"

    @property
    def allowed(self) -> str:
        return self.entry.parameters()[0].allowed

    def parse(self, text: str, subject: str = "") -> Any:
        value, _, rest = text.partition(":")
        first, subject = self.entry.parameters()[0], subject or f"{self.name} = {text!r}"
        first.parse(value, subject)
        try:
            return self.entry.from_texts({first.name: value} | pairs(rest))
        except ValueError as error:
            raise ValueError(tr("{subject}: {error}", subject=subject, error=error)) from None

    def plain(self, value: Any) -> str:
        first, *others = ((parameter, getattr(value, parameter.name)) for parameter in self.entry.parameters())
        rest = ",".join(f"{other.name}={other.plain(item)}" for other, item in others if item != other.default)
        return first[0].plain(first[1]) + f":{rest}" * bool(rest)

    def _checked(self, value: object) -> Any:
        return value if isinstance(value, self.entry) else None

    def _parsed(self, text: str) -> Any:
        return self.parse(text)


def part(default: Declared, help: str, *, label: str = "") -> Any:
    """Returns a dataclass field with a nested entry of the default's class."""
    return _declared(Part(default=default, entry=type(default), help=help, label=label))


@cache
def _parameters(cls: type[Declared]) -> tuple[Parameter, ...]:
    declared = [(entry.name, entry.metadata["parameter"]) for entry in fields(cls) if "parameter" in entry.metadata]
    return tuple(replace(entry, name=name, label=entry.label or name.replace("_", " ")) for name, entry in declared)


def catalogue(names: Mapping[str, object], base: type) -> tuple[Any, ...]:
    """Returns the subclasses of `base` with a key among a module's names, in the order of their import."""
    classes = [value for value in names.values() if isinstance(value, type) and issubclass(value, base)]
    return tuple(entry for entry in classes if hasattr(entry, "key"))


def find(catalogue: tuple[type[T], ...], key: str, what: str) -> type[T]:
    """Returns the entry with this key; raises ValueError with the keys that exist.

    `what` is problem, optimizer or schedule.
    """
    for entry in catalogue:
        if entry.key == key:
            return entry
    keys = ", ".join(entry.key for entry in catalogue)
    raise ValueError(tr(_UNKNOWN[what], key=key, keys=keys))
