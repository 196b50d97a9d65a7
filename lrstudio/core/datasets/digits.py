"""The handwritten digits that come with the program (UCI, CC BY 4.0; see resources/data)."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files

import numpy as np

from lrstudio.core.array import Array


@cache
def digits() -> tuple[Array, Array]:
    """1,797 images (n, 64) of 8 x 8 pixels from 0 to 1, row by row, and the digits (n,) they show. Read only."""
    content = (files("lrstudio.resources") / "data" / "digits.npy").read_bytes()
    table = np.load(io.BytesIO(content), allow_pickle=False)
    images, labels = table[:, :64] / 16.0, table[:, 64].astype(np.int64)
    images.flags.writeable = labels.flags.writeable = False
    return images, labels
