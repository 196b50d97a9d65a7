"""Strict reading of JSON: each field is taken by name and type; fields that are not taken are unknown."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from lrstudio.core.language import tr

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict."""

_LONGEST_NUMBER = 19
_LONGEST_MESSAGE = 400


class SessionError(ValueError):
    """A session cannot be read or written; the message names the field and what is allowed, in one line."""


@contextmanager
def at(where: str) -> Iterator[None]:
    """Prefixes the message of a ValueError or OverflowError with its location."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        text = " ".join(str(error).split())
        text = text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
        raise SessionError(f"{where}: {text}" if where else text) from error


def dumps(document: Json) -> bytes:
    """Returns the document as UTF-8, equal for equal documents; SessionError if JSON cannot represent it."""
    try:
        text = json.dumps(document, indent=1, sort_keys=True, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise SessionError(tr("cannot be written as JSON: {error}", error=error)) from error
    return text.encode()


def loads(data: bytes) -> Json:
    """Returns the document; SessionError for invalid JSON, NaN, Infinity and duplicate names."""
    try:
        return json.loads(
            data.decode(),
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            parse_int=_short_int,
            object_pairs_hook=_no_duplicates,
        )
    except (ValueError, RecursionError) as error:
        raise SessionError(tr("is not valid JSON: {names}", names=" ".join(str(error).split()))) from error


def short_json(value: Json) -> str:
    """Returns a value as JSON of at most 60 characters, for messages."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else text[:60] + "…"


class Fields:
    """The fields of one JSON object. `where` is its path in the document, for messages."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise SessionError(
                tr("{where} = {short_json}: must be an object", where=where, short_json=short_json(value))
            )
        self.where = where
        self._left = dict(value)
        self._parts: dict[str, Fields] = {}
        self._key: str | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def names(self) -> list[str]:
        """Returns the names of the fields that have not been taken."""
        return list(self._left)

    def take(self, name: str) -> Json:
        """Takes and returns the value of a field; SessionError if it is missing."""
        if name not in self._left:
            raise SessionError(tr("{path} is missing", path=self._path(name)))
        return self._left.pop(name)

    def integer(self, name: str, low: int) -> int:
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            self._refuse(name, value, tr("a whole number of at least {low}", low=low))
        return value

    def number(self, name: str) -> float:
        value = self.take(name)
        if not _is_number(value):
            self._refuse(name, value, tr("a finite number"))
        return float(value)

    def numbers(self, name: str) -> tuple[float, ...]:
        value = self.take(name)
        if not isinstance(value, list) or not all(map(_is_number, value)):
            self._refuse(name, value, tr("a list of finite numbers"))
        return tuple(map(float, value))

    def text(self, name: str) -> str:
        value = self.take(name)
        if not isinstance(value, str):
            self._refuse(name, value, tr("a text"))
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.take(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._refuse(name, value, tr("a list of texts"))
        return tuple(value)

    def has_text(self, name: str, text: str) -> bool:
        """Whether the field exists and has this text; it is not taken."""
        return bool(self._left.get(name) == text)

    def key(self) -> str:
        """Takes the key of a catalogue entry; its unknown fields are restored only to an entry with this key."""
        self._key = self.text("key")
        return self._key

    def take_null(self, name: str) -> bool:
        """Takes the field if it is null; returns whether it was."""
        if self._left.get(name, self) is not None:
            return False
        del self._left[name]
        return True

    def part(self, name: str) -> Fields:
        """Takes an object and returns its fields."""
        self._parts[name] = Fields(self.take(name), self._path(name))
        return self._parts[name]

    def parts(self, name: str, most: int) -> list[Fields]:
        """Takes a list of at most `most` objects and returns the fields of each."""
        value = self.take(name)
        if not isinstance(value, list):
            self._refuse(name, value, tr("a list"))
        if len(value) > most:
            raise SessionError(
                tr(
                    "{path} has {count:,} items: must have at most {most:,}",
                    path=self._path(name),
                    count=len(value),
                    most=most,
                )
            )
        path = self._path(name)
        parts = [Fields(part, f"{path}[{index}]") for index, part in enumerate(value)]
        self._parts[name] = holder = Fields({}, path)
        holder._parts = {str(index): part for index, part in enumerate(parts)}
        return parts

    def unknown(self) -> dict[str, Json]:
        """Returns the fields that were not taken, also of the parts, for `restore`. Items go by their index."""
        unknown = dict(self._left)
        unknown |= {name: below for name, part in self._parts.items() if (below := part.unknown())}
        return {"key": self._key} | unknown if unknown and self._key is not None else unknown

    def unknown_paths(self) -> list[str]:
        """Returns the paths of the unknown fields."""
        here = [self._path(name) for name in self._left]
        return here + [path for part in self._parts.values() for path in part.unknown_paths()]

    def _path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _refuse(self, name: str, value: Json, allowed: str) -> NoReturn:
        raise SessionError(
            tr(
                "{path} = {short_json}: must be {allowed}",
                path=self._path(name),
                short_json=short_json(value),
                allowed=allowed,
            )
        )


def restore(document: Json, unknown: dict[str, Json]) -> None:
    """Adds unknown fields to the objects that they came from, if these still exist; other fields are not changed."""
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


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(tr("{typed} is not a number in JSON", typed=text))


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(tr("the number {typed} is too large", typed=text[:30]))
    return value


def _short_int(text: str) -> int:
    if len(text.lstrip("-")) > _LONGEST_NUMBER:  # reading digits takes time that grows with their square
        raise ValueError(tr("the number {typed}… is too long", typed=text[:30]))
    return int(text)


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(tr("{short_json} is given twice", short_json=short_json(name)))
    return fields
