"""Arrays as source: numbers that read back to the same bits, packed where they are many."""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Iterator

import numpy as np

from lrstudio.core.array import Array

_LISTED = 400
"""The largest number of numbers that are written out."""
_WIDTH = 110
_SCALES = (1, 16)
"""Whole numbers below 256 over these are kept in a byte each, as the grey of images in 16ths."""
UNPACK = '''
def unpacked(text, dtype, shape):
    """Returns an array from its bytes, compressed and written in base 85."""
    return np.frombuffer(zlib.decompress(base64.b85decode(text.replace("\\n", ""))), dtype).reshape(shape).copy()
'''.strip()


def array_lines(name: str, values: Array) -> Iterator[str]:
    """Yields the assignment of an array."""
    if values.size <= _LISTED:
        text = ", ".join(map(repr, values.ravel().tolist()))
        yield f"{name} = np.array(["
        yield from (f"    {line}" for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False))
        yield "])" if values.ndim == 1 else f"]).reshape({values.shape!r})"
        return
    scale = next((scale for scale in _SCALES if np.array_equal((values * scale).astype("u1"), values * scale)), None)
    kept = values.astype(values.dtype.newbyteorder("<")) if scale is None else (values * scale).astype("u1")
    packed = base64.b85encode(zlib.compress(np.ascontiguousarray(kept).tobytes(), 9)).decode()
    yield f'{name} = unpacked("""'
    yield from (packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH))
    yield f'""", "{kept.dtype.str}", {kept.shape!r})' + ("" if scale in (None, 1) else f"/{scale}")
