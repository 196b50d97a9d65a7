"""Arrays as NumPy's own .npy files, of the two kinds that a session has; any other header is refused."""

from __future__ import annotations

import math
import re

import numpy as np

from lrstudio.core.array import Array
from lrstudio.store.fields import SessionError

Shape = tuple[int, ...]

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGN = 64
_LONGEST_HEADER = 512
_HEADER = re.compile(
    rb"\{'descr': '(<[fi]8)', 'fortran_order': False, "
    rb"'shape': \((|[0-9]{1,12},|[0-9]{1,12}(?:, [0-9]{1,12}){1,3})\), \} *\n"
)


def npy_header(kind: str, shape: Shape) -> bytes:
    """What stands before the values; `kind` is `<f8` or `<i8`."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGN
    header = text.encode() + b" " * padding + b"\n"
    return _MAGIC + len(header).to_bytes(2, "little") + header


def read_npy(data: memoryview, kind: str) -> Array:
    """The array in an entry, read-only and without a copy; SessionError unless it is exactly that."""
    begin = len(_MAGIC) + 2
    size = int.from_bytes(data[len(_MAGIC) : begin], "little")
    if data[: len(_MAGIC)] != _MAGIC or size > _LONGEST_HEADER or begin + size > len(data):
        raise SessionError("is not a .npy array of format 1.0")
    match = _HEADER.fullmatch(data[begin : begin + size])
    if match is None:
        raise SessionError("has a .npy header that sessions do not use")
    if match[1].decode() != kind:
        raise SessionError(f"holds {match[1].decode()}: must be {kind}")
    shape = tuple(int(number) for number in match[2].split(b",") if number)
    values = data[begin + size :]
    if math.prod(shape) * 8 != len(values):
        raise SessionError(f"has {len(values)} bytes of values: the shape {shape} takes {math.prod(shape) * 8}")
    return np.frombuffer(values, np.dtype(kind)).reshape(shape)
