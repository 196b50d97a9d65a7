"""A batch: runs that are advanced together, their optimizers and schedules compiled in groups of one kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import LossRule, ScheduleRule, UpdateRule
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import Schedule
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.precision import arithmetic_dtype

Indices = Array | slice


@dataclass
class OptimizerGroup:
    """The runs at `indices` have one kind of optimizer: its rule, and its state (G, P) by name, 0 at first.

    `cycled` is the number that a schedule of one of them moves.
    """

    indices: Indices
    rule: UpdateRule
    state: list[Array]
    cycled: str | None = None

    def named_state(self) -> dict[str, Array]:
        return dict(zip(self.rule.state_names, self.state, strict=True))


@dataclass(frozen=True)
class ScheduleGroup:
    """The runs at `indices` have one kind of schedule: its rule.

    A rule that follows the loss may change the rate `by_epoch` only, and may want the loss on `validation` data.
    """

    indices: Indices
    rule: ScheduleRule | LossRule
    by_epoch: bool = False
    validation: bool = False


class Rates:
    """The rates of R runs from their schedules, planned for `length` of `steps` steps.

    `followers` are the LossRules, which have a state, with the indices of their runs.
    """

    def __init__(self, groups: Sequence[ScheduleGroup], lr0: Array, length: int, steps: int) -> None:
        self._groups, self.lr0, self.length, self._steps = groups, lr0, length, steps
        self.followers = [(group.indices, group.rule) for group in groups if isinstance(group.rule, LossRule)]
        following = [group for group in groups if isinstance(group.rule, LossRule)]
        self._validation = [group.validation for group in following]
        self.follows_steps = not all(group.by_epoch for group in following)
        """Whether a loss can change a rate in the midst of an epoch."""

    @classmethod
    def of(cls, experiment: Experiment) -> Rates:
        """Returns the rates of an experiment's runs."""
        lr0, length = np.array([run.lr for run in experiment.runs]), experiment.schedule_length
        groups = schedule_groups([run.schedule for run in experiment.runs], length, lr0, experiment.steps_per_epoch)
        return cls(groups, lr0, length, experiment.steps)

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
                rates[:, group.indices] = group.rule.rates(t, self.length, self.lr0[group.indices])
        return rates

    def momenta(self, t: Array) -> Array | None:
        """Returns the momenta (n, R) that the schedules give for the steps t (n,), NaN of the others; None without."""
        momenta: Array | None = None
        for indices, rule in ((group.indices, group.rule) for group in self._groups):
            if isinstance(rule, ScheduleRule) and rule.cycles_momentum:
                momenta = np.full((len(t), len(self.lr0)), np.nan) if momenta is None else momenta
                momenta[:, indices] = rule.momenta(t, self.length, self.lr0[indices])
        return momenta

    def preview(self, points: int) -> tuple[Array, Array]:
        """Returns at most `points` steps (n,) of the whole experiment and the rates (n, R) they would use.

        A schedule that follows the loss has the rates that it is planned to have as long as no loss changes them.
        """
        t = self._some_steps(0, points)
        rates = self.at(t).copy()
        for indices, rule in self.followers:
            rates[:, indices] = rule.planned.rates(t, self.length, self.lr0[indices])
        return t, rates

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

        `validation` (R,) are those on validation data after the step, at the end of an epoch.
        """
        changed = []
        for (indices, rule), validates in zip(self.followers, self._validation, strict=True):
            own = loss if validation is None or not validates else validation
            changed.append(rule.follow(step, self.length, self.lr0[indices], np.asarray(own[indices], float)))
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


@dataclass
class Batch:
    """R runs: their optimizers in groups, the rates of their schedules and the weights (R, P) at which they start."""

    groups: list[OptimizerGroup]
    rates: Rates
    starts: Array

    def __post_init__(self) -> None:
        connect(self.groups, self.rates)

    @classmethod
    def of(cls, experiment: Experiment) -> Batch:
        """Returns the runs of an experiment."""
        own = experiment.problem.initial(experiment.seed)
        starts = np.stack([own if run.start is None else np.array(run.start, float) for run in experiment.runs])
        groups = []
        for rule, indices in _alike([run.optimizer for run in experiment.runs], lambda optimizer: optimizer.whole_rule):
            runs = [experiment.runs[index] for index in indices]
            hyper = _columns([optimizer_numbers(run.optimizer) for run in runs])
            groups.append(_optimizer_group(experiment, rule, hyper, _shortest(indices), starts, _cycled(runs)))
        return cls(groups, Rates.of(experiment), starts)

    @classmethod
    def varied(
        cls,
        experiment: Experiment,
        lr: Array,
        starts: Array,
        of_optimizer: Mapping[str, Array],
        of_schedule: Mapping[str, Array],
    ) -> Batch:
        """Returns copies of an experiment's only run with the rates (R,), starts (R, P) and numbers (R,) by name."""
        run, length, everyone = experiment.runs[0], experiment.schedule_length, slice(0, len(lr))
        starts = starts.copy(order="F")  # the values of one parameter are contiguous
        hyper = {name: np.full(len(lr), value) for name, value in optimizer_numbers(run.optimizer).items()}
        hyper = {**hyper, **of_optimizer}
        unset = {name: float(of_optimizer[name][0]) for name in of_optimizer if getattr(run.optimizer, name) is None}
        rule = replace(run.optimizer, **unset).whole_rule
        group = _optimizer_group(experiment, rule, hyper, everyone, starts, _cycled([run]), of_optimizer)
        hyper = _schedule_columns(run.schedule, length, lr, experiment.steps_per_epoch, of_schedule)
        schedules = [_schedule_group(everyone, run.schedule, hyper, lr)]
        return cls([group], Rates(schedules, lr, length, experiment.steps), starts)


