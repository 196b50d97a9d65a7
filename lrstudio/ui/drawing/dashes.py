"""Dashes of segments in pixels, for many curves at once; a pattern is lengths on, off, on, ... of a curve's way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import Bundle, lengths

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
