"""Line segments in pixels, (n, 4) of x1, y1, x2, y2: joined, clipped, simplified and dashed for many curves at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from lrstudio.core.array import Array

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""

STEEP = 1e6
"""A y this far away gives a line that is upright to the eye."""
FARTHEST = 1e12
"""What is farther away cannot be clipped to a fraction of a pixel."""

_STRAIGHT = 0.06
"""Pixels by which a point may be off the line that is drawn past it."""
_ROUNDS = 4


@dataclass(frozen=True)
class Bundle:
    """The segments of some curves, one curve after the other; curve k has those from starts[k] to starts[k + 1]."""

    lines: Array
    starts: Array

    def of(self, curve: int) -> Array:
        """The segments of one curve."""
        lines: Array = self.lines[self.starts[curve] : self.starts[curve + 1]]
        return lines

    def ink(self) -> Array:
        """The pixels of line of every curve."""
        total = np.zeros(len(self.lines) + 1)
        np.cumsum(lengths(self.lines), out=total[1:])
        ink: Array = total[self.starts[1:]] - total[self.starts[:-1]]
        return ink

    def where(self, kept: Array, lines: Array | None = None) -> Bundle:
        """Some of the segments only; `lines`: what they have become."""
        before = np.zeros(len(kept) + 1, np.intp)
        np.cumsum(kept, out=before[1:])
        return Bundle(self.lines[kept] if lines is None else lines, before[self.starts])


def one_line(*ends: float) -> Bundle:
    """A segment alone."""
    return Bundle(np.array([ends]), np.array([0, 1]))


def polylines(x: Array, y: Array, edges: Edges) -> Bundle:
    """The segments between neighbouring points of every curve, y (curves, n), as far as they are within the edges.

    There are none where a coordinate is NaN or too far away to be clipped.
    """
    left, top, right, bottom = edges
    count = max(0, len(x) - 1)
    lines = np.empty((len(y), count, 4))
    lines[:, :, 0], lines[:, :, 2] = x[:-1], x[1:]
    lines[:, :, 1], lines[:, :, 3] = y[:, :-1], y[:, 1:]
    bundle = Bundle(lines.reshape(-1, 4), np.arange(len(y) + 1) * count)
    inside = (y >= top) & (y <= bottom) & ((x >= left) & (x <= right))
    whole = (inside[:, :-1] & inside[:, 1:]).ravel()
    if whole.all():
        return bundle
    rest = np.flatnonzero(~whole)
    rest = rest[(np.abs(bundle.lines[rest]) <= FARTHEST).all(axis=1)]
    pieces, met = _cut(bundle.lines[rest], edges)
    rest = rest[met]
    bundle.lines[rest] = pieces
    whole[rest] = True
    return bundle.where(whole)


def _cut(lines: Array, edges: Edges) -> tuple[Array, Array]:
    """The parts of the segments within a rectangle, and which segments have one."""
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


def straighten(bundle: Bundle, which: Sequence[bool]) -> Bundle:
    """The same to the eye in fewer segments: neighbours that go on straight are one, in the curves for `which`.

    Solid lines are better left alone: their square ends overlap at the joints, and a few joints are seen as knots.
    """
    for _ in range(_ROUNDS):
        lines = bundle.lines
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
        one &= np.repeat(which, bundle.starts[1:] - bundle.starts[:-1])[1::2]
        breaks = bundle.starts[1:-1]
        one[breaks[(breaks % 2 == 1) & (breaks < 2 * len(one))] // 2] = False
        if 4 * np.count_nonzero(one) < len(one):
            break
        kept = np.ones(len(lines), bool)
        kept[1::2] = ~one
        lines = lines.copy()
        lines[:-1:2][one, 2:] = second[one, 2:]
        bundle = bundle.where(kept, lines[kept])
    return bundle


def lengths(lines: Array) -> Array:
    """The length of every segment."""
    x, y = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    long: Array = np.sqrt(x * x + y * y)
    return long


Pattern = tuple[float, ...]

_SHORT = 3.0
"""Segments up to this length are dashed by leaving some out, longer ones are cut."""


def dashed(bundle: Bundle, patterns: Sequence[Pattern]) -> Bundle:
    """The segments with gaps, by one pattern for every curve; () leaves no gaps."""
    if not any(patterns):
        return bundle
    long = lengths(bundle.lines)
    if not (long > 0).all():
        bundle, long = bundle.where(long > 0), long[long > 0]
    if not len(long):
        return bundle
    ends = np.zeros(len(long) + 1)
    np.cumsum(long, out=ends[1:])
    breaks, firsts = _all_breaks(ends[bundle.starts], patterns)
    parity = np.repeat(firsts, bundle.starts[1:] - bundle.starts[:-1])
    if long.max() < _SHORT:
        middle = ends[:-1] + long / 2
        return bundle.where((breaks.searchsorted(middle, "right") - parity) % 2 == 0)
    cuts = np.concatenate([ends, breaks])
    cuts.sort(kind="stable")
    middle = (cuts[:-1] + cuts[1:]) / 2
    place = np.minimum(ends.searchsorted(middle, "right") - 1, len(long) - 1)
    on = (breaks.searchsorted(middle, "right") - parity[place]) % 2 == 0
    on &= cuts[1:] > cuts[:-1]
    place = place[on]
    lines, begin, long = bundle.lines[place], ends[place], long[place]
    delta = lines[:, 2:] - lines[:, :2]
    pieces = np.empty_like(lines)
    pieces[:, :2] = lines[:, :2] + delta * ((cuts[:-1][on] - begin) / long)[:, None]
    pieces[:, 2:] = lines[:, :2] + delta * ((cuts[1:][on] - begin) / long)[:, None]
    return Bundle(pieces, place.searchsorted(bundle.starts))


def _all_breaks(edges: Array, patterns: Sequence[Pattern]) -> tuple[Array, Array]:
    """Where dashes begin and end along all curves, which lie between the edges, and each curve's first of these."""
    parts, firsts, count = [], [], 0
    for pattern, start, stop in zip(patterns, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        firsts.append(count)
        if pattern:
            rounds = int((stop - start) / sum(pattern)) + 1
            breaks = _breaks(pattern, 1 << rounds.bit_length())
            parts.append(start + breaks[: breaks.searchsorted(stop - start)])
            count += len(parts[-1])
    return np.concatenate(parts), np.array(firsts)


@cache
def _breaks(pattern: Pattern, rounds: int) -> Array:
    edges = np.cumsum(pattern)
    breaks: Array = (np.arange(rounds)[:, None] * edges[-1] + edges).ravel()
    return breaks
