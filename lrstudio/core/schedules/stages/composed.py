"""Base class of the schedules that are made of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from lrstudio.core.declaration import find
from lrstudio.core.formula.rule import LossRule, ScheduleRule
from lrstudio.core.language import tr
from lrstudio.core.pairs import pairs, split
from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.composition import PER_EPOCH, prefixed, states


class Composed(Schedule):
    """A schedule of other ones, typed as `cosine` or `step(step_size=10,gamma=0.5)`.

    Each part counts from its own begin; that of a part which counts epochs is the begin of an epoch. Where the whole
    counts epochs, so do all parts.
    """

    catalogue: ClassVar[tuple[type[Schedule], ...]] = ()
    """All schedules; set by the package, whose catalogue contains this one."""

    @property
    def parts(self) -> tuple[Schedule, ...]:
        """The other schedules, in their order; raises ValueError."""
        raise NotImplementedError

    @property
    def monitors_validation(self) -> bool:
        return any(part.monitors_validation for part in self.parts)

    @property
    def needs_length(self) -> bool:
        return any(part.needs_length for part in self.parts)

    @property
    def follows_loss(self) -> bool:  # type: ignore[override] # a class variable of the others
        return any(part.follows_loss for part in self.parts)

    def read(self, name: str, text: str, separator: str) -> tuple[Schedule, ...]:
        """Returns the schedules that a parameter names, with a separator between them; raises ValueError."""
        try:
            texts = split(text, separator) if separator else [text]
            found = tuple(self._one(part.strip()) for part in texts)
        except ValueError as error:
            raise ValueError(tr("{name}: {error}", name=name, error=error)) from None
        for part in found:
            if part.cycles_momentum:
                key = part.key
                raise ValueError(tr("{name}: {key} cycles the momentum only where it stands alone", name=name, key=key))
        return found

    def begin(self, part: Schedule, after: str) -> str:
        """Returns the step at which a part begins `after` others, as a formula."""
        epochs = self._unit_of(part) == "epoch" and after != "0"
        return f"per_epoch*floor(({after} + per_epoch - 1)/per_epoch)" if epochs else after

    def text(self, part: Schedule, prefix: str, given: dict[str, str]) -> str:
        """Returns the rule of a part that does not follow the loss; its names have the prefix."""
        return prefixed(part.rule_in(self._unit_of(part)), prefix, given)

    def planned_text(self, part: Schedule, prefix: str, given: dict[str, str]) -> str:
        """Returns what is planned of a part as text."""
        planned = part.planned_in(self._unit_of(part)) if part.follows_loss else part.rule_in(self._unit_of(part))
        return prefixed(planned, prefix, given)

    def followed(self, part: Schedule, prefix: str, begin: str) -> str:
        """Returns the rule of a part that follows the loss; it starts at lr0 and afresh until the step `begin`."""
        rule = part.rule_in(self._unit_of(part))
        given = {"t": f"{prefix}t", "T": f"{prefix}T", "lr0": "lr0", "loss": "loss"}
        others = [f"{prefix}{name}" for name in states(rule) if name != "lr" and name not in self._names(part)]
        return "\n".join(
            [
                f"{prefix}lr = where(t <= {begin}, lr0, lr)",
                *(f"{name} = where(t <= {begin}, 0, {name})" for name in others),
                prefixed(rule, prefix, given),
            ]
        )

    def numbers_of(self, part: Schedule, prefix: str, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        """Returns the numbers of a part by name; the names have the prefix."""
        values = part.numbers_in(self._unit_of(part), steps, lr, per_epoch)
        return {name if name == PER_EPOCH else prefix + name: value for name, value in values.items()}

    def _names(self, part: Schedule) -> Sequence[str]:
        return list(part.numbers_in(self._unit_of(part), 1, 1.0, 1))

    def _unit_of(self, part: Schedule) -> str:
        """The unit of a part where the whole counts its own unit as steps."""
        return "step" if self.unit == "epoch" else part.unit

    def _one(self, text: str) -> Schedule:
        """Returns the schedule of a text: `cosine` or `cosine(T_max=50)`."""
        key, opening, rest = text.partition("(")
        kind = find(self.catalogue, key.strip(), "schedule")
        if opening and not rest.endswith(")"):
            raise ValueError(tr("{text!r}: the ( is not closed at the end", text=text))
        return kind.from_texts(pairs(rest.removesuffix(")")))


def one_run(schedule: Composed) -> None:
    """Compiles the rule for one run; raises ValueError where it is too long."""
    hyper = {name: np.array([value]) for name, value in schedule.numbers(1, 1.0).items()}
    if schedule.follows_loss:
        LossRule(schedule.rule_by_step, hyper, np.ones(1), schedule.planned_by_step)
    else:
        ScheduleRule(schedule.rule_by_step, hyper)
