"""What a schedule declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from lrstudio.core.declaration import Declared

_LENGTH = re.compile(r"\bT\b")


@dataclass(frozen=True, kw_only=True)
class Schedule(Declared):
    """The rate as a function of the step: a text that assigns `lr` (see formula.rule.ScheduleRule).

    A rule reads the entry's `numbers`; what is a word, a text or a list shapes the rule itself.
    """

    follows_loss: ClassVar[bool] = False
    """Whether the rate depends on the losses, so that nobody knows it ahead (see schedules.plateau)."""

    @property
    def rule(self) -> str:
        """The text; equal texts are computed together."""
        raise NotImplementedError

    def numbers(self, steps: int, lr: float) -> dict[str, float]:
        """The numbers that the rule reads, by name. A length that is `auto` is the number of steps, a rate is lr."""
        return {
            name: float((steps if self._whole(name) else lr) if value is None else value)
            for name, value in self.values().items()
            if not isinstance(value, (str, tuple))
        }

    @property
    def needs_length(self) -> bool:
        """Whether another number of planned steps (T) gives other rates."""
        return self.numbers(1, 1.0) != self.numbers(2, 1.0) or _LENGTH.search(self.rule) is not None

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        """An entry with values that show what it does in so many steps; what a window offers first."""
        return cls()

    @classmethod
    def _whole(cls, name: str) -> bool:
        return any(parameter.name == name and parameter.kind == "int" for parameter in cls.parameters())
