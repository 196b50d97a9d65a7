"""TensorBoard's event files (tfevents): simple values and tensors of one element, read without TensorFlow.

A file is a sequence of records, little-endian: length (uint64), its checksum, an Event (protocol buffer), its checksum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.logs.assemble import Found
from lrstudio.store.logs.model import Column, LeftOut, LogError, Table

MOST_BYTES = 2**30
MOST_VALUES = 20_000_000
_LONGEST = 2**26
"""Maximum length of a record in bytes; pictures and histograms are far smaller."""
_MOST_TAGS = 5000
_NO_TAG = "(without a tag)"
_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "<u1", 5: "<i2", 6: "<i1", 9: "<i8", 19: "<f2", 22: "<u4", 23: "<u8"}
"""NumPy's names of TensorFlow's types of numbers."""
_LISTS = {5: "<f4", 6: "<f8"}
"""Fields of a tensor with packed numbers."""

Fields = Iterator[tuple[int, int, "int | bytes"]]


def is_events(sample: bytes) -> bool:
    """Whether a file begins with a record of an event file."""
    if len(sample) < 16:
        return False
    return checksum(sample[:8]) == struct.unpack_from("<I", sample, 8)[0] and sample[12:13] == b"\x09"


def read_events(path: Path, progress: Progress | None = None) -> Found:
    """Reads the scalars of an event file; LogError if it is damaged. A last record that is not complete is told."""
    report = part(progress, 0, 1)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise LogError(tr("is larger than {most} bytes: export CSV files in TensorBoard", most=MOST_BYTES))
    content = path.read_bytes()
    times, steps = list[float](), list[int]()
    tags: dict[str, tuple[list[int], list[float]]] = {}
    others: dict[str, str] = {}
    notes = list[str]()
    for end, record in _records(content, notes):
        time, step, values = _simple(record) or _event(record)
        row = -1
        for tag, value in values:
            if isinstance(value, str):
                others.setdefault(tag, value)
                continue
            if row < 0:
                row = len(steps)
                times.append(time)
                steps.append(step)
                if len(steps) > MOST_VALUES:
                    raise LogError(tr("has more than {most} values", most=MOST_VALUES))
                if not row % 4096:
                    report(end / max(1, len(content)))
            if tag not in tags and len(tags) >= _MOST_TAGS:
                raise LogError(tr("has more than {most} tags", most=_MOST_TAGS))
            places, numbers = tags.setdefault(tag, ([], []))
            if places and places[-1] == row:
                numbers[-1] = value
            else:
                places.append(row)
                numbers.append(value)
    rows = np.arange(len(steps))
    columns = [Column("wall_time", rows, np.array(times, float)), Column("step", rows, np.array(steps, float))]
    taken = {"wall_time", "step"}
    for tag, (places, numbers) in tags.items():
        name = f"{tag} (tag)" if tag in taken else tag
        columns.append(Column(name, np.array(places, int), np.array(numbers, float)))
    report(1)
    left = [LeftOut(tag, why) for tag, why in others.items() if tag not in tags]
    title = path.name
    return Found(title, [Table(title, len(steps), tuple(columns), run=path.parent.name)], "TensorBoard", notes, left)


def _records(content: bytes, notes: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yields the end and the content of every record; LogError names the place of one that is damaged."""
    place, size = 0, len(content)
    unpack = struct.Struct("<QI").unpack_from
    begins, lengths = list[int](), list[int]()
    while place < size:
        if size - place < 16:
            notes.append(tr("the last record is not complete: the file was being written"))
            break
        length, sum_of_length = unpack(content, place)
        if checksum(content[place : place + 8]) != sum_of_length or length > _LONGEST:
            raise LogError(
                tr("byte {place}: the event file is damaged here: a wrong checksum of a length", place=place)
            )
        if place + 16 + length > size:
            notes.append(tr("the last record is not complete: the file was being written"))
            break
        begins.append(place + 12)
        lengths.append(length)
        place += 16 + length
    _check_contents(content, np.array(begins, int), np.array(lengths, int))
    for begin, length in zip(begins, lengths, strict=True):
        yield begin + length, content[begin : begin + length]


def _check_contents(content: bytes, begins: Array, lengths: Array) -> None:
    """Raises LogError for a record whose checksum is wrong; records of one length are checked together."""
    data = np.frombuffer(content, np.uint8)
    for length in np.unique(lengths).tolist():
        own = begins[lengths == length]
        for start in range(0, len(own), 2**16):
            block = own[start : start + 2**16]
            if len(block) < 8:
                sums = np.array([checksum(content[begin : begin + length]) for begin in block.tolist()], np.uint32)
            else:
                sums = _masked(_checksums(data, block, length))
            told = np.zeros(len(block), np.uint32)
            for place in range(4):
                told |= data[block + length + place].astype(np.uint32) << np.uint32(8 * place)
            wrong = np.flatnonzero(told != sums)
            if len(wrong):
                raise LogError(
                    tr("byte {block}: the event file is damaged here: a wrong checksum", block=block[wrong[0]])
                )


