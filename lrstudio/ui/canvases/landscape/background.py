"""Backgrounds of the landscape plot: losses and contours of a part of the plane, computed in the worker's thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF

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
_MARGIN = 0.2
_ZOOMED = 2.0
"""Zoom factor beyond which a background is too coarse."""


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
    return Background.of(landscape(objective, problem.domain, _resolution(objective, _RESOLUTION), through))


def view_background(whole: Background, view: Domain) -> Background:
    """Returns the background of a view, with a margin for panning."""
    first = whole.landscape
    assert first.objective is not None
    wider = tuple((low - _MARGIN * (high - low), high + _MARGIN * (high - low)) for low, high in view)
    loss = first.loss
    floor = float(np.nanmin(loss)) if np.isfinite(loss).any() else np.inf
    domain = (*wider, *first.domain[2:])
    drawn = landscape(first.objective, domain, _resolution(first.objective, _WIDER), first.through)
    return Background.of(drawn, floor)


def _resolution(objective: Objective, points: int) -> int:
    return points if objective.size else _FINER * (points - 1) + 1


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
