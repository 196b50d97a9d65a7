"""The finished blocks of a sweep on disk, so that a second start computes only the missing ones.

The first line is JSON that describes the sweep; a file of another sweep is refused. A record follows for each finished
block, in the order in which they finished: first cell, number of cells, CRC-32 of the columns (three uint32), then the
columns of the summary one after the other, everything little-endian. A record that is damaged or was cut short is
computed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import fields
from io import BufferedReader
from pathlib import Path

import numpy as np

from lrstudio import __version__
from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.language import mark, tr
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.blocks import MOST, Block
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.store.atomic import FileChangedError, appending, writing
from lrstudio.store.codec import encode
from lrstudio.store.datasets import data_arrays
from lrstudio.store.fields import Json, loads, short_json

FORMAT = "lrstudio sweep"

_HEAD = struct.Struct("<3L")
_LONGEST_LINE = 2**20
_SHOWN = 3
_TYPES = {column.name: getattr(Summary.empty((0,)), column.name).dtype.newbyteorder("<") for column in fields(Summary)}
_CELL_BYTES = sum(dtype.itemsize for dtype in _TYPES.values())


class SweepFile:
    """The finished blocks of a sweep in a file, which the first new one makes if there is none.

    `known` has the results in the file, shaped as the sweep. Raises ValueError if it belongs to another sweep.
    """

    def __init__(self, path: Path, sweep: Sweep) -> None:
        self.path = path
        self.known = Summary.empty(sweep.shape)
        self._description = _description(sweep)
        self._end = self._size = 0
        if path.exists():
            if not path.is_file():  # a pipe that nobody writes to would be read for ever
                raise ValueError(tr("{path!r}: is not a file of a sweep's finished blocks", path=str(path)))
            with path.open("rb") as file:
                self._read(file, sweep.cells)

    def add(self, block: Block, part: Summary) -> None:
        """Stores the results of a block; after an OSError, which names the file, that is as it was."""
        columns = b"".join(getattr(part, name).astype(dtype, copy=False).tobytes() for name, dtype in _TYPES.items())
        record = _HEAD.pack(block.first, block.end - block.first, zlib.crc32(columns)) + columns
        if self._end:
            self._check()
            self._size = self._end  # also where it cannot be written
            with appending(self.path, self._end) as write:
                write(record)
        else:
            record = json.dumps(self._description, sort_keys=True).encode() + b"\n" + record
            with writing(self.path, self._check) as write:
                write(record)
        self._end = self._size = self._end + len(record)

    def _check(self) -> None:
        """Raises FileChangedError if another program has written to the file."""
        if (self.path.stat().st_size if self.path.exists() else 0) != self._size:
            raise FileChangedError(self.path, None)

    def move(self, path: Path) -> None:
        """Goes on in another file, which gets what was stored here; OSError names it."""
        with writing(path) as write:
            if self._end:
                with self.path.open("rb") as file:
                    write(file.read(self._end))
        self.path, self._size = path, self._end

    def _read(self, file: BufferedReader, cells: int) -> None:
        self._size = os.fstat(file.fileno()).st_size
        line = file.readline(_LONGEST_LINE)
        if not line:
            return
        try:
            found = loads(line) if line.endswith(b"\n") else None
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(tr("{path!r}: is not a file of a sweep's finished blocks", path=str(self.path)))
        differences = list(_differences(found, self._description))
        if differences:
            more = len(differences) - _SHOWN
            text = mark("{path!r}: belongs to another sweep ({told}); name another file or remove it")
            if more > 0:
                text = mark(
                    "{path!r}: belongs to another sweep ({told}; and {more} more); name another file or remove it"
                )
            raise ValueError(tr(text, path=str(self.path), told="; ".join(differences[:_SHOWN]), more=more))
        self._end = len(line)
        for end, block, part in _records(file, cells):
            self._end = end
            if part is not None:
                self.known.put(block.cells, part)


def _records(file: BufferedReader, cells: int) -> Iterator[tuple[int, Block, Summary | None]]:
    """Yields the place where each complete record ends, its block and its results, None if they are damaged."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        first, count, checksum = _HEAD.unpack(head)
        if not 0 < count <= MOST or first + count > cells:
            return
        columns = file.read(count * _CELL_BYTES)
        if len(columns) < count * _CELL_BYTES:
            return
        whole = zlib.crc32(columns) == checksum
        yield file.tell(), Block(first, first + count), _summary(columns, count) if whole else None


def _summary(columns: bytes, count: int) -> Summary:
    read, offset = {}, 0
    for name, dtype in _TYPES.items():
        read[name] = np.frombuffer(columns, dtype, count, offset)
        offset += count * dtype.itemsize
    return Summary(**read)


def _description(sweep: Sweep) -> dict[str, Json]:
    """Returns everything that a result depends on."""
    experiment = sweep.experiment.bare()
    data = {
        name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in data_arrays(experiment.problem).items()
    }
    axes = {axis.name: _described(axis) for axis in sweep.axes}
    return {
        "format": FORMAT,
        "program": __version__,
        "arithmetic": ARITHMETIC,
        "experiment": encode(experiment),
        "data": data,
        "order": [axis.name for axis in sweep.axes],
        "axes": axes,
    }


def _described(axis: Axis) -> dict[str, Json]:
    digest = hashlib.sha256(np.array(axis.values, "<f8").tobytes()).hexdigest()
    return {"count": len(axis.values), "first": axis.values[0], "last": axis.values[-1], "values": digest}


def _differences(there: Json, here: Json, name: str = "") -> Iterator[str]:
    """Yields what differs between two descriptions, as `steps is 100 there and 200 here`."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted({*there, *here}, key=list({**here, **there}).index):
            yield from _differences(there.get(key), here.get(key), f"{name}.{key}" if name else key)
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for index, pair in enumerate(zip(there, here, strict=True)):
            yield from _differences(*pair, f"{name}.{index}")
    elif there != here and name.endswith(".values"):
        yield tr("{name} differ", name=name)
    elif there != here:
        yield tr(
            "{name} is {there} there and {here} here",
            name=name.removeprefix("experiment."),
            there=short_json(there),
            here=short_json(here),
        )
