"""A prediction that is drawn: the loss against the step, on a logarithmic axis, and how it is judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log, power
from lrstudio.core.elementary.scales import ten_to
from lrstudio.core.language import sentences, tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome, reading

COLUMNS = 17
"""The number of points of a drawing, at equal distances from the first step to the last."""
DOWN, UP = 6, 3
"""The powers of ten below and above the first loss that can be drawn, and to which the loss of a run is limited."""
OFF = 1.0
"""The last loss may be so many powers of ten off."""
CHANGE = 0.1
"""A smaller change, in powers of ten, is none."""
_LN10 = float(log(10.0))
_OFTEN = 2
"""Turns from which a curve goes up and down."""


def loss_at(height: float) -> float:
    """Returns the loss of a height, its decimal logarithm."""
    return float(power(10.0, height))


def _shown(height: float) -> str:
    return reading("floor").measure.show(loss_at(height), 2)


@dataclass(frozen=True)
class Drawing:
    """The decimal logarithms of the loss at COLUMNS steps."""

    heights: tuple[float, ...]

    def __str__(self) -> str:
        return " ".join(f"{loss_at(height):.2g}" for height in self.heights)


@dataclass(frozen=True)
class Traits:
    """What is compared of two curves: the way from the first to the last height, the last height, and the turns."""

    change: float
    last: float
    turns: int

    @classmethod
    def of(cls, heights: Sequence[float] | Array) -> Traits:
        return cls(float(heights[-1] - heights[0]), float(heights[-1]), turns(heights))

    @property
    def direction(self) -> int:
        return 0 if abs(self.change) < CHANGE else 1 if self.change > 0 else -1

    @property
    def swings(self) -> bool:
        return self.turns >= _OFTEN


def turns(heights: Sequence[float] | Array) -> int:
    """Returns how often a curve turns up or down by at least CHANGE."""
    count, direction, extreme = 0, 0, float(heights[0])
    for height in map(float, heights):
        if direction == 0 and abs(height - extreme) >= CHANGE:
            direction, extreme = (1 if height > extreme else -1), height
        elif direction * (height - extreme) > 0:
            extreme = height
        elif direction and direction * (extreme - height) >= CHANGE:
            count, direction, extreme = count + 1, -direction, height
    return count


def heights_of(outcome: Outcome, run: int) -> Array | None:
    """Returns the decimal logarithms (n,) of a run's losses, within what can be drawn; None without positive losses."""
    losses = np.asarray(outcome.losses(run), float)
    if not len(losses) or not losses[0] > 0 or np.isnan(losses).any():
        return None
    losses = np.clip(losses, losses[0] * ten_to(-DOWN), losses[0] * ten_to(UP))
    heights = np.asarray(log(losses), float) / _LN10
    return heights if outcome.ended(run) is None else np.append(heights, heights[0] + UP)


def ends(outcome: Outcome, run: int) -> tuple[str, str] | None:
    """Returns the first and the last loss of a run as they are shown; None without positive losses."""
    heights = heights_of(outcome, run)
    return None if heights is None else (_shown(float(heights[0])), _shown(float(heights[-1])))


def compare(drawing: Drawing, outcome: Outcome, run: int) -> tuple[bool, str] | None:
    """Returns whether a drawing has the direction, the last power of ten and the ups and downs of a run, and why not.

    None if the losses of the run are unknown or not positive.
    """
    heights = heights_of(outcome, run)
    if heights is None:
        return None
    drawn, real = Traits.of(drawing.heights), Traits.of(heights)
    wrong = []
    if drawn.direction != real.direction:
        wrong.append(tr("The direction is another one."))
    off = abs(drawn.last - real.last)
    if off > OFF:
        wrong.append(tr("The end is {off:.1f} powers of ten off; {most:g} is allowed.", off=off, most=OFF))
    if drawn.swings != real.swings:
        text = tr("Turns up or down: {drawn} in your drawing, {real} in the run.", drawn=drawn.turns, real=real.turns)
        wrong.append(text)
    said = tr(
        "You drew a loss that ends at {drawn}; it began at {start} and ended at {end}.",
        drawn=_shown(drawn.last),
        start=_shown(float(heights[0])),
        end=_shown(real.last),
    )
    return not wrong, sentences(said, *wrong)
