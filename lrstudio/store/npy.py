"""Arrays as NumPy's own files have them, read strictly: nothing in one is executed."""

from __future__ import annotations

import math
import re

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
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
    """Returns the header of a .npy file; `kind` is `<f8` or `<i8`."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGN
    header = text.encode() + b" " * padding + b"\n"
    return _MAGIC + len(header).to_bytes(2, "little") + header


def read_npy(data: memoryview, kind: str) -> Array:
    """Returns the array of a .npy file, read-only and without a copy; SessionError for any other header or size."""
    begin, shape = npy_shape(data, kind)
    values = data[begin:]
    if math.prod(shape) * 8 != len(values):
        raise SessionError(
            tr(
                "has {count} bytes of values: the shape {shape} takes {expected}",
                count=len(values),
                shape=shape,
                expected=math.prod(shape) * 8,
            )
        )
    return np.frombuffer(values, np.dtype(kind)).reshape(shape)


def npy_shape(data: memoryview, kind: str) -> tuple[int, Shape]:
    """Returns the length of the header of a .npy file and the array's shape; SessionError for any other header."""
    begin = len(_MAGIC) + 2
    size = int.from_bytes(data[len(_MAGIC) : begin], "little")
    if data[: len(_MAGIC)] != _MAGIC or size > _LONGEST_HEADER or begin + size > len(data):
        raise SessionError(tr("is not a .npy array of format 1.0"))
    match = _HEADER.fullmatch(data[begin : begin + size])
    if match is None:
        raise SessionError(tr("has a .npy header that sessions do not use"))
    if match[1].decode() != kind:
        raise SessionError(tr("holds {found}: must be {kind}", found=match[1].decode(), kind=kind))
    return begin + size, tuple(int(number) for number in match[2].split(b",") if number)
