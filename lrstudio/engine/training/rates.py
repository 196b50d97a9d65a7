"""The rates of runs from their schedules, compiled in groups of one kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import LossRule, ScheduleRule
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import Schedule
from lrstudio.engine.experiment import Experiment

Indices = Array | slice
Count = int | Array


@dataclass(frozen=True)
class ScheduleGroup:
    """The runs at `indices` have one kind of schedule: its rule.

    A rule that follows the loss may change the rate `by_epoch` only, and may want the loss on `validation` data. A rule
    that `cycles` gives the momentum, too.
    """

    indices: Indices
    rule: ScheduleRule | LossRule
    by_epoch: bool = False
    validation: bool = False
    cycles: bool = False


class Rates:
    """The rates of R runs from their schedules, planned for `length` of `steps` steps; both may differ by run (R,).

    `followers` are the LossRules, which have a state, with the indices of their runs.
    """

    def __init__(self, groups: Sequence[ScheduleGroup], lr0: Array, length: Count, steps: Count) -> None:
        self._groups, self.lr0, self.length = groups, lr0, length
        self._ends, self._steps = steps, int(np.max(steps))
        self.followers = [(group.indices, group.rule) for group in groups if isinstance(group.rule, LossRule)]
        following = [group for group in groups if isinstance(group.rule, LossRule)]
        self._validation = [group.validation for group in following]
        self.follows_steps = not all(group.by_epoch for group in following)
        """Whether a loss can change a rate in the midst of an epoch."""

    @classmethod
    def of(cls, experiment: Experiment) -> Rates:
        """Returns the rates of an experiment's runs."""
        lr0, schedules = np.array([run.lr for run in experiment.runs]), [run.schedule for run in experiment.runs]
        groups = schedule_groups(schedules, experiment.lengths, lr0, experiment.per_epoch)
        return cls(groups, lr0, _count(experiment.lengths), _count(experiment.steps_each))

    @property
    def follows_loss(self) -> bool:
        """Whether the rates of later steps depend on the losses of earlier ones."""
        return bool(self.followers)

    def at(self, t: Array) -> Array:
        """Returns the rates (n, R) for the steps t (n,), not to be written to; where they follow losses those known."""
        if len(self._groups) == 1:
            with np.errstate(all="ignore"):
                return self._groups[0].rule.rates(t, self.length, self.lr0)
        rates = np.empty((len(t), len(self.lr0)))
        with np.errstate(all="ignore"):
            for group in self._groups:
                length = self._length(group.indices)
                rates[:, group.indices] = group.rule.rates(t, length, self.lr0[group.indices])
        return rates

    def momenta(self, t: Array) -> Array | None:
        """Returns the momenta (n, R) that the schedules give for the steps t (n,), NaN of the others; None without."""
        momenta: Array | None = None
        for indices, rule in ((group.indices, group.rule) for group in self._groups if group.cycles):
            if isinstance(rule, ScheduleRule):
                momenta = np.full((len(t), len(self.lr0)), np.nan) if momenta is None else momenta
                momenta[:, indices] = rule.momenta(t, self._length(indices), self.lr0[indices])
        return momenta

    def preview(self, points: int) -> tuple[Array, Array]:
        """Returns at most `points` steps (n,) of the whole experiment and the rates (n, R) they would use.

        A schedule that follows the loss has the rates that it is planned to have as long as no loss changes them.
        """
        t = self._some_steps(0, points)
        rates = self.at(t).copy()
        for indices, rule in self.followers:
            rates[:, indices] = rule.planned.rates(t, self._length(indices), self.lr0[indices])
        return t, rates if np.ndim(self._ends) == 0 else np.where(t[:, None] < self._ends, rates, np.nan)

    def _length(self, indices: Indices) -> Count:
        """Returns the T of some runs."""
        return self.length if np.ndim(self.length) == 0 else self.length[indices]  # type: ignore[index]

    def over(self, step: int, points: int = 2001) -> Array:
        """Returns which runs (R,) have the rate 0 from a step to the last one, as seen in `points` of these steps.

        A run whose own rate is 0, or whose schedule follows the loss, is none of them.
        """
        if step >= self._steps:
            return np.zeros(len(self.lr0), bool)
        over: Array = (self.at(self._some_steps(step, points)) == 0).all(axis=0) & (self.lr0 > 0)
        for indices, _ in self.followers:
            over[indices] = False
        return over

    def _some_steps(self, first: int, points: int) -> Array:
        """Returns at most so many of the steps from `first` on, the last one included."""
        count = min(points, self._steps - first)
        return np.unique(np.linspace(first, self._steps - 1, count).astype(np.int64))

    @property
    def needs_validation(self) -> bool:
        """Whether a schedule follows the loss on validation data."""
        return any(self._validation)

    def follow(self, step: int, loss: Array, validation: Array | None = None) -> bool:
        """Passes the losses (R,) with which a step began to the schedules; returns whether a rate has changed.

        `validation` (R,) are those on validation data after the step, NaN but at the end of a run's epoch.
        """
        changed = []
        for (indices, rule), validates in zip(self.followers, self._validation, strict=True):
            own = loss if validation is None or not validates else np.where(np.isnan(validation), loss, validation)
            changed.append(rule.follow(step, self._length(indices), self.lr0[indices], np.asarray(own[indices], float)))
        return any(changed)

    def amended(self, experiment: Experiment) -> Rates:
        """Returns those of an experiment with other rates or another number of steps, with the state of these."""
        other = Rates.of(experiment)
        for (indices, before), (_, after) in zip(self.followers, other.followers, strict=True):
            after.resume_from(before.state, self.lr0[indices], other.lr0[indices])
        return other

    def states(self) -> list[dict[str, Array]]:
        """Returns the state by name of each group that follows the loss."""
        return [dict(zip(rule.state_names, rule.state, strict=True)) for _, rule in self.followers]

    def restore(self, states: Sequence[Mapping[str, Array]]) -> None:
        """Continues from saved states."""
        for (_, rule), saved in zip(self.followers, states, strict=False):
            rule.state = [np.array(saved[name], float) for name in rule.state_names]


