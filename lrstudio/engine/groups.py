"""Runs of the same kind of optimizer or schedule, advanced together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrstudio.core.declaration import Declared
from lrstudio.core.formula.compile import DType
from lrstudio.core.formula.rule import ScheduleRule, UpdateRule
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.parameter import Flag, Number
from lrstudio.core.schedules import Schedule

Array = np.ndarray[Any, np.dtype[Any]]
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
    rule: ScheduleRule


def optimizer_groups(optimizers: Sequence[Optimizer], size: int, dtype: DType) -> list[OptimizerGroup]:
    """The optimizers by kind and rule, state at 0."""
    groups = []
    for rule_text, places in _kinds(optimizers):
        members = [optimizers[place] for place in places]
        rule = UpdateRule(rule_text, _hyper(members), dtype)
        state = [np.zeros((len(members), size), dtype) for _ in rule.state_names]
        groups.append(OptimizerGroup(_shortest(places, len(optimizers)), rule, state))
    return groups


def schedule_groups(schedules: Sequence[Schedule], horizon: int) -> list[ScheduleGroup]:
    """The schedules by kind and rule; a length that is not given is the horizon."""
    return [
        ScheduleGroup(
            _shortest(places, len(schedules)),
            ScheduleRule(rule_text, _hyper([schedules[place] for place in places], horizon)),
        )
        for rule_text, places in _kinds(schedules)
    ]


def _kinds(entries: Sequence[Any]) -> Iterable[tuple[str, list[int]]]:
    """The texts of the rules, and which entries go by them; rules that were typed differ within a kind."""
    kinds: dict[tuple[type, str], list[int]] = {}
    for place, entry in enumerate(entries):
        kinds.setdefault((type(entry), entry.rule), []).append(place)
    return [(rule, places) for (_, rule), places in kinds.items()]


def _hyper(members: Sequence[Declared], default: float = np.nan) -> dict[str, Array]:
    names = [parameter.name for parameter in members[0].parameters() if isinstance(parameter, (Flag, Number))]
    return {
        name: np.array([default if (value := getattr(member, name)) is None else value for member in members], float)
        for name in names
    }


def _shortest(places: list[int], runs: int) -> Places:
    """A slice where the runs stand side by side: it neither copies nor looks up."""
    beside = places == list(range(places[0], places[-1] + 1))
    return slice(places[0], places[-1] + 1) if beside else np.array(places)
