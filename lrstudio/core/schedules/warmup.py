from __future__ import annotations

import re
from typing import ClassVar

from lrstudio.core.declaration import MOST_STEPS, find, param, text
from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import ARITY
from lrstudio.core.language import tr
from lrstudio.core.pairs import pairs
from lrstudio.core.schedules.base import Schedule

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*", re.ASCII)
_RENAMED = {"lr0": "lr0", "t": "since", "T": "left"}
_PREFIX = "after_"


class Warmup(Schedule):
    """Rises in a straight line to the run's rate in total_iters steps, then hands over to another schedule.

        lr(t) = lr0*(start_factor + (1 - start_factor)*t/total_iters)     then after(t - total_iters)

    The other one counts its steps from there, and what is left is all it has; as SequentialLR of LinearLR and another.
    A warm-up keeps the first steps small, where curvatures are large and Adam's means have seen few gradients.
    total_iters: steps of the rise. start_factor: the share of the rate at the first step. after: the other schedule.
    Source: torch.optim.lr_scheduler.LinearLR within SequentialLR; Goyal et al. 2017.

    >>> from lrstudio.core.schedules import Warmup
    >>> schedule = Warmup(total_iters=2, start_factor=0.5, after="step(step_size=2,gamma=0.5)")
    >>> schedule.rates(steps=5, lr=0.8).round(4).tolist()
    [0.4, 0.6, 0.8, 0.8, 0.4]
    """

    key = "warmup"
    title = "Warm-up"
    catalogue: ClassVar[tuple[type[Schedule], ...]] = ()
    """All schedules; set by the package, whose catalogue contains this one."""

    total_iters: int = param(5, "steps of the rise", 1, MOST_STEPS, label="warm-up steps")
    start_factor: float = param(1 / 3, "share of the rate at the first step", 0, 1)
    after: str = text("constant", "what follows, as cosine or step(step_size=10,gamma=0.5)", label="schedule after")

    def check(self) -> None:
        if isinstance(self.inner, Warmup):
            raise ValueError(tr("after: a warm-up cannot follow a warm-up"))
        if self.inner.follows_loss:
            key = self.inner.key
            raise ValueError(tr("after: {key} cannot follow a warm-up, because it follows the loss", key=key))

    @property
    def inner(self) -> Schedule:
        """The schedule that follows, as typed: `cosine` or `cosine(T_max=50)`."""
        key, opening, rest = self.after.strip().partition("(")
        try:
            kind = find(self.catalogue, key.strip(), "schedule")
            if opening and not rest.endswith(")"):
                raise ValueError(tr("{text!r}: the ( is not closed at the end", text=self.after.strip()))
            return kind.from_texts(pairs(rest.removesuffix(")")))
        except ValueError as error:
            raise ValueError(tr("after: {error}", error=error)) from None

    @property
    def needs_length(self) -> bool:
        return self.inner.needs_length

    @property
    def rule(self) -> str:
        return f"""
            since = max(t - total_iters, 0)
            left = max(T - total_iters, 1)
            {_NAME.sub(_renamed, self.inner.rule.strip())}
            share = start_factor + (1 - start_factor)*t/total_iters
            lr = where(t < total_iters, lr0*share, {_PREFIX}lr)
        """

    def numbers(self, steps: int, lr: float) -> dict[str, float]:
        after = self.inner.numbers(max(1, steps - self.total_iters), lr)
        return super().numbers(steps, lr) | {_PREFIX + name: value for name, value in after.items()}


def _renamed(match: re.Match[str]) -> str:
    """Returns a name of the inner rule with a prefix, so that no name means two things."""
    name = match[0]
    return name if name in ARITY or name in CONSTANTS else _RENAMED.get(name, _PREFIX + name)
