"""What to try after a run: one or two changes or instruments that follow from its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import DEFAULT_SCHEDULE, Cosine
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.family import MOST_LR

Instrument = Literal["sweep", "range_test"]

MOST = 2
_MORE, _LESS = 3.0, 0.1
"""Factors of a rate whose run is too slow, and of one whose run is far too large, where no limit is known."""
_BELOW, _ABOVE = 0.9, 1.05
"""Shares of the limit that are safely below it, and visibly above it."""
_BETTER = 1.3
"""A best rate that differs by less than this factor is no other rate."""
_MOMENTUM = 0.9
_LESS_MOMENTUM = (0.5, 0.8, 0.9)
_LONGER = 3


@dataclass(frozen=True)
class Proposal:
    """An edited `experiment`, or an instrument to look at; `text` is for a button, `why` explains."""

    text: str
    why: str
    experiment: Experiment | None = None
    instrument: Instrument | None = None


def proposals(experiment: Experiment, run: int, verdict: Verdict, best: float | None = None) -> tuple[Proposal, ...]:
    """Returns at most two proposals for a run that is over, the most useful one first.

    `best` is the best constant rate of the run's optimizer and schedule, if it is known.
    """
    found = _Proposer(experiment, run, verdict, best)
    changes = [each for each in found.changes() if each.experiment not in (None, experiment)][: MOST - 1]
    return (*changes, found.instrument())


class _Proposer:
    def __init__(self, experiment: Experiment, run: int, verdict: Verdict, best: float | None) -> None:
        self._experiment, self._index, self._verdict = experiment, run, verdict
        self._run: Run = experiment.runs[run]
        self._batch_size = experiment.batch_sizes[run]
        self._limit = verdict.numbers.get("limit")
        law = self._run.law()
        self._plain = law is not None and law.plain and not self._run.has_lr_factors
        other = best is not None and self._run.lr > 0 and not 1 / _BETTER < best / self._run.lr < _BETTER
        self._best = best if other or not self._run.lr else None

    def changes(self) -> Iterator[Proposal]:
        """Yields edited experiments, the most useful first."""
        key, reason = self._verdict.key, self._verdict.reason
        if reason == "unbounded":  # no rate finds a minimum where there is none
            return
        if key == "stuck":
            yield from self._unstuck(reason)
        elif key == "plateau" and reason == "noise":
            yield from self._calmer()
        elif key == "plateau" and reason in ("faded", "faded_away"):
            yield self._run_with(
                tr("Constant rate"),
                tr("Its schedule has made the rate too small to arrive."),
                schedule=DEFAULT_SCHEDULE(),
            )
        elif key in ("diverged", "cycling", "oscillating") or reason in ("overshot", "weights_grew"):
            yield from self._smaller()
        elif key == "arrived":
            yield from self._beyond()
        else:
            yield from self._larger()

    def instrument(self) -> Proposal:
        if self._batch_size is not None and self._experiment.problem.network is not None:
            why = tr("The rate grows from batch to batch: where the loss falls fastest is a good one.")
            return Proposal(tr("Range test"), why, instrument="range_test")
        why = tr("The loss against hundreds of rates, each with a run of its own.")
        return Proposal(tr("Show the sweep"), why, instrument="sweep")

    def _smaller(self) -> Iterator[Proposal]:
        if self._batch_size is not None and self._verdict.key == "cycling":
            yield from self._calmer()
        if self._verdict.key == "oscillating":
            yield from self._less_momentum()
        if self._best is not None and self._best < self._run.lr:
            yield self._best_rate(self._best)
        if self._limit is not None and self._verdict.key == "diverged" and self._run.lr > self._limit > 0:
            why = tr("It is half of the limit {limit}.", limit=_short(self._limit))
            yield self._rate(self._limit / 2, why)
        if self._verdict.key in ("diverged", "plateau"):
            yield self._rate(self._run.lr * _LESS, tr("A tenth of the rate: large steps have thrown this run out."))
        yield self._rate(self._run.lr / 2, tr("Half of the rate: this run jumps from side to side."))

    def _larger(self) -> Iterator[Proposal]:
        yield from self._less_momentum()
        if self._best is not None and self._best > self._run.lr:
            yield self._best_rate(self._best)
        room = None if self._limit is None else _BELOW * self._limit / self._run.lr
        if room is None or room > _BETTER:
            factor = _MORE if room is None else min(_MORE, room)
            yield self._rate(self._run.lr * factor, tr("A larger rate: this run comes closer, but slowly."))
        if self._plain and getattr(self._run.optimizer, "momentum", _MOMENTUM) < _MOMENTUM:
            yield self._run_with(
                tr("Momentum {share}", share=_MOMENTUM),
                tr("The rate cannot be much larger. Momentum adds up steps that agree."),
                optimizer=replace(self._run.optimizer, momentum=_MOMENTUM),  # type: ignore[call-arg]
            )
        steps = self._experiment.steps * _LONGER
        yield self._changed(tr("{steps:,} steps", steps=steps), tr("It is still on its way."), steps=steps)

    def _less_momentum(self) -> Iterator[Proposal]:
        """Yields the momentum of the smallest factor at this rate, if the run's own slows it down."""
        optimizer, numbers = self._run.optimizer, self._verdict.numbers
        momentum, least = getattr(optimizer, "momentum", 0.0), numbers.get("least", 0.0)
        lower = [share for share in _LESS_MOMENTUM if share < momentum]
        curvatures = np.array([least, numbers.get("greatest", least)])
        if not (self._plain and lower and least > 0):
            return

        def factor(share: float) -> float:
            law = replace(optimizer, momentum=share).recurrence()  # type: ignore[call-arg]
            return 1.0 if law is None else float(law.factors(np.array(self._run.lr), curvatures))

        best = min(lower, key=factor)
        if factor(best) < factor(momentum) ** _BETTER < 1:
            yield self._run_with(
                tr("Momentum {share}", share=best),
                tr("So much momentum keeps it swinging: a smaller rate would not calm it."),
                optimizer=replace(optimizer, momentum=best),  # type: ignore[call-arg]
            )

    def _beyond(self) -> Iterator[Proposal]:
        """Yields what there is to learn from a run that has arrived."""
        if self._best is not None and self._best > self._run.lr:
            yield self._best_rate(self._best)
        if self._limit is not None and self._run.lr < self._limit < MOST_LR and self._plain:
            limit = _short(self._limit)
            why = tr("It has arrived. This rate is just above the limit {limit}: what happens?", limit=limit)
            too_large = self._rate(self._limit * _ABOVE, why, digits=3)
            yield replace(too_large, text=tr("Too large: {rate}", rate=_short(self._limit * _ABOVE)))
        yield self._rate(self._run.lr * _MORE, tr("It has arrived. Does it bear three times the rate?"))

    def _calmer(self) -> Iterator[Proposal]:
        if isinstance(self._run.schedule, DEFAULT_SCHEDULE):
            yield self._run_with(
                tr("Falling rate"),
                tr("The noise of the mini-batches keeps it up. A cosine ends with a small rate."),
                schedule=Cosine(),
            )
        if self._batch_size is not None:
            size = min(self._batch_size * 4, self._experiment.data_size)
            text, why = tr("Batches of {size}", size=size), tr("More points in a batch have less noise.")
            if self._run.batch_size is None:
                yield self._changed(text, why, batch_size=size)
            else:
                yield self._run_with(text, why, batch_size=size)

    def _unstuck(self, reason: str) -> Iterator[Proposal]:
        if reason == "zero_rate":
            yield self._rate(self._run.optimizer.default_lr, tr("With a rate of 0 nothing moves."))
        if self._experiment.gradient.mode != "analytic":
            why = tr("The nudge of the measured gradient is lost in rounding; the exact one is not.")
            yield self._changed(tr("Exact gradient"), why, gradient=Gradient())
        if self._experiment.precision != "float64":
            why = tr("With sixteen digits in place of seven the step is not lost.")
            yield self._changed(tr("Use float64"), why, precision="float64")
        if getattr(self._experiment.problem, "init", "") == "zeros":
            problem = replace(self._experiment.problem, init="default")  # type: ignore[call-arg]
            why = tr("From weights of 0 all units stay alike and the slope is 0.")
            yield self._changed(tr("Random weights"), why, problem=problem)

    def _best_rate(self, best: float) -> Proposal:
        return self._rate(best, tr("The best rate of those that were tried for the ruler."), digits=3)

    def _rate(self, rate: float, why: str, digits: int = 2) -> Proposal:
        rate = min(float(f"{rate:.{digits}g}"), MOST_LR)
        return self._run_with(tr("Set {rate}", rate=_short(rate)), why, lr=rate)

    def _run_with(self, text: str, why: str, **changes: object) -> Proposal:
        return Proposal(text, why, self._experiment.with_run(self._index, **changes))

    def _changed(self, text: str, why: str, **changes: object) -> Proposal:
        try:
            return Proposal(text, why, replace(self._experiment, **changes))  # type: ignore[arg-type]
        except ValueError:  # more than an experiment may have
            return Proposal(text, why)


def _short(value: float) -> str:
    return f"{value:.3g}"
