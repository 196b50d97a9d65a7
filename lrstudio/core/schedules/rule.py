from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core import declaration
from lrstudio.core.formula.rule import ScheduleRule, rule_text
from lrstudio.core.schedules.base import Schedule


@dataclass(frozen=True, kw_only=True)
class Rule(Schedule):
    """A schedule that you type: lines that end in lr = ..., of the run's rate lr0, the step t (from 0) and their T."""

    key = "rule"
    title = "Your own rule"

    text: str = declaration.text("lr = lr0/(1 + 0.1*t)", "lines of assignments, the last one lr = ...", lines=True)

    @property
    def rule(self) -> str:
        """The lines."""
        return rule_text(self.text)

    def check(self) -> None:
        ScheduleRule(self.rule, {})
