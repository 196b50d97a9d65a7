from __future__ import annotations

import numpy as np

from lrstudio.core import declaration
from lrstudio.core.formula.rule import ScheduleRule, rule_text
from lrstudio.core.schedules.base import Schedule


class Rule(Schedule):
    """A schedule that you type: lines that end in lr = ..., of the run's rate lr0, the step t (from 0) and their T.

    text: the lines, for example `lr = lr0/(1 + 0.1*t)`. Besides + - * / ^ there are comparisons, where(condition, a, b)
    and functions such as cos, exp, sqrt, floor, min, max; T is the number of steps.
    Source: yourself; the language is that of the rules of all schedules here (see formula.rule.ScheduleRule).

    >>> from lrstudio.core.schedules import Rule
    >>> Rule(text="lr = lr0/(1 + t)").rates(steps=4, lr=0.6).round(4).tolist()
    [0.6, 0.3, 0.2, 0.15]
    """

    key = "rule"
    title = "Your own rule"

    text: str = declaration.text("lr = lr0/(1 + 0.1*t)", "lines of assignments, the last one lr = ...", lines=True)

    @property
    def rule(self) -> str:
        return rule_text(self.text)

    def check(self) -> None:
        ScheduleRule(self.rule, {})
        ScheduleRule(self.rule_by_step, {name: np.array([value]) for name, value in self.numbers(1, 1.0).items()})
