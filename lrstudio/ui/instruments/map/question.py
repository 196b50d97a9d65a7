"""What a map shows, and how it is computed: in a thread of the bench, without widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import with_value
from lrstudio.engine.sweep.map import Picture, refined
from lrstudio.engine.sweep.sweep import UNKNOWN, Sweep
from lrstudio.engine.sweep.theory import lasting_recurrence
from lrstudio.engine.sweep.zones import RATE_KEYS, RateKey, cell_codes
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.ui.instruments.map.colors import Colored, Column, colored
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Work

Wanted = Callable[[], tuple[Column, Theme]]

_TELL = 0.08
"""Seconds between two pictures."""
_LIMITS = 64


@dataclass(frozen=True)
class MapQuestion:
    """An experiment of one run, two ranges and how many cells a side."""

    experiment: Experiment
    x: MapRange
    y: MapRange
    side: int

    def with_ranges(self, x: MapRange, y: MapRange) -> MapQuestion:
        """The same for another part."""
        return replace(self, x=x, y=y)


@dataclass(frozen=True)
class MapAnswer:
    """A picture of a map, perhaps not yet sharp, with its colours; `limit` is the theory's line (n, 2) on the scales.

    `columns` and `rows` say which values of the sweep the cells of the question have.
    """

    question: MapQuestion
    sweep: Sweep
    columns: Array
    rows: Array
    picture: Picture
    colored: Colored
    limit: Array | None

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Column and row in the sweep of a place of the view."""
        question = self.question
        column = self.columns[question.x.cell(x, question.side)]
        return int(column), int(self.rows[question.y.cell(y, question.side)])

    def known(self, column: int, row: int) -> tuple[int, int] | None:
        """The cell whose values are shown for this one; None where nothing is known there yet."""
        verdicts, stride = self.picture.summary.verdict, self.picture.stride
        for cell in ((column, row), (column - column % stride, row - row % stride)):
            if verdicts[cell[1], cell[0]] != UNKNOWN:
                return cell
        return None

    def key(self, column: int, row: int) -> RateKey:
        """What a cell that is known does."""
        x, y = self.sweep.axes
        axis, line, place = (y, np.s_[:, column], row) if y.name == "lr" else (x, np.s_[row, :], column)
        cells = self.picture.summary.at(line)
        return RATE_KEYS[int(cell_codes([axis], cells.verdict, cells.best_loss, cells.height)[place])]

    def recolored(self, column: Column, theme: Theme) -> MapAnswer:
        """The same cells in other colours."""
        return replace(self, colored=colored(self.picture, column, theme, self.columns, self.rows, self.sweep.axes))


def answered(question: MapQuestion, wanted: Wanted, work: Work) -> MapAnswer | None:
    """Compute a map, and publish it again and again; `wanted` returns the column and the theme to show it in.

    ValueError where the names or the values cannot be.
    """
    (x, columns), (y, rows) = question.x.cells(question.side), question.y.cells(question.side)
    sweep = Sweep(question.experiment, [x, y])
    limit = limit_line(question)
    told, answer = -_TELL, None
    for picture in refined(sweep, work.stop):
        work.progress(picture.share)
        if picture.share < 1 and perf_counter() - told < _TELL:
            continue
        shown = colored(picture, *wanted(), columns, rows, sweep.axes, work.stop)
        answer = MapAnswer(question, sweep, columns, rows, picture, shown, limit)
        work.publish(answer)
        told = perf_counter()
    return answer


def limit_line(question: MapQuestion) -> Array | None:
    """Above which rate the theory says that the steps grow near the minimum: places (n, 2) of both scales.

    None where neither side is the rate, the minimum is not known or there is no theory of the optimizer.
    """
    sides = (question.x, question.y)
    if "lr" not in (sides[0].name, sides[1].name):
        return None
    other = sides[0] if sides[1].name == "lr" else sides[1]
    axis, _ = other.cells(_LIMITS)
    limits = _limits(question.experiment, other.name, axis.values)
    if limits is None:
        return None
    rate = sides[0] if sides[0].name == "lr" else sides[1]
    places = np.array(
        [[rate.place(limit), other.place(value)] for limit, value in zip(limits, axis.values, strict=True)]
    )
    return places if rate is sides[0] else places[:, ::-1]


def _limits(experiment: Experiment, name: str, values: tuple[float, ...]) -> list[float] | None:
    """The limit of the rate for each value of a name."""
    bent: Array | None = None
    limits: list[float] = []
    for value in values:
        varied = with_value(experiment, 0, name, value)
        law = lasting_recurrence(varied)
        if law is None:
            return None
        if bent is None or name.startswith(("problem.", "seed")):
            bent = _curvatures_at_minimum(varied)
        if bent is None:
            return None
        limit = law.stability_limit(bent)
        if not np.isfinite(limit):
            return None
        limits.append(limit)
    return limits


def _curvatures_at_minimum(experiment: Experiment) -> Array | None:
    if not experiment.problem.has_landscape or experiment.problem.size > MOST_EXACT:
        return None
    objective = compiled(experiment)
    minima = experiment.problem.minima(objective.data)
    if not minima:
        return None
    bent = curvatures(objective, np.array(minima[:1], float))[0]
    return bent if np.isfinite(bent).all() and bent[-1] > 0 else None