def _checksums(data: Array, begins: Array, length: int) -> Array:
    """Returns the CRC-32C of a stretch of bytes from each of `begins` (m,)."""
    crc = np.full(len(begins), 0xFFFFFFFF, np.uint32)
    for place in range(length):
        crc = _TABLE[(crc ^ data[begins + place]) & np.uint32(255)] ^ (crc >> np.uint32(8))
    return crc ^ np.uint32(0xFFFFFFFF)


def _masked(crc: Array) -> Array:
    return ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(0xA282EAD8)


def checksum(data: bytes) -> int:
    """Returns the masked CRC-32C that TensorFlow writes behind its data."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _ENTRIES[(crc ^ byte) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _entry(byte: int) -> int:
    for _bit in range(8):
        byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_ENTRIES = tuple(map(_entry, range(256)))
_TABLE = np.array(_ENTRIES, np.uint32)


def _simple(record: bytes) -> tuple[float, int, list[tuple[str, float | str]]] | None:
    """Returns what `_event` does of an event with one short simple value, as most are, fast; None for another."""
    try:
        size, place, step = len(record), 9, 0
        if record[place] == 0x10:
            step, place = _varint(record, place + 1)
        end = place + 6 + record[place + 5]
        nested = record[place : place + 5] == bytes((0x2A, size - place - 2, 0x0A, size - place - 4, 0x0A))
        if (
            record[0] != 0x09
            or not nested
            or size - place > 127
            or end + 5 != size
            or record[end] != 0x15
            or step >> 63
        ):
            return None
        tag = record[place + 6 : end].decode("utf-8", "replace")
        return _DOUBLE(record, 1)[0], step, [(tag or _NO_TAG, _FLOAT(record, end + 1)[0])]
    except (IndexError, ValueError, struct.error):
        return None


_DOUBLE, _FLOAT = struct.Struct("<d").unpack_from, struct.Struct("<f").unpack_from


def _event(record: bytes) -> tuple[float, int, list[tuple[str, float | str]]]:
    """Returns time, step and the values of an event; instead of one that is no number, why."""
    time, step, values = 0.0, 0, list[tuple[str, float | str]]()
    for number, kind, value in _fields(record):
        if number == 1 and kind == 1:
            time = struct.unpack("<d", _bytes(value))[0]
        elif number == 2 and kind == 0:
            assert isinstance(value, int)
            step = value - 2**64 if value >= 2**63 else value
        elif number == 5 and kind == 2:
            values += [_value(_bytes(each)) for inner, sort, each in _fields(_bytes(value)) if inner == 1 and sort == 2]
    return time, step, values


def _value(message: bytes) -> tuple[str, float | str]:
    tag, found = "", tr("is no number")
    number: float | None = None
    for field, kind, value in _fields(message):
        if field == 1 and kind == 2:
            tag = _bytes(value)[:500].decode("utf-8", "replace")
        elif field == 2 and kind == 5:
            number = float(struct.unpack("<f", _bytes(value))[0])
        elif field == 8 and kind == 2:
            number, found = _tensor(_bytes(value))
        elif field in (4, 5, 6):
            found = {4: tr("is a picture"), 5: tr("is a histogram"), 6: tr("is a sound")}[field]
    return tag or _NO_TAG, found if number is None else number


def _tensor(message: bytes) -> tuple[float | None, str]:
    """Returns the element of a tensor of one number, or None and what it is."""
    kind_of, numbers = 0, list[float]()
    content = b""
    for field, kind, value in _fields(message):
        if field == 1 and kind == 0:
            assert isinstance(value, int)
            kind_of = value
        elif field == 4 and kind == 2:
            content = _bytes(value)
        elif field in _LISTS and kind in (1, 2, 5):
            data = _bytes(value)
            width = int(_LISTS[field][-1])
            numbers += np.frombuffer(data[: len(data) // width * width][: 2 * width], _LISTS[field]).tolist()
        elif field in (7, 10) and kind == 0:
            assert isinstance(value, int)
            numbers.append(float(value - 2**64 if value >= 2**63 else value))
        elif field in (7, 10) and kind == 2:
            numbers += [float(each) for each in _packed(_bytes(value))]
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
            value, place = _varint(data, place)
            yield value - 2**64 if value >= 2**63 else value


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def _fields(message: bytes) -> Fields:
    """Yields number, wire type and value of the fields of a message; LogError if it is none."""
    place, size = 0, len(message)
    while place < size:
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, place = _varint(message, place)
            yield number, kind, value
            continue
        if kind == 2:
            length, place = _varint(message, place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise LogError(tr("is an event file with a damaged event"))
        if place + length > size:
            raise LogError(tr("is an event file with a damaged event"))
        yield number, kind, message[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, place
        shift += 7
    raise LogError(tr("is an event file with a damaged event"))
