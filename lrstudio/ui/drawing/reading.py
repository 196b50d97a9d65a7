"""What a plot says about the place under the mouse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF

from lrstudio.ui.look.theme import RunStyle

MOST = 8
"""So many runs have room in the box."""


@dataclass(frozen=True)
class Row:
    """A run's values; `dot` is where in the viewport its curve has them, `distance` how far the mouse is from there."""

    name: str
    values: tuple[str, ...]
    style: RunStyle | None = None
    dot: QPointF | None = None
    distance: float = math.inf
    strong: bool = False


@dataclass(frozen=True)
class Reading:
    """A title, column heads and rows for the box; `line` is the x of a thin upright line, in pixels of the viewport."""

    title: str
    rows: Sequence[Row] = ()
    heads: tuple[str, ...] = ()
    line: float | None = None


def nearest(rows: Sequence[Row]) -> list[Row]:
    """The rows that have room, those that are nearest to the mouse, in their order; the nearest is strong."""
    if not rows:
        return []
    kept = sorted(sorted(range(len(rows)), key=lambda place: rows[place].distance)[:MOST])
    closest = min(kept, key=lambda place: rows[place].distance)
    near = len(rows) > 1 and math.isfinite(rows[closest].distance)
    return [replace(rows[place], strong=near and place == closest) for place in kept]


def exact_text(value: float) -> str:
    """A value to seven digits; a dash where there is none."""
    return f"{value + 0.0:.7g}".replace("-", "−") if math.isfinite(value) else "–"


def place_text(value: float, pixel: float) -> str:
    """A coordinate as exact as a pixel tells it."""
    return exact_text(rounded(value, pixel))


def rounded(value: float, pixel: float) -> float:
    """A coordinate without the digits that are below a pixel."""
    if not (math.isfinite(value) and pixel > 0 and math.isfinite(pixel)):
        return value
    return round(value, -math.floor(math.log10(pixel)))
