"""The rates of all runs, as their schedules give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import LossRule
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.groups import schedule_groups


class Rates:
    """The schedules of an experiment's runs; those that follow the loss have a state."""

    def __init__(self, experiment: Experiment) -> None:
        self._steps, self._length = experiment.steps, experiment.schedule_length
        self._lr0 = np.array([run.lr for run in experiment.runs])
        self._groups = schedule_groups([run.schedule for run in experiment.runs], self._length, self._lr0)
        self._followers = [(group.places, group.rule) for group in self._groups if isinstance(group.rule, LossRule)]

    @property
    def follows_loss(self) -> bool:
        """Whether the rates of later steps depend on the losses of earlier ones."""
        return bool(self._followers)

    def at(self, t: Array) -> Array:
        """The rates (n, R) for the steps t (n,); of a schedule that follows the loss, as far as they are known."""
        rates = np.empty((len(t), len(self._lr0)))
        with np.errstate(all="ignore"):
            for group in self._groups:
                rates[:, group.places] = group.rule.rates(t, self._length, self._lr0[group.places])
        return rates

    def preview(self, points: int) -> tuple[Array, Array]:
        """At most `points` steps (n,) of the whole experiment and the rates (n, R) they would use.

        Of a schedule that follows the loss it is the first rate: nobody knows the others.
        """
        t = self._some_steps(0, points)
        rates = self.at(t)
        for places, _ in self._followers:
            rates[:, places] = self._lr0[places]
        return t, rates

    def over(self, step: int, points: int = 2001) -> Array:
        """Which runs (R,) have the rate 0 from a step to the last one, looked at in `points` of these steps.

        A run whose own rate is 0, or whose schedule follows the loss, is none of them.
        """
        if step >= self._steps:
            return np.zeros(len(self._lr0), bool)
        over: Array = (self.at(self._some_steps(step, points)) == 0).all(axis=0) & (self._lr0 > 0)
        for places, _ in self._followers:
            over[places] = False
        return over

    def _some_steps(self, first: int, points: int) -> Array:
        """At most so many of the steps from `first` on, the last one included."""
        count = min(points, self._steps - first)
        return np.unique(np.linspace(first, self._steps - 1, count).astype(np.int64))

    def follow(self, step: int, loss: Array) -> bool:
        """Tell the schedules the losses (R,) with which a step began; whether one of them has changed a rate."""
        turned = [
            rule.follow(step, self._length, self._lr0[places], np.asarray(loss[places], float))
            for places, rule in self._followers
        ]
        return any(turned)

    def amended(self, experiment: Experiment) -> Rates:
        """Those of an experiment with other rates or another number of steps, going on from the state of these."""
        other = Rates(experiment)
        for (places, before), (_, after) in zip(self._followers, other._followers, strict=True):
            after.resume_from(before.state, self._lr0[places], other._lr0[places])
        return other

    def states(self) -> list[dict[str, Array]]:
        """The state by name of each group that follows the loss; for saving."""
        return [dict(zip(rule.state_names, rule.state, strict=True)) for _, rule in self._followers]

    def restore(self, states: Sequence[Mapping[str, Array]]) -> None:
        """Go on from states that were saved."""
        for (_, rule), saved in zip(self._followers, states, strict=False):
            rule.state = [np.array(saved[name], float) for name in rule.state_names]
