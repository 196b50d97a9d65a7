"""The columns of the comparison: their texts and numbers, differences and best values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

from lrstudio.core.analysis.verdict import VERDICTS, Key
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import DEFAULT_SCHEDULE
from lrstudio.engine.compare.comparison import Standing
from lrstudio.engine.compare.seeds import Spread
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.look.verdict_style import verdict_word


@dataclass(frozen=True)
class Subject:
    """A run and its standings: one, one for each seed, or none before they are computed."""

    experiment: Experiment
    index: int
    standings: tuple[Standing, ...] = ()

    @property
    def run(self) -> Run:
        return self.experiment.runs[self.index]

    @property
    def diverged(self) -> bool:
        """Whether it diverged with any seed."""
        return any(standing.key == "diverged" for standing in self.standings)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of texts or of numbers, NaN where there are none.

    `better` is -1 where less is better, 1 where more is; `typical` is a text as long as most cells.
    """

    key: str
    title: str
    tip: str
    typical: str
    texts: Callable[[Subject], str] | None = None
    numbers: Callable[[Subject], list[float]] | None = None
    show: Callable[[float], str] = field(default=lambda value: f"{value:.4g}")
    difference: Callable[[float, float], str] | None = None
    better: int = 0

    def spread(self, subject: Subject) -> Spread:
        """Returns mean and deviation of the numbers over the seeds."""
        return Spread.of(self.numbers(subject) if self.numbers is not None else [])

    def text(self, subject: Subject, base: Subject | None = None) -> str:
        """Returns the text of a cell, with the difference to the baseline if there is one."""
        if self.numbers is None:
            return "" if self.texts is None else self.texts(subject)
        spread, several = self.spread(subject), len(subject.standings) > 1
        if not spread.count:
            return "–" if subject.standings else ""
        text = self.show(spread.mean)
        if math.isfinite(spread.deviation) and several:
            text += f" ± {spread.half_width:.2g}"
        if several and 1 < len(self.numbers(subject)) != spread.count:
            text = tr("{value} in {count} of {all}", value=text, count=spread.count, all=len(subject.standings))
        difference = "" if base is None else self.compared(subject, base)
        return f"{text} ({difference})" if difference else text

    def compared(self, subject: Subject, base: Subject) -> str:
        """Returns the difference to the baseline; empty for the baseline itself."""
        own, other = self.spread(subject), self.spread(base)
        if self.difference is None or subject.diverged or subject.index == base.index:
            return ""
        if not (own.count and other.count):
            return ""
        return self.difference(own.mean, other.mean)

    def rank(self, subject: Subject) -> tuple[float, ...] | str:
        """Returns the sort key, least for the best run; runs without a number come last."""
        if self.numbers is None:
            return "" if self.texts is None else self.texts(subject)
        spread = self.spread(subject)
        if not spread.count:
            return (1, 0, 0)
        return (0, -spread.count, -spread.mean if self.better > 0 else spread.mean)

    def winners(self, subjects: Sequence[Subject]) -> set[int]:
        """Returns the indices of the best runs that have not diverged; none where all runs are equal."""
        able = [subject for subject in subjects if not subject.diverged and self.spread(subject).count]
        if not self.better or not able or len(subjects) < 2:
            return set()
        first = min(map(self.rank, able))
        best = {subject.index for subject in able if self.rank(subject) == first}
        return best if len(best) < len(subjects) else set()

    def wins(self, subject: Subject, others: Sequence[Subject]) -> int:
        """Returns the number of seeds with which no other run is better."""
        assert self.numbers is not None
        rows = [[-self.better * value for value in self.numbers(one)] for one in (subject, *others)]
        return sum(
            math.isfinite(own) and not any(other < own for other in rest) for own, *rest in zip(*rows, strict=True)
        )


def times(own: float, base: float) -> str:
    """Returns the ratio to the baseline, or the difference where values are not positive."""
    if own < 0 or base <= 0:
        return more(own, base)
    ratio = own / base
    return f"×{ratio:.3g}" if math.isfinite(ratio) else ""


def more(own: float, base: float) -> str:
    """Returns the signed difference to the baseline."""
    return f"{own - base:+.4g}".replace("-", "−") if own != base else "±0"


