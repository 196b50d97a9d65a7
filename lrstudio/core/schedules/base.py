"""Base class of the schedules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared
from lrstudio.core.formula.rule import LossRule, ScheduleRule

Point = tuple[int, float]
"""A step and its rate."""
_LENGTH = re.compile(r"\bT\b")


class Schedule(Declared):
    """The rate as a function of the step: a rule that assigns `lr` (see formula.rule.ScheduleRule).

    A rule reads the entry's `numbers`; choices, texts and lists change the text of the rule.
    """

    follows_loss: ClassVar[bool] = False
    """Whether the rate depends on the losses and cannot be computed in advance (see schedules.plateau)."""
    is_constant: ClassVar[bool] = False
    """Whether each step has the run's own rate, as the theory of the optimizers assumes."""

    @property
    def rule(self) -> str:
        """The text of the rule; runs with equal texts are computed together."""
        raise NotImplementedError

    def numbers(self, steps: int, lr: float) -> dict[str, float]:
        """Returns the numbers that the rule reads, by name; `auto` means `steps` for a length, `lr` for a rate."""
        return {
            name: float((steps if self._whole(name) else lr) if value is None else value)
            for name, value in self.values().items()
            if not isinstance(value, (str, tuple))
        }

    @property
    def needs_length(self) -> bool:
        """Whether the rates depend on the number of planned steps (T)."""
        return self.numbers(1, 1.0) != self.numbers(2, 1.0) or _LENGTH.search(self.rule) is not None

    @property
    def pairs(self) -> tuple[Point, ...]:
        """The points that can be dragged on the plot of the rate, by rising step; empty for most schedules."""
        return ()

    def with_pairs(self, pairs: Sequence[Point]) -> Self:
        """Returns the schedule through other points; raises ValueError."""
        raise NotImplementedError

    def rates(self, steps: int, lr: float, losses: Sequence[float] = ()) -> Array:
        """Returns the rates (steps,) of a run with the rate `lr`; those that follow the loss up to len(losses) + 1."""
        hyper = {name: np.array([value]) for name, value in self.numbers(steps, lr).items()}
        lr0 = np.array([float(lr)])
        if not self.follows_loss:
            return ScheduleRule(self.rule, hyper).rates(np.arange(steps), steps, lr0)[:, 0]
        rule, rates = LossRule(self.rule, hyper, lr0), [lr0[0]]
        for step, loss in enumerate(losses[: steps - 1]):
            rule.follow(step, steps, lr0, np.array([float(loss)]))
            rates.append(rule.state[0][0])
        return np.array(rates)

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        """Returns the window's default entry, with values whose effect shows within `steps`."""
        return cls()

    @classmethod
    def _whole(cls, name: str) -> bool:
        return any(parameter.name == name and parameter.kind == "int" for parameter in cls.parameters())