def schedule_groups(schedules: Sequence[Schedule], steps: int, lr: Array, per_epoch: int = 1) -> list[ScheduleGroup]:
    """Returns the schedules by kind and rule, for so many steps, `per_epoch` in one, and the runs' rates (R,)."""
    groups = []
    for _, indices in _alike(schedules, lambda schedule: schedule.rule_by_step):
        pairs = zip(indices, lr[indices].tolist(), strict=True)
        hyper = _columns([schedules[index].numbers(steps, rate, per_epoch) for index, rate in pairs])
        groups.append(_schedule_group(_shortest(indices), schedules[indices[0]], hyper, lr[indices]))
    return groups


def _optimizer_group(
    experiment: Experiment,
    rule: str,
    hyper: Mapping[str, Array],
    indices: Indices,
    starts: Array,
    cycled: str | None = None,
    varying: Collection[str] = (),
) -> OptimizerGroup:
    dtype = arithmetic_dtype(experiment.precision)
    inputs = [name for name in (*varying, cycled) if name is not None]
    compiled = UpdateRule(rule, hyper, dtype, list(dict.fromkeys(inputs)), experiment.problem.tensors)
    state = [np.zeros_like(starts[indices], dtype) for _ in compiled.state_names]
    return OptimizerGroup(indices, compiled, state, cycled)


def _cycled(runs: Sequence[Run]) -> str | None:
    """Returns the number of the runs' optimizers that one of their schedules moves."""
    return next((run.optimizer.cycled for run in runs if run.schedule.cycles_momentum), None)


def connect(groups: Sequence[OptimizerGroup], rates: Rates) -> None:
    """Lets the schedules move the momenta of the optimizers."""
    for group in groups:
        if group.cycled is not None:
            group.rule.cycle(group.cycled, partial(_momenta, rates, group.indices))


def _momenta(rates: Rates, indices: Indices, t: Array) -> Array:
    momenta = rates.momenta(t)
    assert momenta is not None
    own: Array = momenta[:, indices]
    return own


def _schedule_group(indices: Indices, schedule: Schedule, hyper: Mapping[str, Array], lr: Array) -> ScheduleGroup:
    if not schedule.follows_loss:
        return ScheduleGroup(indices, ScheduleRule(schedule.rule_by_step, hyper))
    rule = LossRule(schedule.rule_by_step, hyper, lr, schedule.planned_by_step)
    return ScheduleGroup(indices, rule, schedule.unit == "epoch", schedule.monitors_validation)


def _schedule_columns(
    schedule: Schedule, steps: int, lr: Array, per_epoch: int, varying: Mapping[str, Array]
) -> dict[str, Array]:
    """Returns a schedule's numbers (R,) by name, some of them `varying`; they may depend on the rates lr (R,)."""
    numbers = schedule.numbers(steps, 1.0, per_epoch)
    if not varying and numbers == schedule.numbers(steps, 2.0, per_epoch):
        return {name: np.full(len(lr), value) for name, value in numbers.items()}
    kinds, indices = np.unique(np.stack([lr, *varying.values()]), axis=1, return_inverse=True)
    columns = _columns(
        [
            replace(schedule, **dict(zip(varying, values, strict=True))).numbers(steps, rate, per_epoch)
            for rate, *values in kinds.T.tolist()
        ]
    )
    return {name: column[indices.reshape(-1)] for name, column in columns.items()}


def _alike(entries: Sequence[Any], rule_of: Callable[[Any], str]) -> Iterable[tuple[str, list[int]]]:
    """Returns the rules of the entries and the indices of those of each kind and rule."""
    alike: dict[tuple[type, str], list[int]] = {}
    for index, entry in enumerate(entries):
        alike.setdefault((type(entry), rule_of(entry)), []).append(index)
    return [(rule, indices) for (_, rule), indices in alike.items()]


def optimizer_numbers(optimizer: Optimizer) -> dict[str, float]:
    """Returns an optimizer's hyper-parameters by name, flags as 0 or 1."""
    return {name: float(value) for name, value in optimizer.values().items() if isinstance(value, (int, float))}


def _columns(members: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    return {name: np.array([member[name] for member in members]) for name in members[0]}


def _shortest(indices: list[int]) -> Indices:
    """Returns a slice for rising indices at equal distances, which avoids copies."""
    every = indices[1] - indices[0] if len(indices) > 1 else 1
    alike = slice(indices[0], indices[-1] + 1, every)
    return alike if indices == list(range(alike.start, alike.stop, every)) else np.array(indices)
