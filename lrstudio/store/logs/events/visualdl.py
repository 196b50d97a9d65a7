"""Reads the scalars of a log of VisualDL (PaddlePaddle): records of a length (uint64) and a buffer of values."""

from __future__ import annotations

import struct
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.logs.assemble import Found, Rows
from lrstudio.store.logs.events.event import bytes_in, fields
from lrstudio.store.logs.model import LeftOut, LogError

_HEADER = "meta_data_tag"
"""The tag of the first value, which is no number."""
_FIRST = b"\x12\x0d" + _HEADER.encode()
_STEP, _TAG, _TIME, _SCALAR = 1, 2, 3, 4
"""Fields of a value."""
_MOST_BYTES, _LONGEST = 2**28, 2**26
_EVERY = 2**12


def is_visualdl(sample: bytes) -> bool:
    """Whether a file begins with a record of VisualDL."""
    return sample[8:9] == b"\x0a" and _FIRST in sample[8 : 8 + 2 * len(_FIRST)]


def read_visualdl(path: Path, progress: Progress | None = None) -> Found:
    """Reads the scalars with their steps and times; LogError if the file is damaged. A cut-off last record is told."""
    size, report = path.stat().st_size, part(progress, 0, 1)
    if size > _MOST_BYTES:
        raise LogError(tr("is larger than {most} bytes: export CSV files from its program", most=_MOST_BYTES))
    content, rows, odd = path.read_bytes(), Rows(), dict[str, None]()
    place = count = 0
    while place + 8 <= size:
        (length,) = struct.unpack_from("<Q", content, place)
        if length > _LONGEST:
            raise LogError(tr("byte {place}: the log of VisualDL is damaged here", place=place))
        if place + 8 + length > size:
            break
        for number, kind, value in fields(content[place + 8 : place + 8 + length]):
            if number == 1 and kind == 2:
                _add(rows, bytes_in(value), odd)
        place, count = place + 8 + length, count + 1
        if count % _EVERY == 0:
            report(place / size)
    found = Found(path.name, [rows.table(path.name)], "VisualDL")
    if place < size:
        found.notes.append(tr("the last record is not complete: the file was being written"))
    found.left_out = [LeftOut(tag, tr("is no number")) for tag in odd]
    return found


def _add(rows: Rows, value: bytes, odd: dict[str, None]) -> None:
    """Adds a value as a row; without a step it is that of step 0."""
    tag, number, row = "", None, {"step": 0.0}
    for field, kind, content in fields(value):
        if field == _TAG and kind == 2:
            tag = bytes_in(content)[:500].decode("utf-8", "replace")
        elif field == _SCALAR and kind == 5:
            (number,) = struct.unpack("<f", bytes_in(content))
        elif field in (_STEP, _TIME) and isinstance(content, int):
            row["step" if field == _STEP else "wall_time"] = float(content) / (1 if field == _STEP else 1000)
    if number is not None and tag:
        rows.add(row | {tag: number})
    elif tag and tag != _HEADER and len(odd) < 100:
        odd[tag] = None
