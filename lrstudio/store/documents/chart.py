"""Line charts as SVG, with text as text and every line cut to its plot, so that any program draws them alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log
from lrstudio.core.formula.typeset import power_of_ten
from lrstudio.core.record import dataclass
from lrstudio.store.documents.palette import DASHES, RUN_COLORS

SIZE = (640, 400)
"""Width and height of a chart in pixels."""
MOST_LINES = 24
"""Further runs of a chart are not drawn; its title says how many."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 16, 30, 44
_ROW, _LETTER, _SAMPLE = 18, 7.6, 34
_TICKS = 7
_HUGE = 1e30
_FARTHEST = 1e7
"""Points farther away, in pixels, are drawn there."""
_FONT = "DejaVu Sans, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, Helvetica, Arial, sans-serif"
_INK, _MUTED, _FAINT = "#1C2024", "#5C646E", "#E2E5E9"


@dataclass(frozen=True, eq=False)
class Line:
    """Points x (n,), y (n,) in the units of the axes; where y is not finite the line has a gap.

    `label` joins the legend, `color` is an index in the palette. With a `marker` the first point is a circle and the
    last one a dot; a `thin` line is that of a further parameter. A line without label is faint, as those of a contour.
    """

    x: Array
    y: Array
    label: str = ""
    color: int | None = None
    marker: bool = False
    thin: bool = False


@dataclass(frozen=True)
class Axis:
    """The title of an axis and its interval; `log` for decades."""

    title: str
    low: float
    high: float
    log: bool = False

    def share(self, values: Array) -> Array:
        """Returns where values are on the axis, 0 at its low and 1 at its high end."""
        with np.errstate(all="ignore"):
            scaled = _decades(values) if self.log else np.asarray(values, float)
            low, high = _decades(np.array([self.low, self.high])) if self.log else (self.low, self.high)
            return (scaled - low) / (high - low)

    def ticks(self) -> list[tuple[float, str]]:
        """Returns positions from 0 to 1 and their numbers."""
        values = _decade_ticks(self.low, self.high) if self.log else _even_ticks(self.low, self.high)
        places = self.share(np.array(values, float)).tolist()
        number = _power if self.log else _number
        return [(place, number(value)) for place, value in zip(places, values, strict=True) if -1e-9 <= place <= 1.001]


def chart(title: str, x: Axis, y: Axis, lines: Sequence[Line], size: tuple[int, int] = SIZE) -> str:
    """Returns a chart as SVG; the points of its lines are thinned to what its width shows."""
    return "\n".join(_parts(title, x, y, lines, size)) + "\n"


def axis_of(title: str, values: Sequence[Array], *, log: bool = False) -> Axis:
    """Returns an axis that shows all finite values; logarithmic only where there are positive ones to show."""
    finite = np.concatenate([np.ravel(each)[np.isfinite(np.ravel(each))] for each in values] or [np.zeros(0)])
    finite = finite[np.abs(finite) < _HUGE]
    positive = finite[finite > 0]
    if log and len(positive) and positive.max() > positive.min():
        return Axis(title, float(positive.min()), float(positive.max()), log=True)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    margin = 0.05 * (high - low) or max(abs(high), 1.0) * 0.1
    return Axis(title, low - margin, high + margin)


def _parts(title: str, x: Axis, y: Axis, lines: Sequence[Line], size: tuple[int, int]) -> Iterator[str]:
    (width, height), shown = size, [line for line in lines if line.label][:MOST_LINES]
    rows = _legend_rows([line.label for line in shown], width - _LEFT - _RIGHT)
    top = _TOP + _ROW * len(rows)
    box = _LEFT, top, width - _LEFT - _RIGHT, height - top - _BOTTOM
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{_FONT}" font-size="12">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>'
    yield _text(_LEFT, 19, title, bold=True)
    yield from _legend(rows, shown)
    yield from _grid(x, y, box)
    for line in [line for line in lines if not line.label] + shown:
        yield from _line(line, x, y, box)
    yield _text(box[0] + box[2] / 2, height - 10, x.title, anchor="middle", fill=_MUTED)
    turned = f"translate(14 {box[1] + box[3] / 2:.1f}) rotate(-90)"
    yield f'<g transform="{turned}">{_text(0, 0, y.title, anchor="middle", fill=_MUTED)}</g>'
    yield "</svg>"


def _legend_rows(labels: Sequence[str], width: float) -> list[list[int]]:
    """Returns the labels of each row of the legend, by their indices."""
    rows: list[list[int]] = []
    left = 0.0
    for index, label in enumerate(labels):
        needed = _SAMPLE + _width(label) + 16
        if not rows or left + needed > width:
            rows.append([])
            left = 0.0
        rows[-1].append(index)
        left += needed
    return rows


def _legend(rows: Sequence[Sequence[int]], lines: Sequence[Line]) -> Iterator[str]:
    for row, indices in enumerate(rows):
        left, middle = float(_LEFT), _TOP + _ROW * row + 6
        for index in indices:
            yield f'<path d="M{left:.0f},{middle} h26" {_stroke(lines[index])}/>'
            yield _text(left + _SAMPLE, middle + 4, lines[index].label)
            left += _SAMPLE + _width(lines[index].label) + 16


def _grid(x: Axis, y: Axis, box: tuple[float, float, float, float]) -> Iterator[str]:
    left, top, width, height = box
    for place, number in x.ticks():
        at = left + place * width
        yield f'<path d="M{at:.1f},{top} v{height}" stroke="{_FAINT}" fill="none"/>'
        yield _text(at, top + height + 16, number, anchor="middle", fill=_MUTED)
    for place, number in y.ticks():
        at = top + (1 - place) * height
        yield f'<path d="M{left},{at:.1f} h{width}" stroke="{_FAINT}" fill="none"/>'
        yield _text(left - 6, at + 4, number, anchor="end", fill=_MUTED)
    yield f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="{_MUTED}"/>'