def _measure(key: str, title: str, tip: str, typical: str, factor: int = 1, **settings: Any) -> Column:
    """Returns a column of an attribute of the standings, times a factor; None is NaN."""

    def numbers(subject: Subject) -> list[float]:
        values = [getattr(standing, key) for standing in subject.standings]
        return [math.nan if value is None else float(factor * value) for value in values]

    return Column(key=key, title=title, tip=tip, typical=typical, numbers=numbers, **settings)


_BATCHES = mark("With mini-batches: the loss on all data at the end of every epoch and at the last step.")


def columns() -> tuple[Column, ...]:
    """Returns all columns; the first one names the run."""
    return (
        Column(
            key="label",
            title=tr("run"),
            tip=tr("Its line and its name; the run that the others are compared with says so"),
            typical="0.0001 Adam cosine",
            texts=lambda subject: subject.experiment.label(subject.index),
        ),
        Column(
            key="verdict",
            title=tr("verdict"),
            tip=tr("What the run did; hold the mouse over it for the proof"),
            typical=max((verdict_word(key) for key in VERDICTS), key=len),
            texts=_verdict_text,
        ),
        *_measures(),
        *_settings(),
    )


def _measures() -> tuple[Column, ...]:
    return (
        _measure(
            "steps_to_target",
            tr("steps to target"),
            tr("The first step at which the loss was the target loss or less.") + "\n" + tr(_BATCHES),
            "0000",
            difference=more,
            better=-1,
        ),
        _measure(
            "final_loss",
            tr("final loss"),
            tr("At the step that is looked at.") + "\n" + tr(_BATCHES),
            "0.0000e-00",
            difference=times,
            better=-1,
        ),
        _measure(
            "best_loss",
            tr("best loss"),
            tr("The least loss up to this step.") + "\n" + tr(_BATCHES),
            "0.0000e-00",
            difference=times,
            better=-1,
        ),
        _measure(
            "smoothness",
            tr("smoothness"),
            tr(
                "Of the steps that changed the loss the share on which it fell: falls / (falls + rises).\n"
                "100 %: it only fell; 50 %: it rose as often. What is rounding only does not count.\n"
                "With mini-batches the loss is that of another batch at each step, and rises often."
            ),
            "00.0 %",
            factor=100,
            show=lambda value: f"{value:.3g} %",
            difference=lambda own, base: more(round(own, 1), round(base, 1)),
            better=1,
        ),
        _measure(
            "gradients",
            tr("gradients"),
            tr("How many gradients it has taken so far: one at the start and one after each step"),
            "000,000",
            show=lambda value: f"{value:,.0f}",
            difference=lambda own, base: more(own, base) if own != base else "",
        ),
    )


def _settings() -> tuple[Column, ...]:
    return (
        Column(
            key="lr",
            title=tr("rate"),
            tip=tr("The learning rate that it was given; its schedule starts from it"),
            typical="0.0001",
            numbers=lambda subject: [subject.run.lr],
            show=lambda value: f"{value:g}",
            difference=times,
        ),
        Column(
            key="optimizer",
            title=tr("optimizer"),
            tip=tr("The rule that makes a step of the gradient; hold the mouse over it for its numbers"),
            typical="Adam",
            texts=lambda subject: tr(subject.run.optimizer.title),
        ),
        Column(
            key="schedule",
            title=tr("schedule"),
            tip=tr("How the rate changes with the step; hold the mouse over it for its numbers"),
            typical=tr(DEFAULT_SCHEDULE.title),
            texts=lambda subject: tr(subject.run.schedule.title),
        ),
    )


def verdict_of(subject: Subject) -> Key | None:
    """Returns the verdict, over several seeds the most frequent one; None before there is one."""
    keys = [standing.key for standing in subject.standings if standing.key is not None]
    return Counter(keys).most_common(1)[0][0] if keys else None


def _verdict_text(subject: Subject) -> str:
    key = verdict_of(subject)
    if key is None:
        return "–" if subject.standings else ""
    count = sum(standing.key == key for standing in subject.standings)
    if count == len(subject.standings):
        return verdict_word(key)
    return tr("{value} in {count} of {all}", value=verdict_word(key), count=count, all=len(subject.standings))
