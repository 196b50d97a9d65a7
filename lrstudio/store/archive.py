"""The ZIP archive of a session: uncompressed entries, and a checksum of the whole file as the archive comment.

Any ZIP program opens it, but the reader accepts only what the writer produces: nothing is decompressed, and the sizes
in headers are checked against the size of the file.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, StrPath, Write, part
from lrstudio.store.fields import SessionError

MAX_BYTES = 4_200_000_000
"""Largest archive in bytes; above 2**32 ZIP needs a second set of headers."""

MAX_ENTRIES = 20_000
"""Above the states of as many optimizers as an experiment may have runs."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_COMMENT = 64
_PIECE = 2**20
TAIL = _END.size + _COMMENT
SIGNATURE = b"PK\x03\x04"
_VERSION = 20
_MADE = 3 << 8 | _VERSION
_MODE = 0o644 << 16
_TIMESTAMP = 0, 1 << 5 | 1
"""Midnight of the first day of ZIP's calendar, 1980-01-01."""


class ArchiveWriter:
    """Writes entries one after another; equal entries give equal bytes. `total` is their size, for the progress."""

    def __init__(self, write: Write, total: int, progress: Progress | None = None) -> None:
        self._write, self._total, self._report = write, total, part(progress, 0, 1)
        self._digest = hashlib.sha256()
        self._size = 0
        self._entries: list[_Entry] = []

    def add(self, name: str, pieces: Sequence[Any]) -> None:
        """Writes an entry of these bytes-like pieces."""
        crc = size = 0
        for piece in pieces:
            self._progress()
            crc = zlib.crc32(piece, crc)
            size += len(piece)
        self._entries.append(_Entry(name, _TIMESTAMP, crc, size, self._size))
        self._append(self._entries[-1].header())
        for piece in pieces:
            self._progress()
            self._append(piece)

    def finish(self) -> str:
        """Writes the directory and the checksum of all bytes before it, which it returns."""
        count, start = len(self._entries), self._size
        for entry in self._entries:
            self._append(entry.listing())
        self._append(_END.pack(b"PK\x05\x06", 0, 0, count, count, self._size - start, start, _COMMENT))
        self._write(self._digest.hexdigest().encode())
        self._report(1)
        return self._digest.hexdigest()

    def _append(self, piece: Any) -> None:
        self._digest.update(piece)
        self._write(piece)
        self._size += len(piece)

    def _progress(self) -> None:
        self._report(min(1.0, self._size / self._total))


def checksum(data: memoryview) -> bytes:
    """Returns the comment of an archive: the sha256 of all bytes before it, in hexadecimal."""
    return hashlib.sha256(data[:-_COMMENT]).hexdigest().encode()


def fingerprint(path: StrPath) -> str | None:
    """Returns the checksum of an archive; another text for any other file, None if there is none.

    The content is read, so that a change is found that kept size and time; OSError if that fails.
    """
    digest, tail = hashlib.sha256(), b""
    try:
        with Path(path).open("rb") as file:
            while piece := file.read(_PIECE):
                piece = tail + piece
                digest.update(memoryview(piece)[:-_COMMENT])
                tail = piece[-_COMMENT:]
    except FileNotFoundError:
        return None
    found = digest.hexdigest()
    return found if tail == found.encode() else f"{found} {tail.hex()}"


def check_outline(size: int, head: bytes, tail: bytes) -> None:
    """Raises SessionError unless a file of this size, first 4 and last TAIL bytes can be an archive."""
    if size == 0:
        raise SessionError(tr("is empty"))
    if head != SIGNATURE[: len(head)]:
        raise SessionError(tr("is not a session file"))
    if size > MAX_BYTES:
        raise SessionError(
            tr("has {size:.1f} GB; a session file has at most {most:.0f}", size=size / 1e9, most=MAX_BYTES / 1e9)
        )
    if len(tail) < TAIL or _END.unpack(tail[: _END.size])[::7] != (b"PK\x05\x06", _COMMENT):
        raise SessionError(tr("is not a session file, or its end is missing"))