def schedule_groups(
    schedules: Sequence[Schedule], steps: Sequence[int], lr: Array, per_epoch: Sequence[int]
) -> list[ScheduleGroup]:
    """Returns the schedules by kind and rule; the runs have so many steps, `per_epoch` in one, and the rates (R,)."""
    groups = []
    for indices in alike([(type(schedule), schedule.rule_by_step) for schedule in schedules]):
        pairs = zip(indices, lr[indices].tolist(), strict=True)
        hyper = columns_of([schedules[index].numbers(steps[index], rate, per_epoch[index]) for index, rate in pairs])
        groups.append(schedule_group(shortest(indices), schedules[indices[0]], hyper, lr[indices]))
    return groups


def schedule_group(indices: Indices, schedule: Schedule, hyper: Mapping[str, Array], lr: Array) -> ScheduleGroup:
    if not schedule.follows_loss:
        return ScheduleGroup(indices, ScheduleRule(schedule.rule_by_step, hyper), cycles=schedule.cycles_momentum)
    rule = LossRule(schedule.rule_by_step, hyper, lr, schedule.planned_by_step)
    return ScheduleGroup(indices, rule, schedule.unit == "epoch", schedule.monitors_validation)


def schedule_columns(
    schedule: Schedule, steps: int, lr: Array, per_epoch: int, varying: Mapping[str, Array]
) -> dict[str, Array]:
    """Returns a schedule's numbers (R,) by name, some of them `varying`; they may depend on the rates lr (R,)."""
    numbers = schedule.numbers(steps, 1.0, per_epoch)
    if not varying and numbers == schedule.numbers(steps, 2.0, per_epoch):
        return {name: np.full(len(lr), value) for name, value in numbers.items()}
    kinds, indices = np.unique(np.stack([lr, *varying.values()]), axis=1, return_inverse=True)
    columns = columns_of(
        [
            replace(schedule, **dict(zip(varying, values, strict=True))).numbers(steps, rate, per_epoch)
            for rate, *values in kinds.T.tolist()
        ]
    )
    return {name: column[indices.reshape(-1)] for name, column in columns.items()}


def alike(kinds: Sequence[Hashable]) -> Iterable[list[int]]:
    """Returns the indices of each kind."""
    alike: dict[Hashable, list[int]] = {}
    for index, kind in enumerate(kinds):
        alike.setdefault(kind, []).append(index)
    return alike.values()


def _count(values: Sequence[int]) -> Count:
    """Returns the number that all runs have, or those of each (R,)."""
    return values[0] if len(set(values)) == 1 else np.array(values, float)


def columns_of(members: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    return {name: np.array([member[name] for member in members]) for name in members[0]}


def shortest(indices: list[int]) -> Indices:
    """Returns a slice for rising indices at equal distances, which avoids copies."""
    every = indices[1] - indices[0] if len(indices) > 1 else 1
    alike = slice(indices[0], indices[-1] + 1, every)
    return alike if indices == list(range(alike.start, alike.stop, every)) else np.array(indices)
