"""The ZIP archive of a session: uncompressed entries, and a checksum of the whole file as the archive comment.

Any ZIP program opens it, but the reader accepts only what the writer produces: nothing is decompressed, and the sizes
in headers are checked against the size of the file.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple

from lrstudio.store.atomic import Progress
from lrstudio.store.fields import SessionError

MAX_BYTES = 4_200_000_000
"""Largest archive in bytes; above 2**32 ZIP needs a second set of headers."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_COMMENT = 64
TAIL = _END.size + _COMMENT
SIGNATURE = b"PK\x03\x04"
_VERSION = 20
_MADE = 3 << 8 | _VERSION
_MODE = 0o644 << 16
_TIMESTAMP = 0, 1 << 5 | 1
"""Midnight of the first day of ZIP's calendar, 1980-01-01."""
_PIECE = 2**23


class ArchiveWriter:
    """Collects entries in memory; equal entries give equal bytes."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        self._entries: list[_Entry] = []

    def add(self, name: str, pieces: Iterable[Any]) -> str:
        """Appends an entry from its pieces; returns its sha256."""
        buffer, digest, crc = self._buffer, hashlib.sha256(), 0
        offset = buffer.tell()
        begin = buffer.seek(offset + _LOCAL.size + len(name))
        for piece in pieces:
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            buffer.write(piece)
        end = buffer.tell()
        entry = _Entry(name, _TIMESTAMP, crc, end - begin, offset)
        buffer.seek(offset)
        buffer.write(entry.header())
        buffer.seek(end)
        self._entries.append(entry)
        return digest.hexdigest()

    def finish(self) -> memoryview:
        """Returns the whole archive with its checksum."""
        buffer, count, start = self._buffer, len(self._entries), self._buffer.tell()
        for entry in self._entries:
            buffer.write(entry.listing())
        size = buffer.tell() - start
        buffer.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, size, start, _COMMENT) + b"0" * _COMMENT)
        data = buffer.getbuffer()
        data[-_COMMENT:] = checksum(data)
        return data


def checksum(data: memoryview, progress: Progress | None = None) -> bytes:
    """Returns the comment of an archive: the sha256 of all bytes before it, in hexadecimal."""
    digest = hashlib.sha256()
    body = len(data) - _COMMENT
    for start in range(0, body, _PIECE):
        digest.update(data[start : min(start + _PIECE, body)])
        if progress is not None:
            progress(start / body)
    return digest.hexdigest().encode()


def check_outline(size: int, head: bytes, tail: bytes) -> None:
    """Raises SessionError unless a file of this size, first 4 and last TAIL bytes can be an archive."""
    if size == 0:
        raise SessionError("is empty")
    if head != SIGNATURE[: len(head)]:
        raise SessionError("is not a session file")
    if size > MAX_BYTES:
        raise SessionError(f"has {size / 1e9:.1f} GB; a session file has at most {MAX_BYTES / 1e9:.0f}")
    if len(tail) < TAIL or _END.unpack(tail[: _END.size])[::7] != (b"PK\x05\x06", _COMMENT):
        raise SessionError("is not a session file, or its end is missing")


def unpack(data: memoryview, names: re.Pattern[str], progress: Progress | None = None) -> dict[str, memoryview]:
    """Returns the entries by name, without a copy; SessionError if the archive is not exactly as it was written."""
    check_outline(len(data), bytes(data[:4]), bytes(data[-TAIL:]))
    if checksum(data, progress) != data[-_COMMENT:]:
        raise SessionError("is damaged: its checksum does not match its content")
    end = len(data) - TAIL
    _, disk, first_disk, count, total, size, start, _ = _END.unpack_from(data, end)
    if disk or first_disk or count != total or start + size != end:
        raise SessionError("has a ZIP directory that does not fit the file")
    entries: dict[str, memoryview] = {}
    offset, position = 0, start
    for _ in range(count):
        entry = _entry(data, position, end, names)
        if entry.name in entries:
            raise SessionError(f"{entry.name} is in the file twice")
        entries[entry.name] = entry.content(data, offset, start)
        offset += entry.length
        position += _CENTRAL.size + len(entry.name)
    if position != end or offset != start:
        raise SessionError("has bytes that belong to no entry")
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
            raise SessionError(f"{self.name} does not lie where it should")
        local = self.header()
        begin = offset + len(local)
        if data[offset:begin] != local:
            raise SessionError(f"{self.name} has two headers that do not agree")
        content = data[begin : begin + self.size]
        if zlib.crc32(content) != self.crc:
            raise SessionError(f"{self.name} is damaged: its checksum does not match")
        return content


def _entry(data: memoryview, position: int, end: int, names: re.Pattern[str]) -> _Entry:
    if position + _CENTRAL.size > end:
        raise SessionError("has a ZIP directory that does not fit the file")
    (signature, _made, version, flags, method, time, date, crc, packed, size, length, extra, comment, disk, _internal,
     _external, offset) = _CENTRAL.unpack_from(data, position)  # fmt: skip
    begin = position + _CENTRAL.size
    name = bytes(data[begin : min(begin + length, end)]).decode("ascii", "replace")
    if signature != b"PK\x01\x02" or names.fullmatch(name) is None:
        raise SessionError(f"{name[:60]!r} does not belong in a session file")
    if method != 0 or packed != size:
        raise SessionError(f"{name} is compressed; a session file stores its entries as they are")
    if flags or extra or comment or disk or version != _VERSION:
        raise SessionError(f"{name} uses ZIP features that a session file does not have")
    return _Entry(name, (time, date), crc, size, offset)
