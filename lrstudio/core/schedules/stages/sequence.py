from __future__ import annotations

from typing import Self

from lrstudio.core.declaration import MOST_STEPS, numbers, text
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.stages.composed import Composed, one_run

_MOST = 8


class Sequence(Composed):
    """One schedule after the other, with a change at every milestone (SequentialLR).

        lr(t) = schedule_i(t - milestone_i)     from milestone_i to the next one

    Every schedule counts from its milestone, and a length that is not given is what it has until the next one. The
    last may follow the loss, as plateau. schedules: their names with +. milestones: the steps of the changes.
    A one cycle cannot be among them: PyTorch's would lower the rates of all others to max_lr/div_factor, too.
    Source: torch.optim.lr_scheduler.SequentialLR.

    >>> from lrstudio.core.schedules import Sequence
    >>> schedule = Sequence(schedules="constant_lr(factor=0.5)+exponential(gamma=0.5)+constant", milestones=(2, 5))
    >>> schedule.rates(steps=7, lr=0.8).tolist()
    [0.4, 0.4, 0.8, 0.4, 0.2, 0.8, 0.8]
    """

    key = "sequence"
    title = "Sequence"

    schedules: str = text(
        "constant+cosine", "schedules with +, as constant+linear(end_factor=0.1)+constant", label="schedules"
    )
    milestones: tuple[int, ...] = numbers(
        (30,), "steps at which the next schedule begins", 1, MOST_STEPS, rising=True, label="steps of the changes"
    )

    def check(self) -> None:
        parts = self.parts
        if not 2 <= len(parts) <= _MOST:
            raise ValueError(tr("schedules: {count} of them; 2 to {most} with + between", count=len(parts), most=_MOST))
        if len(self.milestones) != len(parts) - 1:
            has = {"count": len(parts), "expected": len(parts) - 1, "found": len(self.milestones)}
            raise ValueError(
                tr("milestones: {found} for {count} schedules; {expected}, one for each that follows", **has)
            )
        for part in parts[:-1]:
            if part.follows_loss:
                raise ValueError(tr("schedules: {key} follows the loss and can only be the last", key=part.key))
        if any(part.begins_with != "lr0" for part in parts):
            raise ValueError(
                tr(
                    "schedules: one_cycle cannot be in a sequence: PyTorch's sets the rate of all others to "
                    "max_lr/div_factor, too; take warmup(after=one_cycle)"
                )
            )
        one_run(self)

    @property
    def parts(self) -> tuple[Schedule, ...]:
        return self.read("schedules", self.schedules, "+")

    @property
    def rule(self) -> str:
        return self._text("t + 1" if self.follows_loss else "t")

    @property
    def planned(self) -> str:
        return self._text("t", planned=True)

    def _text(self, now: str, *, planned: bool = False) -> str:
        parts, lines, last = self.parts, [], ""
        for index, part in enumerate(parts):
            prefix, after = f"p{index + 1}_", f"milestone_{index}" if index else "0"
            begin, end = self.begin(part, after), f"milestone_{index + 1}" if index + 1 < len(parts) else "T"
            follows = part.follows_loss and not planned
            lines.append(f"{prefix}t = max({'t' if follows else now} - {begin}, 0)")
            lines.append(f"{prefix}T = max({end} - {begin}, 1)")
            given = {"t": f"{prefix}t", "T": f"{prefix}T", "lr0": "lr0"}
            lines.append(self.followed(part, prefix, begin) if follows else self.planned_text(part, prefix, given))
            last = f"where({now} <= {begin}, lr0, {prefix}lr)" if follows else f"{prefix}lr"
        chosen = last
        for index in range(len(parts) - 1, 0, -1):
            chosen = f"where({now} < milestone_{index}, p{index}_lr, {chosen})"
        return "\n".join([*lines, f"lr = {chosen}"])

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        ends = [0, *self.milestones, steps]
        values = {f"milestone_{index}": float(step) for index, step in enumerate(self.milestones, 1)}
        for index, part in enumerate(self.parts):
            span = max(1, ends[index + 1] - ends[index])
            values |= self.numbers_of(part, f"p{index + 1}_", span, lr, per_epoch)
        return values

    @property
    def needs_length(self) -> bool:
        return self.parts[-1].needs_length

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        return cls(milestones=(max(1, steps // 2),))
