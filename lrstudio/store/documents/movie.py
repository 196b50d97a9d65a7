"""Moving pictures: frames as GIF, APNG or WebP, which play for ever."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress

SUFFIXES = (".gif", ".png", ".webp")
FRAME_MS = 80
"""Duration of a frame in milliseconds; a GIF counts hundredths of a second."""
HOLD_MS = 1200
"""Duration of the last frame."""
MOST_BYTES = 1_200_000_000
"""Bytes of the pixels of all frames, which are in memory at once, and once more while they are encoded."""
_COLORS, _SAMPLES = 255, 3
_MOST_SAMPLED = 500_000
"""Pixels, about, that the palette is chosen from; Pillow does that without a pause."""
_BEFORE = 0.6
"""Fraction of the work before Pillow encodes."""
_SAME = 255
"""Index of the colour that leaves a pixel as it was in the frame before."""


def frame_steps(seconds: float, last: int) -> list[int]:
    """Returns the steps from 0 to the last one that a moving picture of so many seconds shows, a frame each."""
    frames = max(2, round((1000 * seconds - HOLD_MS) / FRAME_MS) + 1)
    return [round(last * index / (frames - 1)) for index in range(frames)]


def longest(width: int, height: int) -> int:
    """Returns how many seconds a moving picture of so many pixels may have: its frames have MOST_BYTES at most."""
    frames = MOST_BYTES // (3 * width * height)
    return ((frames - 1) * FRAME_MS + HOLD_MS) // 1000


def movie(frames: Sequence[Array], suffix: str, progress: Progress) -> bytes:
    """Returns the file of frames (height, width, 3) of RGB bytes (Pillow).

    `progress` is called all the time, also while Pillow encodes, which takes long for large pictures. A GIF and an APNG
    have the 255 colours that suit the first, the middle and the last frame best, and store only what changes; a WebP
    has all colours, a little blurred. ValueError for another `suffix` than SUFFIXES.
    """
    from PIL import Image  # 20 ms that no other part of the program needs

    if suffix not in SUFFIXES:
        raise ValueError(tr("a moving picture ends in {names}", names=", ".join(SUFFIXES)))
    options: dict[str, Any] = {
        ".gif": {"format": "GIF", "optimize": False, "disposal": 1, "transparency": _SAME},
        ".png": {"format": "PNG", "disposal": 0, "blend": 1, "transparency": _SAME},
        ".webp": {"format": "WEBP", "quality": 80, "method": 2},
    }[suffix]
    pictures = []
    for index, picture in enumerate(map(Image.fromarray, frames) if suffix == ".webp" else _changes(frames)):
        pictures.append(picture)
        progress(_BEFORE * (index + 1) / len(frames))
        picture.seek = partial(_sought, progress)
    buffer = _Buffer(progress)
    durations = [FRAME_MS] * (len(frames) - 1) + [HOLD_MS]
    pictures[0].save(buffer, save_all=True, append_images=pictures[1:], duration=durations, loop=0, **options)
    progress(1.0)
    return buffer.getvalue()


def _sought(progress: Progress, frame: int) -> None:
    """Goes to the only frame of a picture, as Pillow does before it encodes it, in one pass or in two."""
    progress(_BEFORE)
    if frame:
        raise EOFError


class _Buffer(io.BytesIO):
    """Tells progress when Pillow writes; a GIF and an APNG are compressed after all frames were gone to."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def write(self, data: Any) -> int:
        self._progress(_BEFORE)
        return super().write(data)


def _changes(frames: Sequence[Array]) -> Iterator[Any]:
    """Yields the frames with a common palette, each with _SAME where it is like the one before."""
    from PIL import Image

    last = len(frames) - 1
    samples = np.concatenate([frames[last * index // (_SAMPLES - 1)].reshape(-1, 3) for index in range(_SAMPLES)])
    samples = samples[:: len(samples) // _MOST_SAMPLED | 1]  # odd: it falls on other columns in each row
    palette = Image.fromarray(samples[None]).quantize(_COLORS, dither=Image.Dither.NONE)
    colors = list(palette.getpalette() or [])[: 3 * _COLORS]
    before: Array | None = None
    for frame in frames:
        indices = np.asarray(Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE))
        changed = indices if before is None else np.where(indices == before, np.uint8(_SAME), indices)
        picture = Image.fromarray(changed.astype(np.uint8), mode="P")
        picture.putpalette(colors + [0] * (3 * 256 - len(colors)))
        picture.info["transparency"] = _SAME
        before = indices
        yield picture