def unpack(data: memoryview, names: re.Pattern[str]) -> dict[str, memoryview]:
    """Returns the entries by name, without a copy; SessionError if the archive is not exactly as it was written."""
    check_outline(len(data), bytes(data[:4]), bytes(data[-TAIL:]))
    if checksum(data) != data[-_COMMENT:]:
        raise SessionError(tr("is damaged: its checksum does not match its content"))
    end = len(data) - TAIL
    _, disk, first_disk, count, total, size, start, _ = _END.unpack_from(data, end)
    if disk or first_disk or count != total or start + size != end:
        raise SessionError(tr("has a ZIP directory that does not fit the file"))
    if count > MAX_ENTRIES:
        raise SessionError(
            tr("has {count:,} entries; a session file has at most {most:,}", count=count, most=MAX_ENTRIES)
        )
    entries: dict[str, memoryview] = {}
    offset, position = 0, start
    for _ in range(count):
        entry = _entry(data, position, end, names)
        if entry.name in entries:
            raise SessionError(tr("{name} is in the file twice", name=entry.name))
        entries[entry.name] = entry.content(data, offset, start)
        offset += entry.length
        position += _CENTRAL.size + len(entry.name)
    if position != end or offset != start:
        raise SessionError(tr("has bytes that belong to no entry"))
    return entries


class _Entry(NamedTuple):
    """An entry of the ZIP directory."""

    name: str
    timestamp: tuple[int, int]
    crc: int
    size: int
    offset: int

    @property
    def length(self) -> int:
        """Number of bytes in the file, including the header."""
        return _LOCAL.size + len(self.name) + self.size

    def header(self) -> bytes:
        """Returns the header before the content."""
        name = self.name.encode()
        values = (0, 0, *self.timestamp, self.crc, self.size, self.size, len(name), 0)
        return _LOCAL.pack(SIGNATURE, _VERSION, *values) + name

    def listing(self) -> bytes:
        """Returns the entry of the ZIP directory."""
        name = self.name.encode()
        values = (0, 0, *self.timestamp, self.crc, self.size, self.size, len(name), 0, 0, 0, 0, _MODE, self.offset)
        return _CENTRAL.pack(b"PK\x01\x02", _MADE, _VERSION, *values) + name

    def content(self, data: memoryview, offset: int, stop: int) -> memoryview:
        """Returns the bytes of the entry, which must begin at `offset` and end before `stop`."""
        if self.offset != offset or offset + self.length > stop:
            raise SessionError(tr("{name} does not lie where it should", name=self.name))
        local = self.header()
        begin = offset + len(local)
        if data[offset:begin] != local:
            raise SessionError(tr("{name} has two headers that do not agree", name=self.name))
        content = data[begin : begin + self.size]
        if zlib.crc32(content) != self.crc:
            raise SessionError(tr("{name} is damaged: its checksum does not match", name=self.name))
        return content


def _entry(data: memoryview, position: int, end: int, names: re.Pattern[str]) -> _Entry:
    if position + _CENTRAL.size > end:
        raise SessionError(tr("has a ZIP directory that does not fit the file"))
    (signature, _made, version, flags, method, time, date, crc, packed, size, length, extra, comment, disk, _internal,
     _external, offset) = _CENTRAL.unpack_from(data, position)  # fmt: skip
    begin = position + _CENTRAL.size
    name = bytes(data[begin : min(begin + length, end)]).decode("ascii", "replace")
    if signature != b"PK\x01\x02" or names.fullmatch(name) is None:
        raise SessionError(tr("{name!r} does not belong in a session file", name=name[:60]))
    if method != 0 or packed != size:
        raise SessionError(tr("{name} is compressed; a session file stores its entries as they are", name=name))
    if flags or extra or comment or disk or version != _VERSION:
        raise SessionError(tr("{name} uses ZIP features that a session file does not have", name=name))
    return _Entry(name, (time, date), crc, size, offset)
