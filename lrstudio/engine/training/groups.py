"""Runs of the same kind of optimizer or schedule, advanced together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.formula.rule import LossRule, ScheduleRule, UpdateRule
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.schedules import Schedule

Places = Array | slice


@dataclass
class OptimizerGroup:
    """The runs at `places`, their rule and its state (G, P) by name."""

    places: Places
    rule: UpdateRule
    state: list[Array]


@dataclass(frozen=True)
class ScheduleGroup:
    """The runs at `places` and their rule."""

    places: Places
    rule: ScheduleRule | LossRule


def optimizer_groups(optimizers: Sequence[Optimizer], size: int, dtype: DType) -> list[OptimizerGroup]:
    """The optimizers by kind and rule, state at 0."""
    groups = []
    for rule_text, places in _alike(optimizers):
        rule = UpdateRule(rule_text, _columns([_numbers(optimizers[place]) for place in places]), dtype)
        state = [np.zeros((len(places), size), dtype) for _ in rule.state_names]
        groups.append(OptimizerGroup(_shortest(places, len(optimizers)), rule, state))
    return groups


def schedule_groups(schedules: Sequence[Schedule], steps: int, lr: Array) -> list[ScheduleGroup]:
    """The schedules by kind and rule, for so many steps and the runs' rates (R,)."""
    groups = []
    for rule_text, places in _alike(schedules):
        own = lr[places]
        hyper = _columns(
            [schedules[place].numbers(steps, rate) for place, rate in zip(places, own.tolist(), strict=True)]
        )
        follows = schedules[places[0]].follows_loss
        rule = LossRule(rule_text, hyper, own) if follows else ScheduleRule(rule_text, hyper)
        groups.append(ScheduleGroup(_shortest(places, len(schedules)), rule))
    return groups


def _alike(entries: Sequence[Any]) -> Iterable[tuple[str, list[int]]]:
    """The rules of the entries, and where those of each kind and rule stand."""
    alike: dict[tuple[type, str], list[int]] = {}
    for place, entry in enumerate(entries):
        alike.setdefault((type(entry), entry.rule), []).append(place)
    return [(rule, places) for (_, rule), places in alike.items()]


def _numbers(optimizer: Optimizer) -> dict[str, float]:
    return {name: float(value) for name, value in optimizer.values().items() if isinstance(value, (int, float))}


def _columns(members: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    return {name: np.array([member[name] for member in members]) for name in members[0]}


def _shortest(places: list[int], runs: int) -> Places:
    """A slice where the runs stand side by side: it neither copies nor looks up."""
    beside = places == list(range(places[0], places[-1] + 1))
    return slice(places[0], places[-1] + 1) if beside else np.array(places)
