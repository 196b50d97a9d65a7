"""Base class of the schedules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import ClassVar, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import MOST_STEPS, Declared, choice
from lrstudio.core.formula.rule import LossRule, ScheduleRule
from lrstudio.core.language import mark
from lrstudio.core.parameter import Parameter
from lrstudio.core.schedules.composition import PER_EPOCH, followed_in_epochs, in_epochs

Point = tuple[int, float]
"""A step and its rate."""
_LENGTH = re.compile(r"\bT\b")


class Schedule(Declared):
    """The rate as a function of the step: a rule that assigns `lr` (see formula.rule.ScheduleRule).

    A rule reads the entry's `numbers`; choices, texts and lists change the text of the rule. Where the `unit` is epoch,
    its t, its T and all its lengths are epochs, as in a loop that calls `scheduler.step()` once an epoch.
    """

    follows_loss: ClassVar[bool] = False
    """Whether the rate depends on the losses and cannot be computed in advance (see schedules.following)."""
    is_constant: ClassVar[bool] = False
    """Whether each step has the run's own rate, as the theory of the optimizers assumes."""
    begins_with: ClassVar[str] = "lr0"
    """The rate of the first step, as a formula, where a warm-up leads to it."""

    unit: str = choice(
        "step",
        (mark("step"), mark("epoch")),
        "whether t and all lengths are steps, or epochs as where the scheduler is called once an epoch",
        label="counted in",
    )

    @property
    def rule(self) -> str:
        """The text of the rule in the schedule's own unit."""
        raise NotImplementedError

    @property
    def planned(self) -> str:
        """The rule of a schedule that follows the loss as long as no loss changes the rate."""
        return "lr = lr0"

    @property
    def monitors_validation(self) -> bool:
        """Whether the loss that it follows is that on validation data, at the end of every epoch."""
        return False

    @property
    def cycles_momentum(self) -> bool:
        """Whether the rule gives the momentum of the optimizer, too."""
        return False

    @property
    def rule_by_step(self) -> str:
        """The text of the rule of every step; runs with equal texts are computed together."""
        return self.rule_in(self.unit)

    @property
    def planned_by_step(self) -> str:
        """The text of `planned` for every step."""
        return self.planned_in(self.unit)

    def numbers(self, steps: int, lr: float, per_epoch: int = 1) -> dict[str, float]:
        """Returns the numbers that the rule reads, by name; `auto` means `steps` for a length, `lr` for a rate."""
        return self.numbers_in(self.unit, steps, lr, per_epoch)

    def rule_in(self, unit: str) -> str:
        """Returns the rule as one of the steps if it counts in a unit."""
        if unit == "step":
            return self.rule
        names = list(self.own_numbers(1, 1.0, 1))
        if not self.follows_loss:
            return in_epochs(self.rule, names)
        return followed_in_epochs(self.rule, names, averaged=not self.monitors_validation)

    def planned_in(self, unit: str) -> str:
        """Returns what is planned as a rule of the steps if it counts in a unit."""
        return self.planned if unit == "step" else in_epochs(self.planned, list(self.own_numbers(1, 1.0, 1)))

    def numbers_in(self, unit: str, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        """Returns the numbers by name if the schedule counts in a unit; an epoch has `per_epoch` steps."""
        if unit == "step":
            return self.own_numbers(steps, lr, per_epoch)
        return self.own_numbers(-(-steps // per_epoch), lr, 1) | {PER_EPOCH: float(per_epoch)}

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        """Returns the numbers that `rule` reads; `steps` has the schedule's unit, `per_epoch` is such an epoch."""
        return {
            name: float((steps if self._whole(name) else lr) if value is None else value)
            for name, value in self.values().items()
            if not isinstance(value, (str, tuple))
        }

    @property
    def needs_length(self) -> bool:
        """Whether the rates depend on the number of planned steps (T)."""
        return self.numbers(1, 1.0) != self.numbers(MOST_STEPS, 1.0) or _LENGTH.search(self.rule) is not None

    @property
    def pairs(self) -> tuple[Point, ...]:
        """The points that can be dragged on the plot of the rate, by rising step; empty for most schedules."""
        return ()

    def with_pairs(self, pairs: Sequence[Point]) -> Self:
        """Returns the schedule through other points; raises ValueError."""
        raise NotImplementedError

    def rates(self, steps: int, lr: float, losses: Sequence[float] = (), per_epoch: int = 1) -> Array:
        """Returns the rates (steps,) of a run with the rate `lr`; those that follow the loss up to len(losses) + 1.

        An epoch has `per_epoch` steps.
        """
        hyper = {name: np.array([value]) for name, value in self.numbers(steps, lr, per_epoch).items()}
        lr0 = np.array([float(lr)])
        if not self.follows_loss:
            return ScheduleRule(self.rule_by_step, hyper).rates(np.arange(steps), steps, lr0)[:, 0]
        rule = LossRule(self.rule_by_step, hyper, lr0, self.planned_by_step)
        rates = [rule.state[0][0]]
        for step, loss in enumerate(losses[: steps - 1]):
            rule.follow(step, steps, lr0, np.array([float(loss)]))
            rates.append(rule.state[0][0])
        return np.array(rates)

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Returns the declared parameters, those of all schedules last."""
        shared = {entry.name for entry in fields(Schedule)}
        return tuple(sorted(super().parameters(), key=lambda parameter: parameter.name in shared))

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        """Returns the window's default entry, with values whose effect shows within `steps`."""
        return cls()

    @classmethod
    def _whole(cls, name: str) -> bool:
        return any(parameter.name == name and parameter.kind == "int" for parameter in cls.parameters())
