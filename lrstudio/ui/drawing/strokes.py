"""Curves of millions of points, reduced to segments in pixels for all columns of a pyramid at once."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import STEEP, Edges, Pattern, Segments, dashed, polylines, straighten
from lrstudio.ui.drawing.pixels import CROWDED, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import Pyramid
from lrstudio.ui.drawing.step_scale import StepScale

_BUCKET_PIXELS = 2.0
_FEW = 4
_UPRIGHT, _DENSE, _TURNS = 4.0, 4.0, 6.0
"""A crowded curve's length per width, greatest mean distance of segments in pixels, and length per height."""
SMALLEST = 1e-30
"""Stands for 0 on a logarithmic axis: far below every view, so that the curve leaves it downwards."""


class Band(NamedTuple):
    """The area of a crowded curve, from `top` to `bottom` at every `x`, and its dashed outline."""

    x: Array
    top: Array
    bottom: Array
    outline: Array


class Stroke(NamedTuple):
    """One curve in pixels: its dashed line, vertical bars and the ends x of the undashed segments.

    A crowded curve, which would hide the others, has a band instead of dashes.
    """

    lines: Array
    bars: Array
    ends: Array
    band: Band | None


class Strokes:
    """The curves of a pyramid, value against row number, cached until data or view change.

    At most two rows per pixel are drawn one by one, more in buckets of 2**k rows: each as the middle of its extremes,
    and as a vertical bar if those reach beyond the line through the middles.
    """

    def __init__(self, pyramid: Pyramid, *, log: bool = False, scale: StepScale | None = None) -> None:
        self.log = log
        self.scale = scale or StepScale()
        self._pyramid = pyramid
        self._key: tuple[object, ...] = ()
        self._cached: list[Stroke] = []
        self._widths = [1.0] * pyramid.columns
        self._patterns: list[Pattern] = [()] * pyramid.columns

    def set_style(self, column: int, width: float, pattern: Pattern) -> None:
        """Sets the line width and dash pattern of a column."""
        self._widths[column], self._patterns[column], self._key = width, pattern, ()

    def of(self, column: int, transform: QTransform, area: QRectF) -> Stroke:
        """Returns the curve of a column within the area."""
        size = area.width(), area.height()
        scales = self.log, self.scale.log, self.scale.stretches
        key = self._pyramid.length, scales, transform.m11(), transform.m22(), transform.dx(), transform.dy(), *size
        if key != self._key:
            self._key, self._cached = key, self._of_all(transform, area)
        return self._cached[column]

    def scale_of(self, column: int) -> StepScale:
        """Returns the scale of the steps of a column's run; the columns of a run are neighbours."""
        stretches = self.scale.stretches
        return self.scale.of(column * len(stretches) // self._pyramid.columns) if stretches else self.scale

    def _of_all(self, transform: QTransform, area: QRectF) -> list[Stroke]:
        """Returns the strokes of all columns, each on the scale of its run."""
        scales = [self.scale_of(column) for column in range(self._pyramid.columns)]
        every = {scale.stretch: self._computed(scale, transform, area) for scale in scales}
        return [every[scale.stretch][column] for column, scale in enumerate(scales)]

    def _computed(self, scale: StepScale, transform: QTransform, area: QRectF) -> list[Stroke]:
        edges = edges_around(area)
        x, low, high = self._buckets(scale, transform, area)
        middle = low if low is high else (low + high) / 2
        lines = polylines(x, middle, edges)
        bars = Segments(np.empty((0, 4)), np.zeros(len(low) + 1, int))
        if low is not high:
            bars = uncovered(x, low, high, middle, edges)
        lengths = (lines.lengths() + bars.lengths()).tolist()
        crowded = [
            is_crowded(lines.of(column), bars.of(column), lengths[column], width, area.height())
            for column, width in enumerate(self._widths)
        ]
        patterns = [() if dense else pattern for dense, pattern in zip(crowded, self._patterns, strict=True)]
        lines = straighten(lines, [bool(pattern) for pattern in patterns])
        dashes = dashed(lines, patterns)
        return [
            Stroke(
                dashes.of(column),
                bars.of(column),
                lines.of(column)[:, 2],
                band(x, low[column], high[column], self._patterns[column], edges) if dense else None,
            )
            for column, dense in enumerate(crowded)
        ]

    def _buckets(self, scale: StepScale, transform: QTransform, area: QRectF) -> tuple[Array, Array, Array]:
        """Returns x, upper and lower ends (columns, n) in pixels of the buckets in the area, and one on either side.

        The ends are the same array if every bucket has one row.
        """
        per_pixel, length = 1 / transform.m11(), self._pyramid.length
        left, right = (scale.step((edge - transform.dx()) * per_pixel) for edge in (area.left(), area.right()))
        bucket = _BUCKET_PIXELS * per_pixel / scale.stretch if not scale.log else 1.0
        first = min(max(0, math.floor(left - bucket) - 1), length)
        stop = min(max(math.ceil(right + bucket) + 2, first), length)
        pieces = scale.levels(per_pixel, _BUCKET_PIXELS, first, stop)
        envelopes = [
            self._pyramid.envelope(level, begin >> level, min(-(-end >> level), -(-length >> level)))
            for level, begin, end in pieces
        ] or [self._pyramid.envelope(0, 0, 0)]
        rows = [np.empty(0)]
        for (level, begin, _), (low, _) in zip(pieces, envelopes, strict=False):
            starts = begin + np.arange(len(low)) * 2.0**level
            rows.append((starts + np.minimum(starts + 2**level, length) - 1) / 2)
        low, high = (np.concatenate(parts) for parts in zip(*envelopes, strict=True))
        x_values = scale.positions(np.concatenate(rows))
        x, bottom = to_pixels(transform, x_values, curve_scale(low.T.copy(), self.log))
        np.clip(bottom, -STEEP, STEEP, out=bottom)
        if not any(level for level, _, _ in pieces):
            return x, bottom, bottom
        top = to_pixels(transform, x_values, curve_scale(high.T.copy(), self.log))[1]
        return x, np.clip(top, -STEEP, STEEP, out=top), bottom


def curve_scale(values: Array, log: bool) -> Array:
    """Returns values in plot coordinates: their decimal logarithm on a logarithmic axis."""
    return np.log10(np.maximum(values, SMALLEST)) if log else values


def uncovered(x: Array, low: Array, high: Array, middle: Array, edges: Edges) -> Segments:
    """Returns vertical bars low..high that reach a pixel or more beyond the line through the middles."""
    left, top, right, bottom = edges
    least, most = middle.copy(), middle.copy()
    for end, choose in ((least, np.fmin), (most, np.fmax)):
        choose(end[:, 1:], middle[:, :-1], out=end[:, 1:])
        choose(end[:, :-1], middle[:, 1:], out=end[:, :-1])
    bar = (low < least - 1) | (high > most + 1)
    bar &= (high >= top) & (low <= bottom) & ((x >= left) & (x <= right))
    counts = bar.sum(axis=1)
    at = np.broadcast_to(x, bar.shape)[bar]
    lines = np.stack([at, np.maximum(low[bar], top), at, np.minimum(high[bar], bottom)], axis=1)
    return Segments(lines, np.concatenate([[0], np.cumsum(counts)]))


def band(x: Array, low: Array, high: Array, pattern: Pattern, edges: Edges) -> Band:
    """Returns the band of a curve with upper and lower ends low..high (n,); its outline goes through all extremes."""
    if low is high or np.array_equal(low, high, equal_nan=True):
        low, high = np.fmin(low[1:], low[:-1]), np.fmax(low[1:], low[:-1])
        x = (x[1:] + x[:-1]) / 2
    outline = dashed(polylines(x, np.stack([low, high]), edges), [pattern, pattern]).lines
    _, top, _, bottom = edges
    return Band(x, np.clip(low, top, bottom), np.clip(high, top, bottom), outline)


def is_crowded(lines: Array, bars: Array, length: float, width: float, height: float) -> bool:
    """Whether a curve hides the curves behind it.

    It covers a third of its bounding box, or it goes up and down at least three times, mostly vertically and with
    hardly a gap.
    """
    count = len(lines) + len(bars)
    if count < _FEW:
        return False
    parts = [part for part in (lines, bars) if len(part)]
    ends = [float(part[row, column]) for part in parts for row, column in ((0, 0), (-1, 2))]
    wide = max(ends) - min(ends)
    if length > CROWDED or length * width > 0.3 * wide * height:
        return True
    if length < _UPRIGHT * wide or wide > _DENSE * count:
        return False
    heights = np.concatenate([part[:, 1::2].ravel() for part in parts])
    return length > _TURNS * float(heights.max() - heights.min())
