"""Values that a plot shows at the mouse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF

from lrstudio.core.record import dataclass
from lrstudio.ui.look.theme import RunStyle

MAX_ROWS = 8
"""Greatest number of runs in the box."""


@dataclass(frozen=True)
class Row:
    """A run's values; `dot` is their point on its curve in the viewport, `distance` the pixels from the mouse to it."""

    name: str
    values: tuple[str, ...]
    style: RunStyle | None = None
    dot: QPointF | None = None
    distance: float = math.inf
    strong: bool = False


@dataclass(frozen=True)
class Reading:
    """Title, column heads and rows of the box; `line` is the x of a vertical line in pixels of the viewport."""

    title: str
    rows: Sequence[Row] = ()
    heads: tuple[str, ...] = ()
    line: float | None = None


def nearest(rows: Sequence[Row]) -> list[Row]:
    """Returns the MAX_ROWS rows that are nearest to the mouse, in their order; the nearest is strong."""
    by_distance = sorted(range(len(rows)), key=lambda index: rows[index].distance)[:MAX_ROWS]
    near = len(rows) > 1 and math.isfinite(rows[by_distance[0]].distance)
    return [replace(rows[index], strong=near and index == by_distance[0]) for index in sorted(by_distance)]


def exact_text(value: float) -> str:
    """Formats a value with seven digits, nonfinite ones as a dash."""
    return f"{value + 0.0:.7g}".replace("-", "−") if math.isfinite(value) else "–"


def coordinate_text(value: float, pixel: float) -> str:
    """Formats a coordinate with the precision of a pixel."""
    return exact_text(rounded(value, pixel))


def rounded(value: float, pixel: float) -> float:
    """Rounds a coordinate to the precision of a pixel."""
    if not (math.isfinite(value) and pixel > 0 and math.isfinite(pixel)):
        return value
    return round(value, -math.floor(math.log10(pixel)))
