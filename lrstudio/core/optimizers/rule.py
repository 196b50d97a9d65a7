from __future__ import annotations

from typing import Self

from lrstudio.core import declaration
from lrstudio.core.formula.rule import FLOAT64, UpdateRule, rule_text
from lrstudio.core.optimizers.base import Optimizer


class Rule(Optimizer):
    """A rule that you type: lines that end in w = ..., of w, the gradient g, the rate lr and the update's number t.

    Other names are assigned before they are read, or are state that starts at 0, as m in m = 0.9*m + g.
    text: the lines, for example `w = w - lr*sign(g)`. Besides + - * / ^ there are comparisons, where(condition, a, b)
    and functions such as sqrt, abs, sign, min, max; t is 1 at the first update. No stability limit is known.
    Source: yourself; the language is that of the rules of all optimizers here (see formula.rule.UpdateRule).

    >>> from lrstudio.core.optimizers import Rule
    >>> Rule(text="m = 0.5*m + g; w = w - lr*m").path(lambda w: 2 * w, w=1, lr=0.1, steps=2).round(4).tolist()
    [1.0, 0.8, 0.54]
    """

    key = "rule"
    title = "Your own rule"
    default_lr = 1e-2

    text: str = declaration.text("w = w - lr*sign(g)", "lines of assignments, the last one w = ...", lines=True)

    @property
    def rule(self) -> str:  # type: ignore[override]
        return rule_text(self.text)

    def check(self) -> None:
        UpdateRule(self.rule, {}, FLOAT64)

    @classmethod
    def variants(cls) -> tuple[Self, ...]:
        return ()