def _line(line: Line, x: Axis, y: Axis, box: tuple[float, float, float, float]) -> Iterator[str]:
    left, top, width, height = box
    points = np.stack([left + x.share(line.x) * width, top + (1 - y.share(line.y)) * height], axis=1)
    points = _distinct(points.clip(-_FARTHEST, _FARTHEST))
    limits = np.array([[left, top], [left + width, top + height]])
    path = " ".join(_strokes(_thinned(points, width), limits))
    if path:
        yield f'<path d="{path}" {_stroke(line)}/>'
    inside = points[(points >= limits[0] - 0.5).all(axis=1) & (points <= limits[1] + 0.5).all(axis=1)]
    if line.marker and len(inside):
        color = _color(line)
        for at, fill in ((inside[0], "#FFFFFF"), (inside[-1], color)):
            yield f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="4" fill="{fill}" stroke="{color}" stroke-width="1.5"/>'


def _distinct(points: Array) -> Array:
    """Returns the points (n, 2) without those within half a pixel of the one before."""
    if len(points) < 3:
        return points
    with np.errstate(invalid="ignore"):
        places = np.round(2 * points)
        moved = (places[1:-1] != places[:-2]).any(axis=1)
    kept: Array = points[np.concatenate([[True], moved, [True]])]
    return kept


def _thinned(points: Array, width: float) -> Array:
    """Returns the points (n, 2) with the lowest and the highest of each half pixel only, where there are more."""
    most = int(2 * width)
    if len(points) <= most:
        return points
    stretch = -(-len(points) // (most // 2))
    padded = np.concatenate([points, np.repeat(points[-1:], -len(points) % stretch, axis=0)])
    heights = padded[:, 1].reshape(-1, stretch)
    low = np.where(np.isfinite(heights), heights, np.inf).argmin(axis=1)
    high = np.where(np.isfinite(heights), heights, -np.inf).argmax(axis=1)
    begins = np.arange(0, len(padded), stretch)
    kept: Array = padded[np.unique(np.concatenate([begins + low, begins + high, [len(points) - 1]]))]
    return kept


def _strokes(points: Array, limits: Array) -> Iterator[str]:
    """Yields the commands of a path through points (n, 2), cut to limits (2, 2) by Liang and Barsky's method."""
    begin, end = points[:-1], points[1:]
    with np.errstate(all="ignore"):
        along = end - begin
        shares = (limits[:, None] - begin) / along  # (2, n, 2)
        parallel = along == 0
        outside = (parallel & ((begin < limits[0]) | (begin > limits[1]))).any(axis=1)
        enter = np.where(parallel, 0.0, shares.min(axis=0)).max(axis=1).clip(0)
        leave = np.where(parallel, 1.0, shares.max(axis=0)).min(axis=1).clip(None, 1)
        kept = np.isfinite(points[:-1]).all(axis=1) & np.isfinite(points[1:]).all(axis=1) & ~outside & (enter <= leave)
        first, last = ((begin + at[:, None] * along).clip(*limits) for at in (enter, leave))
    pen: tuple[str, str] | None = None
    for index in np.flatnonzero(kept):
        start, stop = (tuple(f"{value:.1f}" for value in at[index]) for at in (first, last))
        if start != pen:
            yield f"M{start[0]},{start[1]}"
        if stop != start or start != pen:
            yield f"L{stop[0]},{stop[1]}"
        pen = stop[0], stop[1]


def _stroke(line: Line) -> str:
    if line.color is None:
        return f'stroke="{_MUTED}" stroke-width="0.6" stroke-opacity="0.6" fill="none"'
    dash = ",".join(f"{length:g}" for length in DASHES[line.color % len(DASHES)])
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    width = 1.2 if line.thin else 2
    return f'stroke="{_color(line)}" stroke-width="{width}" stroke-linejoin="round" fill="none"{dashed}'


def _color(line: Line) -> str:
    return RUN_COLORS[(line.color or 0) % len(RUN_COLORS)]


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = _INK, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{weight}>{escape(text)}</text>'


def _width(text: str) -> float:
    """Returns about how wide a text is: Chinese letters take nearly twice the room."""
    return sum(12.5 if ord(letter) > 0x2E80 else _LETTER for letter in text)


def _decades(values: Array) -> Array:
    return np.asarray(log(np.where(np.asarray(values) > 0, values, np.nan)) / log(10.0))


def _even_ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / _TICKS
    unit = float(f"1e{math.floor(float(_decades(np.array([rough]))[0]) + 1e-9)}")
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * (1 - 1e-9))
    return [round(index * step, 12 - round(float(_decades(np.array([step]))[0]))) for index in
            range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]  # fmt: skip


def _decade_ticks(low: float, high: float) -> list[float]:
    first, last = (float(value) for value in _decades(np.array([low, high])))
    whole = range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)
    if len(whole) < 2:
        factors = (1, 2, 5) if last - first > 0.3 else (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
        decades = range(math.floor(first), math.ceil(last))
        values = [float(f"{factor}e{decade}") for decade in decades for factor in factors]
        return [value for value in values if low <= value <= high]
    every = -(-len(whole) // _TICKS)
    return [float(f"1e{decade}") for decade in whole if decade % every == 0]


def _number(value: float) -> str:
    return power_of_ten(f"{value:.6g}").replace("-", "−")


def _power(value: float) -> str:
    text = f"{value:e}"
    decade = int(text.partition("e")[2])
    return _number(value) if abs(decade) < 3 else power_of_ten(f"{float(text.partition('e')[0]):g}e{decade}")
