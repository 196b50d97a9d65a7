"""The request for a map, its result, computed without widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import names, with_value
from lrstudio.engine.sweep.map import Picture, refined
from lrstudio.engine.sweep.summary import UNKNOWN
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import lasting_recurrence
from lrstudio.engine.sweep.zones import RATE_KEYS, RateKey, cell_codes
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.ui.instruments.map.colors import Colored, Column, colored
from lrstudio.ui.instruments.map.range import MapRange, usual_range
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Work

_PUBLISH = 0.08
"""Least time in seconds between two partial results."""
_LIMITS = 64
"""Number of points of the theory's line."""
_SIDE, _MOST_STEPS = 256, 300
_SECOND_NAMES = ("optimizer.momentum", "optimizer.beta1")


@dataclass(frozen=True)
class MapRequest:
    """An experiment of one run, two ranges and the number of cells along each of them."""

    experiment: Experiment
    x: MapRange
    y: MapRange
    side: int


@dataclass(frozen=True)
class MapResult:
    """A map, perhaps still coarse, with its colours; `limit` is the theory's line (n, 2) in plot coordinates.

    `columns` (side,) and `rows` (side,) are the indices into the values of the sweep for each cell of the request.
    """

    request: MapRequest
    sweep: Sweep
    columns: Array
    rows: Array
    picture: Picture
    colored: Colored
    limit: Array | None

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Returns column and row in the sweep at these plot coordinates."""
        x_range, y_range, side = self.request.x, self.request.y, self.request.side
        return int(self.columns[x_range.cell(x, side)]), int(self.rows[y_range.cell(y, side)])

    def values(self, column: int, row: int) -> tuple[float, float]:
        """Returns the two values of a cell of the sweep."""
        x, y = self.sweep.axes
        return x.values[column], y.values[row]

    def computed_cell(self, column: int, row: int) -> tuple[int, int] | None:
        """Returns the computed cell that is shown for this one; None where there is none yet."""
        verdicts, stride = self.picture.summary.verdict, self.picture.stride
        for cell in ((column, row), (column - column % stride, row - row % stride)):
            if verdicts[cell[1], cell[0]] != UNKNOWN:
                return cell
        return None

    def key(self, column: int, row: int) -> RateKey:
        """Returns the key of the verdict of a computed cell."""
        x, y = self.sweep.axes
        axis, line, index = (y, np.s_[:, column], row) if y.name == "lr" else (x, np.s_[row, :], column)
        cells = self.picture.summary.at(line)
        return RATE_KEYS[int(cell_codes([axis], cells.verdict, cells.best_loss, cells.late_loss)[index])]

    def recolored(self, column: Column, theme: Theme) -> MapResult:
        """Returns the same cells in other colours."""
        return replace(self, colored=colored(self.picture, column, theme, self.columns, self.rows, self.sweep.axes))


def compute_map(request: MapRequest, style: Callable[[], tuple[Column, Theme]], work: Work) -> MapResult | None:
    """Computes a map and publishes partial results; `style` returns the column and the theme to show them in.

    Returns None if it is cancelled; raises ValueError for names and values that the experiment does not have.
    """
    (x, columns), (y, rows) = request.x.cells(request.side), request.y.cells(request.side)
    sweep = Sweep(request.experiment, [x, y])
    limit = limit_line(request)
    published, result = -_PUBLISH, None
    for picture in refined(sweep, work.stop):
        work.progress(picture.share)
        if picture.share < 1 and perf_counter() - published < _PUBLISH:
            continue
        shown = colored(picture, *style(), columns, rows, sweep.axes, work.stop)
        result = MapResult(request, sweep, columns, rows, picture, shown, limit)
        work.publish(result)
        published = perf_counter()
    return result


def limit_line(request: MapRequest) -> Array | None:
    """Returns the largest rate that is stable in theory near the minimum, as points (n, 2) in plot coordinates.

    None where neither side is the rate, the minimum is not known or there is no theory of the optimizer.
    """
    if "lr" not in (request.x.name, request.y.name):
        return None
    rate, other = (request.x, request.y) if request.x.name == "lr" else (request.y, request.x)
    values = other.cells(_LIMITS)[0].values
    limits = _limits(request.experiment, other.name, values)
    if limits is None:
        return None
    points = np.array([
        [rate.coordinate(limit), other.coordinate(value)] for limit, value in zip(limits, values, strict=True)
    ])  # fmt: skip
    return points if rate is request.x else points[:, ::-1]


def _limits(experiment: Experiment, name: str, values: tuple[float, ...]) -> list[float] | None:
    """Returns the limit of the rate for each value of a name."""
    eigenvalues: Array | None = None
    limits: list[float] = []
    for value in values:
        varied = with_value(experiment, 0, name, value)
        recurrence = lasting_recurrence(varied)
        if recurrence is None:
            return None
        if eigenvalues is None or name.startswith(("problem.", "seed")):
            eigenvalues = _eigenvalues_at_minimum(varied)
        if eigenvalues is None:
            return None
        limits.append(recurrence.stability_limit(eigenvalues))
    return limits if np.isfinite(limits).all() else None


def _eigenvalues_at_minimum(experiment: Experiment) -> Array | None:
    if not experiment.problem.has_landscape or experiment.problem.size > MOST_EXACT:
        return None
    objective = compiled(experiment)
    minima = experiment.problem.minima(objective.data)
    if not minima:
        return None
    divisor = experiment.problem.divisor_of(experiment.runs[0].lr_factors)
    eigenvalues = curvatures(objective, np.array(minima[:1], float), divisor)[0]
    return eigenvalues if np.isfinite(eigenvalues).all() and eigenvalues[-1] > 0 else None


def session_request(session: Experiment, run: int) -> MapRequest:
    """Returns the map of a session's run: its rate against its momentum, β₁ or start."""
    alone = session.alone(min(run, len(session.runs) - 1)).bare()
    experiment = replace(alone.replanned(), steps=min(session.steps, _MOST_STEPS))
    others = names(experiment)[1:]
    second = next((name for name in others if name in _SECOND_NAMES or name.startswith("start.")), others[0])
    return MapRequest(experiment, usual_range(experiment, "lr"), usual_range(experiment, second), _SIDE)
