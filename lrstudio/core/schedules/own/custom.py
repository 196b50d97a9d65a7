from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Self

from lrstudio.core.declaration import MOST_STEPS, choice, text
from lrstudio.core.language import mark, tr
from lrstudio.core.parameter import read_number
from lrstudio.core.schedules.base import Point, Schedule

MOST_POINTS = 30


class Custom(Schedule):
    """Through points of your own, step:rate; the rates are absolute, whatever the run's rate is.

        lr(t) = rate_i + (rate_j - rate_i)*(t - step_i)/(step_j - step_i)     between two points i and j

    Before the first point and after the last the rate stays as it is there.
    points: at most 30, for example 0:0.1+50:0.01. between: straight lines, or `hold` until the next point.
    Source: yourself; np.interp, or LambdaLR in PyTorch.

    >>> from lrstudio.core.schedules import Custom
    >>> Custom(points="0:0.1+2:0.5").rates(steps=4, lr=1).round(4).tolist()
    [0.1, 0.3, 0.5, 0.5]
    """

    key = "custom"
    title = "Custom"

    points: str = text(
        "0:0.1+50:0.1+100:0.01",
        "step:rate pairs in rising order, as 0:0.1+50:0.01; on the plot of the rate "
        "they are dragged, a double click adds one, a right click removes it",
        label="step:rate points",
    )
    between: str = choice(
        "linear",
        ("linear", mark("hold")),
        "straight lines between the points, or hold until the next",
        label="between points",
    )

    def check(self) -> None:
        read_points(self.points)

    @property
    def pairs(self) -> tuple[Point, ...]:
        return read_points(self.points) if self.unit == "step" else ()

    @property
    def rule(self) -> str:
        count = len(read_points(self.points))
        held = "rate_{0}" if self.between == "hold" else "rate_{0} + slope_{0}*(t - step_{0})"
        between = [f"lr = where(t < step_{index + 1}, {held.format(index)}, lr)" for index in range(count - 1, 0, -1)]
        before = [] if self.between == "hold" else ["lr = where(t < step_1, rate_1, lr)"]
        return "\n".join([f"lr = rate_{count}", *between, *before])

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        pairs = read_points(self.points)
        values = {f"step_{index}": float(step) for index, (step, _) in enumerate(pairs, 1)}
        values |= {f"rate_{index}": rate for index, (_, rate) in enumerate(pairs, 1)}
        slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(pairs)]
        return values | {f"slope_{index}": slope for index, slope in enumerate(slopes, 1)}

    def with_pairs(self, pairs: Sequence[Point]) -> Self:
        return replace(self, points=write_points(pairs))

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        middle = [(steps // 2, lr)] if steps > 1 else []
        return cls(points=write_points([(0, lr), *middle, (max(1, steps), float(f"{lr / 10:.6g}"))]))


def read_points(text: str) -> tuple[Point, ...]:
    """Returns the points of a text of step:rate pairs; raises ValueError."""
    points: list[Point] = []
    for part in text.split("+"):
        step, rate = _read_point(part)
        if points and step <= points[-1][0]:
            before = points[-1][0]
            raise ValueError(tr("points: step {step} comes after {before}: steps must rise", step=step, before=before))
        points.append((step, rate))
    if len(points) > MOST_POINTS:
        raise ValueError(tr("points: {count} of them; at most {most}", count=len(points), most=MOST_POINTS))
    return tuple(points)


def write_points(points: Sequence[Point]) -> str:
    """Returns the text of step:rate pairs, which reads back to the same numbers."""
    return "+".join(f"{step}:{rate!r}".replace("e+", "e") for step, rate in points)


def _read_point(text: str) -> Point:
    left, colon, right = text.partition(":")
    step, rate = read_number(left, whole=True), read_number(right, whole=False)
    if not colon or step is None or rate is None:
        message = tr("points: {text!r} must be step:rate, joined with +, as in 0:0.1+50:0.01", text=text.strip())
        raise ValueError(message)
    if not (0 <= step <= MOST_STEPS and 0 <= rate <= sys.float_info.max):
        raise ValueError(
            tr(
                "points: {text!r}: a step must be a whole number from 0 to {most}, "
                "a rate a finite number of at least 0",
                text=text.strip(),
                most=MOST_STEPS,
            )
        )
    return int(step), float(rate)
