"""JSON, read strictly: every field is taken by name and type, and what nobody takes is kept as unknown."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

Json = Any
"""What JSON can say: None, bool, int, float, str, list and dict of those."""

_LONGEST_NUMBER = 19
_LONGEST_MESSAGE = 400


class SessionError(ValueError):
    """A session that cannot be read or written; one line says what, where and what is allowed."""


@contextmanager
def at(where: str) -> Iterator[None]:
    """Say where, when a value is refused."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        text = " ".join(str(error).split())
        text = text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
        raise SessionError(f"{where}: {text}" if where else text) from error


def dumps(document: Json) -> bytes:
    """The document as UTF-8, the same for equal documents; SessionError where JSON cannot say it."""
    try:
        text = json.dumps(document, indent=1, sort_keys=True, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise SessionError(f"cannot be written as JSON: {error}") from error
    return text.encode()


def loads(data: bytes) -> Json:
    """The document; SessionError for anything that is not plain JSON: NaN, Infinity, a name given twice."""
    try:
        return json.loads(
            data.decode(),
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
            object_pairs_hook=_no_twins,
        )
    except (ValueError, RecursionError) as error:
        raise SessionError(f"is not valid JSON: {' '.join(str(error).split())}") from error


def shown(value: Json) -> str:
    """A value in a message: as JSON, and short."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else text[:60] + "…"


class Fields:
    """The fields of one JSON object. `where` is its place in the document, for messages."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise SessionError(f"{where} = {shown(value)}: must be an object")
        self.where = where
        self._left = dict(value)
        self._parts: dict[str, Fields] = {}
        self._key: str | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def names(self) -> list[str]:
        """The fields that were not taken yet."""
        return list(self._left)

    def take(self, name: str) -> Json:
        """The value of a field; SessionError where it is missing."""
        if name not in self._left:
            raise SessionError(f"{self._place(name)} is missing")
        return self._left.pop(name)

    def whole(self, name: str, low: int) -> int:
        """A whole number of at least `low`."""
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            self._refuse(name, value, f"a whole number of at least {low}")
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self.take(name)
        if not _is_number(value):
            self._refuse(name, value, "a finite number")
        return float(value)

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        value = self.take(name)
        if not isinstance(value, list) or not all(map(_is_number, value)):
            self._refuse(name, value, "a list of finite numbers")
        return tuple(map(float, value))

    def text(self, name: str) -> str:
        """A text."""
        value = self.take(name)
        if not isinstance(value, str):
            self._refuse(name, value, "a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.take(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._refuse(name, value, "a list of texts")
        return tuple(value)

    def says(self, name: str, text: str) -> bool:
        """Whether the field is there and has this text; it is not taken."""
        return bool(self._left.get(name) == text)

    def key(self) -> str:
        """The key of a catalogue entry. What is unknown about this entry is not said of another one."""
        self._key = self.text("key")
        return self._key

    def none(self, name: str) -> bool:
        """Whether the field is null, and if so take it."""
        if self._left.get(name, self) is not None:
            return False
        del self._left[name]
        return True

    def part(self, name: str) -> Fields:
        """The fields of the object in a field."""
        self._parts[name] = Fields(self.take(name), self._place(name))
        return self._parts[name]

    def parts(self, name: str) -> list[Fields]:
        """The fields of each object in a list."""
        value = self.take(name)
        if not isinstance(value, list):
            self._refuse(name, value, "a list")
        place = self._place(name)
        parts = [Fields(part, f"{place}[{index}]") for index, part in enumerate(value)]
        self._parts[name] = holder = Fields({}, place)
        holder._parts = {str(index): part for index, part in enumerate(parts)}
        return parts

    def unknown(self) -> dict[str, Json]:
        """What was not taken, here and in the parts; `restore` puts it back. List items go by their number."""
        unknown = dict(self._left)
        unknown |= {name: below for name, part in self._parts.items() if (below := part.unknown())}
        return {"key": self._key} | unknown if unknown and self._key is not None else unknown

    def unknown_places(self) -> list[str]:
        """Where the unknown fields are."""
        here = [self._place(name) for name in self._left]
        return here + [place for part in self._parts.values() for place in part.unknown_places()]

    def _place(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _refuse(self, name: str, value: Json, allowed: str) -> NoReturn:
        raise SessionError(f"{self._place(name)} = {shown(value)}: must be {allowed}")


def restore(document: Json, unknown: dict[str, Json]) -> None:
    """Put unknown fields back where their place still exists; what the document says itself is not touched."""
    if isinstance(document, list):
        for name, below in unknown.items():
            if name.isdecimal() and int(name) < len(document):
                restore(document[int(name)], below)
    elif isinstance(document, dict):
        if "key" in unknown and document.get("key", unknown["key"]) != unknown["key"]:
            return
        for name, below in unknown.items():
            if name not in document:
                document[name] = below
            elif isinstance(below, dict):
                restore(document[name], below)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < math.inf


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:30]} is too large")
    return value


def _short(text: str) -> int:
    if len(text.lstrip("-")) > _LONGEST_NUMBER:  # reading digits takes time that grows with their square
        raise ValueError(f"the number {text[:30]}… is too long")
    return int(text)


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twin, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{shown(twin)} is given twice")
    return fields
