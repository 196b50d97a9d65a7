"""Backgrounds of the landscape plot: losses and contours of a part of the plane, computed in the worker's thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF

from lrstudio.core.array import Array
from lrstudio.core.landscape import Domain, Landscape, landscape
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Problem
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.canvases.landscape.contours import Contours, contours
from lrstudio.ui.canvases.landscape.relief import Relief

_RESOLUTION, _WIDER = 121, 171
_FINER = 2
"""Factor of the resolution of losses without data, which take little time: narrow valleys need it."""
_CURVE = 5
"""A curve has this many times the points of a side of a surface."""
_MARGIN = 0.2
_ZOOMED = 2.0
"""Zoom factor beyond which a background is too coarse."""
_FAR = 4.0
"""Widths of the domain within which the start of a run is brought into view."""
_SPARE = 0.04
"""Share of a view beyond a point that widens it."""
_PROBES = 400
View = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Background:
    """A landscape and, over two parameters, its contours and its relief."""

    landscape: Landscape
    contours: Contours | None = None
    relief: Relief | None = None

    @classmethod
    def of(cls, drawn: Landscape, floor: float = np.inf) -> Background:
        """Returns a landscape with contours and relief; `floor` is the least loss computed so far."""
        if len(drawn.axes) < 2:
            return cls(drawn)
        return cls(drawn, contours(drawn, floor), Relief.of(drawn.loss, floor))

    @property
    def domain(self) -> Domain:
        return tuple((float(axis[0]), float(axis[-1])) for axis in self.landscape.axes)

    def is_other_slice_of(self, other: Background | None) -> bool:
        """Whether both are slices of the same landscape over the same domain."""
        return bool(
            other is not None
            and self.landscape.cut
            and self.landscape.objective is other.landscape.objective
            and self.domain == other.domain
        )


def domain_background(problem: Problem, objective: Objective, through: Sequence[float]) -> Background | None:
    """Returns the background of a problem's domain, a slice if it has more than two parameters, or None."""
    if not problem.has_landscape:
        return None
    points = _points(objective, problem.domain, _RESOLUTION)
    return Background.of(landscape(objective, problem.domain, points, through))


def shown_area(whole: Background | None, domain: Domain, starts: Array) -> View | None:
    """Returns the ranges of a plot that shows a problem's domain and the points (R, 2) at which its runs begin.

    Over one parameter it shows the valley as high as the highest start: a run that jumps across comes no higher. None
    without a loss; a start that is many widths away stays outside.
    """
    starts = starts[np.isfinite(starts).all(axis=1)]
    if len(domain) > 1:
        across, up = (
            _with(each, values, _FAR * (each[1] - each[0])) for each, values in zip(domain, starts.T, strict=False)
        )
        return across, up
    drawn = None if whole is None else whole.landscape
    if drawn is None or drawn.objective is None or not np.isfinite(drawn.loss).any():
        return None
    (low, high), width = domain[0], domain[0][1] - domain[0][0]
    near = starts[(starts[:, 0] >= low - _FAR * width) & (starts[:, 0] <= high + _FAR * width)]
    least, most = float(np.nanmin(drawn.loss)), float(np.nanmax(drawn.loss))
    top = max(most, float(near[:, 1].max(initial=most)))
    across = _with(domain[0], near[:, 0], np.inf)
    if top > most:
        across = _with(across, _valley(drawn.objective, (low + high) / 2, width, top), np.inf)
        top += _SPARE * (top - least)
    return across, (least - 0.08 * (top - least), top)


def _valley(objective: Objective, middle: float, width: float, top: float) -> Array:
    """Returns the points around `middle`, at most _FAR widths away, that are connected to it by losses below `top`."""
    offsets = np.linspace(0, (_FAR + 0.5) * width, _PROBES)
    points = []
    for sign in (-1, 1):
        with np.errstate(all="ignore"):
            inside = np.asarray(objective.loss((middle + sign * offsets)[:, None])) <= top
        points.append(middle + sign * offsets[max(0, int(np.argmin(inside)) - 1) if not inside.all() else -1])
    return np.array(points)


def _with(interval: tuple[float, float], values: Array, far: float) -> tuple[float, float]:
    """Returns an interval widened to the values that are at most `far` away from it, with a margin."""
    low, high = interval
    near = values[(values >= low - far) & (values <= high + far)]
    least, most = float(near.min(initial=low)), float(near.max(initial=high))
    spare = _SPARE * (most - least)
    return least - spare * (least < low), most + spare * (most > high)


def view_background(whole: Background, view: Domain) -> Background:
    """Returns the background of a view, with a margin for panning."""
    first = whole.landscape
    assert first.objective is not None
    wider = tuple((low - _MARGIN * (high - low), high + _MARGIN * (high - low)) for low, high in view)
    loss = first.loss
    floor = float(np.nanmin(loss)) if np.isfinite(loss).any() else np.inf
    domain = (*wider, *first.domain[2:])
    drawn = landscape(first.objective, domain, _points(first.objective, domain, _WIDER), first.through)
    return Background.of(drawn, floor)


def _points(objective: Objective, domain: Domain, side: int) -> int:
    if len(domain) == 1:
        return side * _CURVE
    return side if objective.size else _FINER * (side - 1) + 1


def expected_paths(experiment: Experiment) -> list[QLineF]:
    """Returns the straight lines from the starts to the lowest minimum of two parameters."""
    problem = experiment.problem
    optimum = problem.optimum(problem.data(experiment.seed))
    if optimum is None or len(optimum) != 2:
        return []
    return [QLineF(QPointF(*start), QPointF(*optimum)) for start in set(experiment.starts())]


def suitable(whole: Background, drawn: Background, view: Domain) -> Background | None:
    """Returns the background that suits a view, None if neither does."""
    flat = whole.contours is None
    if _alike(view, whole.domain) or (flat and _covers(whole.domain, view)):
        return whole
    return drawn if _covers(drawn.domain, view) else None


def _covers(outer: Domain, inner: Domain) -> bool:
    """Whether the outer domain contains the inner one with enough resolution."""
    pairs = list(zip(outer, inner, strict=True))
    within = all(low <= left and right <= high for (low, high), (left, right) in pairs)
    return within and all(high - low <= _ZOOMED * (right - left) for (low, high), (left, right) in pairs)


def _alike(one: Domain, other: Domain) -> bool:
    """Whether two domains are equal up to 1 % of their size."""
    return all(
        abs(low - least) + abs(high - most) <= 0.01 * (most - least)
        for (low, high), (least, most) in zip(one, other, strict=True)
    )
