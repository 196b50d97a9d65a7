"""Dataclasses whose functions are shared: `dataclasses` writes and compiles up to seven for every class.

At the start of the program that takes as long as importing NumPy. The decorator here behaves alike and is used alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        cls: type | None = None, *, frozen: bool = False, kw_only: bool = False, eq: bool = True, slots: bool = False
    ) -> Any:
        """Makes a class a dataclass, as `dataclasses.dataclass` does."""
        if cls is None:
            return lambda cls: _made(cls, frozen, kw_only, eq, slots)
        return _made(cls, frozen, kw_only, eq, slots)


def _made(cls: type, frozen: bool, kw_only: bool, eq: bool, slots: bool) -> type:
    cls.__doc__ = cls.__doc__ or cls.__name__  # else dataclasses would describe the signature, which takes long
    own_hash = cls.__dict__.get("__hash__") is not None
    cls = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only, slots=slots)(cls)
    fields = dataclasses.fields(cls)
    made: dict[str, Any] = {"__init__": _initializer(cls, fields, slots)}
    if frozen:
        made |= {"__setattr__": _refuse, "__delattr__": _refuse}
    values = _values([field.name for field in fields if field.compare])
    if "__repr__" not in cls.__dict__:
        made["__repr__"] = _representation([field.name for field in fields if field.repr])
    if eq and "__eq__" not in cls.__dict__:
        made["__eq__"] = lambda self, other: values(self) == values(other) if _alike(self, other) else NotImplemented
    if eq and not own_hash:
        made["__hash__"] = (lambda self: hash(values(self))) if frozen else None
    for name, function in made.items():
        setattr(cls, name, function)
    return cls


def _alike(one: object, other: object) -> bool:
    return one.__class__ is other.__class__


def _values(names: list[str]) -> Callable[[object], tuple[Any, ...]]:
    """Returns a function that returns the values of these attributes."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _representation(names: list[str]) -> Callable[[object], str]:
    def represent(self: object) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({shown})"

    return represent


def _initializer(cls: type, fields: tuple[dataclasses.Field[Any], ...], slots: bool) -> Callable[..., None]:
    """Returns the `__init__` of a class with these fields."""
    title = f"{cls.__qualname__}.__init__()"
    names = [field.name for field in fields]
    accepted = {field.name for field in fields if field.init}
    positional = [field.name for field in fields if field.init and not field.kw_only]
    defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
    factories = {
        field.name: field.default_factory for field in fields if field.default_factory is not dataclasses.MISSING
    }
    has_post_init = hasattr(cls, "__post_init__")

    def initialize(self: Any, /, *arguments: Any, **named: Any) -> None:
        if len(arguments) > len(positional):
            raise TypeError(f"{title} takes {len(positional)} positional arguments but {len(arguments)} were given")
        if arguments:
            first = dict(zip(positional, arguments, strict=False))
            if twice := first.keys() & named.keys():
                raise TypeError(f"{title} got multiple values for argument {min(twice)!r}")
            named = first | named
        values = {} if slots else self.__dict__
        for name in names:
            if name in named and name in accepted:
                values[name] = named.pop(name)
            elif name in defaults:
                values[name] = defaults[name]
            elif name in factories:
                values[name] = factories[name]()
            elif name in accepted:
                raise TypeError(f"{title} missing required argument: {name!r}")
        if named:
            raise TypeError(f"{title} got an unexpected keyword argument {next(iter(named))!r}")
        if slots:
            for name, value in values.items():
                object.__setattr__(self, name, value)
        if has_post_init:
            self.__post_init__()

    return initialize


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
