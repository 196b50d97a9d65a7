"""Line segments in pixels, (n, 4) of x1, y1, x2, y2: joined, clipped, simplified and dashed for many curves at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""

STEEP = 1e6
"""Limit of y in pixels: lines to it look vertical."""
FARTHEST = 1e12
"""Coordinates in pixels beyond this cannot be clipped with subpixel accuracy."""
_STRAIGHT = 0.06
"""Greatest distance in pixels between a dropped point and the simplified line."""
_ROUNDS = 4
Pattern = tuple[float, ...]
"""Dash lengths on, off, on, ... in pixels along a curve; () is solid."""
_SHORT = 3.0
"""Segments up to this length are kept or dropped whole to make dashes, longer ones are cut."""


@dataclass(frozen=True)
class Segments:
    """Concatenated line segments of several curves; curve k has the rows starts[k]..starts[k + 1] of `lines` (n, 4)."""

    lines: Array
    starts: Array

    def of(self, curve: int) -> Array:
        """Returns the segments (m, 4) of one curve."""
        lines: Array = self.lines[self.starts[curve] : self.starts[curve + 1]]
        return lines

    def lengths(self) -> Array:
        """Returns the total length of each curve."""
        total = np.concatenate([[0.0], np.cumsum(segment_lengths(self.lines))])
        sums: Array = total[self.starts[1:]] - total[self.starts[:-1]]
        return sums

    def select(self, mask: Array, lines: Array | None = None) -> Segments:
        """Returns the segments in a mask (n,); `lines` replaces their coordinates."""
        before = np.concatenate([[0], np.cumsum(mask)])
        return Segments(self.lines[mask] if lines is None else lines, before[self.starts])


def single_segment(*ends: float) -> Segments:
    """Returns one segment from x1, y1 to x2, y2."""
    return Segments(np.array([ends]), np.array([0, 1]))


def polylines(x: Array, y: Array, edges: Edges) -> Segments:
    """Returns the segments between neighbouring points of every curve, y (curves, n), clipped to the edges.

    Segments with NaN or coordinates beyond FARTHEST are omitted.
    """
    left, top, right, bottom = edges
    count = max(0, len(x) - 1)
    lines = np.empty((len(y), count, 4))
    lines[:, :, 0], lines[:, :, 2] = x[:-1], x[1:]
    lines[:, :, 1], lines[:, :, 3] = y[:, :-1], y[:, 1:]
    segments = Segments(lines.reshape(-1, 4), np.arange(len(y) + 1) * count)
    inside = (y >= top) & (y <= bottom) & ((x >= left) & (x <= right))
    whole = (inside[:, :-1] & inside[:, 1:]).ravel()
    if whole.all():
        return segments
    rest = np.flatnonzero(~whole)
    rest = rest[(np.abs(segments.lines[rest]) <= FARTHEST).all(axis=1)]
    pieces, met = _clipped(segments.lines[rest], edges)
    rest = rest[met]
    segments.lines[rest] = pieces
    whole[rest] = True
    return segments.select(whole)


def _clipped(lines: Array, edges: Edges) -> tuple[Array, Array]:
    """Returns the parts of segments within a rectangle, and the mask of segments that intersect it (Liang-Barsky)."""
    enter, leave = np.zeros(len(lines)), np.ones(len(lines))
    delta = lines[:, 2:] - lines[:, :2]
    slope = np.where(delta == 0, 1e-300, delta)
    with np.errstate(over="ignore"):
        for axis in (0, 1):
            ends = [(edge - lines[:, axis]) / slope[:, axis] for edge in edges[axis::2]]
            enter = np.maximum(enter, np.minimum(*ends))
            leave = np.minimum(leave, np.maximum(*ends))
    met = enter <= leave
    start, delta, enter, leave = lines[met, :2], delta[met], enter[met, None], leave[met, None]
    return np.concatenate([start + delta * enter, start + delta * leave], axis=1), met


def straighten(segments: Segments, which: Sequence[bool]) -> Segments:
    """Joins neighbouring collinear segments of the curves in the mask `which` (curves,).

    Not for solid lines: their square caps overlap at joints, and few joints are visible as knots.
    """
    for _ in range(_ROUNDS):
        lines = segments.lines
        if len(lines) < 2:
            break
        first, second = lines[:-1:2], lines[1::2]
        x, y = first[:, 0], first[:, 1]
        along_x, along_y = second[:, 2] - x, second[:, 3] - y
        aside_x, aside_y = first[:, 2] - x, first[:, 3] - y
        long = along_x * along_x + along_y * along_y
        off = along_x * aside_y - along_y * aside_x
        forward = along_x * aside_x + along_y * aside_y
        one = (off * off <= _STRAIGHT**2 * long) & (forward >= 0) & (forward <= long)
        one &= (first[:, 2] == second[:, 0]) & (first[:, 3] == second[:, 1])
        one &= np.repeat(which, segments.starts[1:] - segments.starts[:-1])[1::2]
        breaks = segments.starts[1:-1]
        one[breaks[(breaks % 2 == 1) & (breaks < 2 * len(one))] // 2] = False
        if 4 * np.count_nonzero(one) < len(one):
            break
        kept = np.ones(len(lines), bool)
        kept[1::2] = ~one
        lines = lines.copy()
        lines[:-1:2][one, 2:] = second[one, 2:]
        segments = segments.select(kept, lines[kept])
    return segments


def segment_lengths(lines: Array) -> Array:
    """Returns the length of each segment (n,)."""
    x, y = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    lengths: Array = np.sqrt(x * x + y * y)
    return lengths


def dashed(segments: Segments, patterns: Sequence[Pattern]) -> Segments:
    """Cuts the segments into dashes, by one pattern for each curve."""
    if not any(patterns):
        return segments
    long = segment_lengths(segments.lines)
    if not (long > 0).all():
        segments, long = segments.select(long > 0), long[long > 0]
    if not len(long):
        return segments
    ends = np.concatenate([[0.0], np.cumsum(long)])
    breaks, firsts = _all_breaks(ends[segments.starts], patterns)
    parity = np.repeat(firsts, segments.starts[1:] - segments.starts[:-1])
    if long.max() < _SHORT:
        middle = ends[:-1] + long / 2
        return segments.select((breaks.searchsorted(middle, "right") - parity) % 2 == 0)
    cuts = np.concatenate([ends, breaks])
    cuts.sort(kind="stable")
    middle = (cuts[:-1] + cuts[1:]) / 2
    index = np.minimum(ends.searchsorted(middle, "right") - 1, len(long) - 1)
    on = (breaks.searchsorted(middle, "right") - parity[index]) % 2 == 0
    on &= cuts[1:] > cuts[:-1]
    index = index[on]
    lines, begin, long = segments.lines[index], ends[index], long[index]
    delta = lines[:, 2:] - lines[:, :2]
    pieces = np.empty_like(lines)
    pieces[:, :2] = lines[:, :2] + delta * ((cuts[:-1][on] - begin) / long)[:, None]
    pieces[:, 2:] = lines[:, :2] + delta * ((cuts[1:][on] - begin) / long)[:, None]
    return Segments(pieces, index.searchsorted(segments.starts))


def _all_breaks(edges: Array, patterns: Sequence[Pattern]) -> tuple[Array, Array]:
    """Returns the ends of dashes along all curves, which lie between the edges, and the index of each curve's first."""
    parts, firsts, count = [], [], 0
    for pattern, start, stop in zip(patterns, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        firsts.append(count)
        if pattern:
            rounds = int((stop - start) / sum(pattern)) + 1
            breaks = _breaks(pattern, 1 << rounds.bit_length())
            parts.append(start + breaks[: breaks.searchsorted(stop - start)])
            count += len(parts[-1])
    return np.concatenate(parts), np.array(firsts)


@lru_cache(32)
def _breaks(pattern: Pattern, rounds: int) -> Array:
    edges = np.cumsum(pattern)
    breaks: Array = (np.arange(rounds)[:, None] * edges[-1] + edges).ravel()
    return breaks
