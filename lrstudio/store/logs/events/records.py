"""The records of an event file: length (uint64), its checksum, an event, its checksum, all little-endian."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.logs.model import LogError

_LONGEST = 2**26
"""Maximum length of a record in bytes; pictures and histograms are far smaller."""
_BLOCK = 2**23
_FEW = 8


def is_events(sample: bytes) -> bool:
    """Whether a file begins with a record of an event file."""
    if len(sample) < 16:
        return False
    return checksum(sample[:8]) == struct.unpack_from("<I", sample, 8)[0] and sample[12:13] == b"\x09"


def blocks(file: BinaryIO, notes: list[str]) -> Iterator[tuple[bytes, Array, Array]]:
    """Yields bytes with the places and the lengths (m,) of the events in them, in the order of the file.

    LogError names the place of a record that is damaged. A last record that is not complete is told in `notes`.
    """
    unpack = struct.Struct("<QI").unpack_from
    sums, content, before = dict[int, int](), b"", 0
    while block := file.read(_BLOCK):
        content += block
        place, size = 0, len(content)
        begins, lengths = list[int](), list[int]()
        while place + 16 <= size:
            length, told = unpack(content, place)
            if sums.get(length) != told:
                if checksum(content[place : place + 8]) != told or length > _LONGEST:
                    raise LogError(
                        tr(
                            "byte {place}: the event file is damaged here: a wrong checksum of a length",
                            place=before + place,
                        )
                    )
                sums[length] = told
            if place + 16 + length > size:
                break
            begins.append(place + 12)
            lengths.append(length)
            place += 16 + length
        found = np.array(begins, int), np.array(lengths, int)
        _check_contents(content, before, *found)
        yield content, *found
        content, before = content[place:], before + place
    if content:
        notes.append(tr("the last record is not complete: the file was being written"))


def _check_contents(content: bytes, before: int, begins: Array, lengths: Array) -> None:
    """Raises LogError for the first event whose checksum is wrong; events of one length are checked together."""
    data, wrong = np.frombuffer(content, np.uint8), list[int]()
    for length in np.unique(lengths).tolist():
        own = begins[lengths == length]
        if len(own) < _FEW:
            sums = np.array([checksum(content[begin : begin + length]) for begin in own.tolist()], np.uint32)
        else:
            sums = _masked(_checksums(data, own, length))
        told = np.ascontiguousarray(gathered(data, own + length, 4)).view("<u4")[:, 0]
        wrong += own[told != sums][:1].tolist()
    if wrong:
        raise LogError(tr("byte {block}: the event file is damaged here: a wrong checksum", block=before + min(wrong)))


def gathered(data: Array, begins: Array, length: int) -> Array:
    """Returns the bytes (m, length) of a text from each of `begins` (m,) on."""
    return data[begins[:, None] + np.arange(length)]


def _checksums(data: Array, begins: Array, length: int) -> Array:
    """Returns the CRC-32C of a stretch of bytes from each of `begins` (m,)."""
    crc = np.full(len(begins), 0xFFFFFFFF, np.uint32)
    for place in range(0, length - 1, 2):
        pair = data[begins + place] | (data[begins + (place + 1)].astype(np.uint32) << np.uint32(8))
        crc = _PAIRS[(crc ^ pair) & np.uint32(0xFFFF)] ^ (crc >> np.uint32(16))
    if length % 2:
        crc = _TABLE[(crc ^ data[begins + (length - 1)]) & np.uint32(255)] ^ (crc >> np.uint32(8))
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
_PAIRS = _TABLE[
    (_TABLE[np.arange(2**16) & 255] ^ (np.arange(2**16, dtype=np.uint32) >> np.uint32(8))) & np.uint32(255)
] ^ (_TABLE[np.arange(2**16) & 255] >> np.uint32(8))
"""The checksums' remainders of two bytes."""
