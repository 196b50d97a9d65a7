"""Line segments in pixels, as arrays (n, 4) of x1, y1, x2, y2: joined, clipped and dashed in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

STEEP = 1e6
"""A y this far away gives a line that is upright to the eye."""
FARTHEST = 1e12
"""What is farther away cannot be clipped to a fraction of a pixel."""

_SHORT = 3.0
"""Segments up to this length are dashed by leaving some out, longer ones are cut."""


def polyline(x: Array, y: Array) -> Array:
    """The segments between neighbouring points; none where a coordinate is NaN or too far away to be clipped."""
    points = np.stack([x, y], axis=1)
    points[np.abs(points) > FARTHEST] = np.nan
    lines = np.concatenate([points[:-1], points[1:]], axis=1)
    known: Array = lines[np.isfinite(lines).all(axis=1)]
    return known


def clip(lines: Array, left: float, top: float, right: float, bottom: float) -> Array:
    """The parts of the segments within a rectangle."""
    low, high = np.array([left, top, left, top]), np.array([right, bottom, right, bottom])
    whole = ((lines >= low) & (lines <= high)).all(axis=1)
    if whole.all():
        return lines
    start = lines[:, :2]
    delta = lines[:, 2:] - start
    enter, leave = np.zeros(len(lines)), np.ones(len(lines))
    slope = np.where(delta == 0, 1e-300, delta)
    with np.errstate(over="ignore"):
        for axis in (0, 1):
            ends = (low[axis] - start[:, axis]) / slope[:, axis], (high[axis] - start[:, axis]) / slope[:, axis]
            enter = np.maximum(enter, np.minimum(*ends))
            leave = np.minimum(leave, np.maximum(*ends))
    inside = enter <= leave
    start, delta = start[inside], delta[inside]
    return np.concatenate([start + delta * enter[inside, None], start + delta * leave[inside, None]], axis=1)


def lengths(lines: Array) -> Array:
    """The length of every segment."""
    long: Array = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    return long


def dash(lines: Array, pattern: tuple[float, ...]) -> Array:
    """The segments with gaps: pattern is lengths on, off, on, ... along the way that they make together."""
    long = lengths(lines)
    lines, long = lines[long > 0], long[long > 0]
    if not pattern or not len(lines):
        return lines
    end = np.cumsum(long)
    start = end - long
    if long.max() < _SHORT:
        return lines[is_on((start + end) / 2, pattern)]
    edges = np.cumsum(pattern)
    rounds = np.arange(int(end[-1] / edges[-1]) + 1)
    breaks = (rounds[:, None] * edges[-1] + edges).ravel()
    cuts = np.sort(np.concatenate([start, breaks[breaks < end[-1]], end[-1:]]))
    middle = (cuts[:-1] + cuts[1:]) / 2
    on = is_on(middle, pattern)
    place = np.searchsorted(start, middle[on], "right") - 1
    first = ((cuts[:-1][on] - start[place]) / long[place])[:, None]
    last = ((cuts[1:][on] - start[place]) / long[place])[:, None]
    origin, delta = lines[place, :2], lines[place, 2:] - lines[place, :2]
    return np.concatenate([origin + delta * first, origin + delta * last], axis=1)


def is_on(distance: Array, pattern: tuple[float, ...]) -> Array:
    """Whether a dash, not a gap, is at these distances."""
    if not pattern:
        return np.ones(len(distance), bool)
    edges = np.cumsum(pattern)
    on: Array = np.searchsorted(edges, distance % edges[-1], "right") % 2 == 0
    return on
