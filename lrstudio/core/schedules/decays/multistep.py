from __future__ import annotations

from typing import Self

from lrstudio.core.declaration import MOST_STEPS, numbers, param
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Schedule

MOST_MILESTONES = 64
_PER_LINE = 8


class MultiStep(Schedule):
    """Falls by the factor gamma in a jump at each of the milestones (MultiStepLR).

        lr(t) = lr0 * gamma^(number of milestones up to t)

    milestones: the steps at which it jumps, usually at 1/2 and 3/4 of the training. gamma: how deep a jump is.
    Source: torch.optim.lr_scheduler.MultiStepLR; the residual networks of He et al. 2016.

    >>> from lrstudio.core.schedules import MultiStep
    >>> MultiStep(milestones=(2, 3), gamma=0.5).rates(steps=5, lr=0.8).tolist()
    [0.8, 0.8, 0.4, 0.2, 0.2]
    """

    key = "multistep"
    title = "Multi-step"

    milestones: tuple[int, ...] = numbers(
        (30, 80), "steps of the jumps", 1, MOST_STEPS, rising=True, label="steps of the drops"
    )
    gamma: float = param(0.1, "factor of a jump", 0, 2, label="drop factor γ")

    def check(self) -> None:
        if len(self.milestones) > MOST_MILESTONES:
            count = len(self.milestones)
            raise ValueError(tr("milestones: {count} numbers; at most {most}", count=count, most=MOST_MILESTONES))

    @property
    def rule(self) -> str:
        passed = [f"(t >= {name})" for name in self._names()]
        lines = [passed[first : first + _PER_LINE] for first in range(0, len(passed), _PER_LINE)]
        counts = [f"n = {'n + ' * (index > 0)}{' + '.join(line)}" for index, line in enumerate(lines)]
        return "\n".join([*counts, "lr = lr0 * gamma^n"])

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        milestones = map(float, self.milestones)
        return super().own_numbers(steps, lr, per_epoch) | dict(zip(self._names(), milestones, strict=True))

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        return cls(milestones=tuple(sorted({max(1, steps // 2), max(1, 3 * steps // 4)})))

    def _names(self) -> list[str]:
        return [f"milestone_{index}" for index in range(1, len(self.milestones) + 1)]
