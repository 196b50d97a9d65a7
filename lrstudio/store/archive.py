"""The ZIP around a session: stored entries, one behind the other, and a checksum of it all as the comment at the end.

Any ZIP program opens it, but the reader here takes only what the writer here makes. Nothing is ever inflated, and no
size that a header claims is believed before it is known to lie within the file.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple, Self
from zipfile import ZipFile, ZipInfo

from lrstudio.store.atomic import Progress
from lrstudio.store.fields import SessionError

MAX_BYTES = 2_000_000_000
"""The largest archive; above 2**31 bytes ZIP needs a second set of headers."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_COMMENT = 64
TAIL = _END.size + _COMMENT
SIGNATURE = b"PK\x03\x04"
_VERSION = 20
_PIECE = 2**23


class ArchiveWriter:
    """Collects entries in memory, inside a `with`; equal entries give equal bytes.

    What is left before `finish`, as a save that is cancelled, is closed too.
    """

    def __init__(self) -> None:
        self._buffer = BytesIO()
        self._zip = ZipFile(self._buffer, "w", allowZip64=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def add(self, name: str, pieces: Iterable[Any], size: int) -> str:
        """Append an entry of `size` bytes from its pieces; returns its sha256."""
        info = ZipInfo(name)
        info.create_system, info.external_attr, info.file_size = 3, 0o644 << 16, size
        digest = hashlib.sha256()
        with self._zip.open(info, "w") as entry:
            for piece in pieces:
                digest.update(piece)
                entry.write(piece)
        return digest.hexdigest()

    def finish(self) -> memoryview:
        """The whole archive, signed."""
        self._zip.comment = b"0" * _COMMENT
        self._zip.close()
        data = self._buffer.getbuffer()
        data[-_COMMENT:] = checksum(data)
        return data


def checksum(data: memoryview, progress: Progress | None = None) -> bytes:
    """The comment that belongs to an archive: the sha256 of all before it, in hexadecimal."""
    digest = hashlib.sha256()
    body = len(data) - _COMMENT
    for start in range(0, body, _PIECE):
        digest.update(data[start : min(start + _PIECE, body)])
        if progress is not None:
            progress(start / body)
    return digest.hexdigest().encode()


def check_outline(size: int, head: bytes, tail: bytes) -> None:
    """SessionError unless a file of this size, first 4 and last TAIL bytes can be an archive."""
    if size == 0:
        raise SessionError("is empty")
    if head != SIGNATURE[: len(head)]:
        raise SessionError("is not a session file")
    if size > MAX_BYTES:
        raise SessionError(f"has {size / 1e9:.1f} GB; a session file has at most {MAX_BYTES / 1e9:.0f}")
    if len(tail) < TAIL or _END.unpack(tail[: _END.size])[::7] != (b"PK\x05\x06", _COMMENT):
        raise SessionError("is not a session file, or its end is missing")


def unpack(data: memoryview, names: re.Pattern[str], progress: Progress | None = None) -> dict[str, memoryview]:
    """The entries by name, without a copy; SessionError for any archive that is not exactly as it was written."""
    check_outline(len(data), bytes(data[:4]), bytes(data[-TAIL:]))
    if checksum(data, progress) != data[-_COMMENT:]:
        raise SessionError("is damaged: its checksum does not match its content")
    end = len(data) - TAIL
    _, disk, first_disk, count, total, size, start, _ = _END.unpack_from(data, end)
    if disk or first_disk or count != total or start + size != end:
        raise SessionError("has a ZIP directory that does not fit the file")
    entries: dict[str, memoryview] = {}
    offset, place = 0, start
    for _ in range(count):
        entry = _entry(data, place, end, names)
        if entry.name in entries:
            raise SessionError(f"{entry.name} is in the file twice")
        entries[entry.name] = entry.content(data, offset, start)
        offset += entry.length
        place += _CENTRAL.size + len(entry.name)
    if place != end or offset != start:
        raise SessionError("has bytes that belong to no entry")
    return entries


class _Entry(NamedTuple):
    """What the directory says of an entry."""

    name: str
    moment: tuple[int, int]
    crc: int
    size: int
    offset: int

    @property
    def length(self) -> int:
        """The bytes in the file, header included."""
        return _LOCAL.size + len(self.name) + self.size

    def content(self, data: memoryview, offset: int, stop: int) -> memoryview:
        """The bytes of the entry, which has to begin at `offset` and end before `stop`."""
        name = self.name.encode()
        if self.offset != offset or offset + self.length > stop:
            raise SessionError(f"{self.name} does not lie where it should")
        local = _LOCAL.pack(SIGNATURE, _VERSION, 0, 0, *self.moment, self.crc, self.size, self.size, len(name), 0)
        begin = offset + _LOCAL.size + len(name)
        if data[offset:begin] != local + name:
            raise SessionError(f"{self.name} has two headers that do not agree")
        content = data[begin : begin + self.size]
        if zlib.crc32(content) != self.crc:
            raise SessionError(f"{self.name} is damaged: its checksum does not match")
        return content


def _entry(data: memoryview, place: int, end: int, names: re.Pattern[str]) -> _Entry:
    """The entry of the directory at `place`."""
    if place + _CENTRAL.size > end:
        raise SessionError("has a ZIP directory that does not fit the file")
    (signature, _made, version, flags, method, time, date, crc, packed, size, length, extra, comment, disk, _internal,
     _external, offset) = _CENTRAL.unpack_from(data, place)  # fmt: skip
    begin = place + _CENTRAL.size
    name = bytes(data[begin : min(begin + length, end)]).decode("ascii", "replace")
    if signature != b"PK\x01\x02" or names.fullmatch(name) is None:
        raise SessionError(f"{name[:60]!r} does not belong in a session file")
    if method != 0 or packed != size:
        raise SessionError(f"{name} is compressed; a session file stores its entries as they are")
    if flags or extra or comment or disk or version != _VERSION:
        raise SessionError(f"{name} uses ZIP features that a session file does not have")
    return _Entry(name, (time, date), crc, size, offset)
