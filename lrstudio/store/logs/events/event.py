"""One event of an event file: a protocol buffer with its time, its step and values that have tags."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import LogError

_NO_TAG = "(without a tag)"
_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "<u1", 5: "<i2", 6: "<i1", 9: "<i8", 19: "<f2", 22: "<u4", 23: "<u8"}
"""NumPy's names of TensorFlow's types of numbers."""
_LISTS = {5: "<f4", 6: "<f8"}
"""Fields of a tensor with packed numbers."""

Fields = Iterator[tuple[int, int, "int | bytes"]]
Span = tuple[int, int]


@dataclass(frozen=True)
class Spans:
    """Where an event with one number has its time, its step and the number, of the type `kind`; (0, 0) for none."""

    tag: str
    time: Span
    step: Span
    number: Span
    kind: str


def spans(record: bytes) -> Spans | None:
    """Returns the spans of an event that has one number, once; None for another.

    All other bytes, and the highest bit of those of the step, say what the event is made of: where they are the same,
    the spans are.
    """
    none = (0, (0, 0))
    found = _places(record, (0, len(record)))
    kind, span = found.get(5, none)
    inside = _places(record, span) if kind == 2 and set(found) <= {1, 2, 5} else {}
    kind, span = inside.get(1, none)
    if kind != 2 or len(inside) != 1:
        return None
    value = _places(record, span)
    number = value.get(2, none)
    form = "<f4" if number[0] == 5 and set(value) <= {1, 2, 9} else ""
    if 8 in value and set(value) <= {1, 8, 9} and value[8][0] == 2:
        tensor = _places(record, value[8][1])
        kind_of = record[slice(*tensor.get(1, none)[1])]
        field = next((each for each in (4, *_LISTS) if each in tensor), 0)
        number, form = tensor.get(field, none), _TYPES.get(kind_of[0], "") if len(kind_of) == 1 else ""
        if (
            not set(tensor) <= {1, 2, field}
            or tensor.get(1, none)[0]
            or number[0] != 2
            or _LISTS.get(field, form) != form
        ):
            return None
    time, step = found.get(1, (1, (0, 0))), found.get(2, none)
    if (
        not form
        or number[1][1] - number[1][0] != int(form[-1])
        or time[0] != 1
        or step[0]
        or step[1][1] - step[1][0] > 9
    ):
        return None
    kind, span = value.get(1, none)
    tag = record[slice(*span)][:500].decode("utf-8", "replace") if kind == 2 else ""
    return Spans(tag or _NO_TAG, time[1], step[1], number[1], form)


def _places(message: bytes, span: Span) -> dict[int, tuple[int, Span]]:
    """Returns the wire types and the spans of the fields in a part of a message; nothing if one is there twice."""
    found, offset = dict[int, tuple[int, Span]](), span[0]
    for number, kind, _value, (begin, end) in _placed(message[slice(*span)]):
        if number in found:
            return {}
        found[number] = kind, (offset + begin, offset + end)
    return found


def event(record: bytes) -> tuple[float, int, list[tuple[str, float | str]]]:
    """Returns time, step and the values of an event; instead of one that is no number, why."""
    time, step, values = 0.0, 0, list[tuple[str, float | str]]()
    for number, kind, value in fields(record):
        if number == 1 and kind == 1:
            time = struct.unpack("<d", bytes_in(value))[0]
        elif number == 2 and kind == 0:
            assert isinstance(value, int)
            step = value - 2**64 if value >= 2**63 else value
        elif number == 5 and kind == 2:
            values += [
                _value(bytes_in(each)) for inner, sort, each in fields(bytes_in(value)) if inner == 1 and sort == 2
            ]
    return time, step, values


def starts_session(record: bytes) -> bool:
    """Whether an event says that a training was started, or went on from its step (SessionLog.START)."""
    logs = [value for number, kind, value in fields(record) if number == 7 and kind == 2]
    return any((number, kind, value) == (1, 0, 1) for log in logs for number, kind, value in fields(bytes_in(log)))


def _value(message: bytes) -> tuple[str, float | str]:
    tag, found = "", tr("is no number")
    number: float | None = None
    for field, kind, value in fields(message):
        if field == 1 and kind == 2:
            tag = bytes_in(value)[:500].decode("utf-8", "replace")
        elif field == 2 and kind == 5:
            number = float(struct.unpack("<f", bytes_in(value))[0])
        elif field == 8 and kind == 2:
            number, found = _tensor(bytes_in(value))
        elif field in (4, 5, 6):
            found = {4: tr("is a picture"), 5: tr("is a histogram"), 6: tr("is a sound")}[field]
    return tag or _NO_TAG, found if number is None else number


def _tensor(message: bytes) -> tuple[float | None, str]:
    """Returns the element of a tensor of one number, or None and what it is."""
    kind_of, numbers = 0, list[float]()
    content = b""
    for field, kind, value in fields(message):
        if field == 1 and kind == 0:
            assert isinstance(value, int)
            kind_of = value
        elif field == 4 and kind == 2:
            content = bytes_in(value)
        elif field in _LISTS and kind in (1, 2, 5):
            data = bytes_in(value)
            width = int(_LISTS[field][-1])
            numbers += np.frombuffer(data[: len(data) // width * width][: 2 * width], _LISTS[field]).tolist()
        elif field in (7, 10) and kind == 0:
            assert isinstance(value, int)
            numbers.append(float(value - 2**64 if value >= 2**63 else value))
        elif field in (7, 10) and kind == 2:
            numbers += [float(each) for each in _packed(bytes_in(value))]
    if kind_of not in _TYPES:
        return None, tr("is text") if kind_of == 7 else tr("is a tensor that has no numbers")
    width = int(_TYPES[kind_of][-1])
    if content and len(content) % width == 0:
        numbers = np.frombuffer(content[: 2 * width], _TYPES[kind_of]).astype(float).tolist()
    return (numbers[0], "") if len(numbers) == 1 else (None, tr("is a tensor of several numbers"))


def _packed(data: bytes) -> Iterator[int]:
    place = 0
    for _element in range(2):
        if place < len(data):
            value, place = varint(data, place)
            yield value - 2**64 if value >= 2**63 else value


def bytes_in(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def fields(message: bytes) -> Fields:
    """Yields number, wire type and value of the fields of a message; LogError if it is none."""
    for number, kind, value, _span in _placed(message):
        yield number, kind, value


def _placed(message: bytes) -> Iterator[tuple[int, int, int | bytes, Span]]:
    """Yields number, wire type, value and span of the fields of a message; LogError if it is none."""
    place, size = 0, len(message)
    while place < size:
        key, begin = varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, place = varint(message, begin)
            yield number, kind, value, (begin, place)
            continue
        if kind == 2:
            length, begin = varint(message, begin)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise LogError(tr("is an event file with a damaged event"))
        place = begin + length
        if place > size:
            raise LogError(tr("is an event file with a damaged event"))
        yield number, kind, message[begin:place], (begin, place)


def varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, place
        shift += 7
    raise LogError(tr("is an event file with a damaged event"))
