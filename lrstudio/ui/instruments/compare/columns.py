"""The columns of the comparison: what each shows of a run, how it compares and which value is the best."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from lrstudio.core.analysis.verdict import VERDICTS, Key
from lrstudio.engine.compare.comparison import Standing
from lrstudio.engine.compare.seeds import Spread
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.look.verdict_style import verdict_word


@dataclass(frozen=True)
class Subject:
    """A run and how it stands: one standing, or one for each seed; none where that is not known yet."""

    experiment: Experiment
    place: int
    standings: tuple[Standing, ...] = ()

    @property
    def run(self) -> Run:
        return self.experiment.runs[self.place]

    @property
    def diverged(self) -> bool:
        """Whether it did so with any seed."""
        return any(standing.key == "diverged" for standing in self.standings)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `numbers` are NaN where there are none; `better` is -1 where less is better, 1 where more is.

    `usual` has as many letters as its cells mostly have.
    """

    key: str
    title: str
    tip: str
    usual: str
    words: Callable[[Subject], str] | None = None
    numbers: Callable[[Subject], list[float]] | None = None
    show: Callable[[float], str] = field(default=lambda value: f"{value:.4g}")
    difference: Callable[[float, float], str] | None = None
    better: int = 0

    def spread(self, subject: Subject) -> Spread:
        """Of the numbers over the seeds."""
        return Spread.of(self.numbers(subject) if self.numbers is not None else [])

    def text(self, subject: Subject, base: Subject | None = None) -> str:
        """What its cell says, compared with another run's where there is one."""
        if self.numbers is None:
            return "" if self.words is None else self.words(subject)
        spread, several = self.spread(subject), len(subject.standings) > 1
        if not spread.count:
            return "–" if subject.standings else ""
        said = self.show(spread.mean)
        if math.isfinite(spread.deviation) and several:
            said += f" ± {spread.deviation:.2g}"
        if several and 1 < len(self.numbers(subject)) != spread.count:
            said += " " + tr("in {count} of {all}").format(count=spread.count, all=len(subject.standings))
        difference = "" if base is None else self.compared(subject, base)
        return f"{said} ({difference})" if difference else said

    def compared(self, subject: Subject, base: Subject) -> str:
        """How it differs from another run; nothing to say of the run itself."""
        own, other = self.spread(subject), self.spread(base)
        if (
            self.difference is None
            or subject.diverged
            or subject.place == base.place
            or not (own.count and other.count)
        ):
            return ""
        return self.difference(own.mean, other.mean)

    def rank(self, subject: Subject) -> tuple[float, ...] | str:
        """What it is sorted by, the best first: numbers that are not known come after all others."""
        if self.numbers is None:
            return "" if self.words is None else self.words(subject)
        spread = self.spread(subject)
        if not spread.count:
            return (1, 0, 0)
        return (0, -spread.count, -spread.mean if self.better > 0 else spread.mean)

    def winners(self, subjects: Sequence[Subject]) -> set[int]:
        """The places of the runs that are best; none where all are, and one that diverged wins nothing."""
        able = [subject for subject in subjects if not subject.diverged and self.spread(subject).count]
        if not self.better or not able or len(subjects) < 2:
            return set()
        first = min(map(self.rank, able))
        places = {subject.place for subject in able if self.rank(subject) == first}
        return places if len(places) < len(subjects) else set()

    def wins(self, subject: Subject, others: Sequence[Subject]) -> int:
        """With how many of the seeds no other run is better."""
        assert self.numbers is not None
        rows = [[-self.better * value for value in self.numbers(one)] for one in (subject, *others)]
        return sum(
            math.isfinite(own) and not any(other < own for other in rest) for own, *rest in zip(*rows, strict=True)
        )


def tr(text: str) -> str:
    return QCoreApplication.translate("Compare", text)


def times(own: float, base: float) -> str:
    """How many times the baseline's; how much more where a ratio of losses below 0 would mean nothing."""
    if own < 0 or base <= 0:
        return more(own, base)
    ratio = own / base
    return f"×{ratio:.3g}" if math.isfinite(ratio) else ""


def more(own: float, base: float) -> str:
    """How many more than the baseline's."""
    return f"{own - base:+.4g}".replace("-", "−") if own != base else "±0"


def measured(read: Callable[[Standing], float | None]) -> Callable[[Subject], list[float]]:
    """A number of each standing; None is NaN."""

    def numbers(subject: Subject) -> list[float]:
        values = [read(standing) for standing in subject.standings]
        return [math.nan if value is None else float(value) for value in values]

    return numbers


_BATCHES = "With mini-batches: the loss on all data at the end of every epoch and at the last step."


def columns() -> tuple[Column, ...]:
    """What is compared; the first one is the run itself."""
    return (
        Column(
            key="label",
            title=tr("run"),
            tip=tr("Its line and its name; the run that the others are compared with says so"),
            usual="0.0001 Adam cosine",
            words=lambda subject: subject.experiment.label(subject.place),
        ),
        Column(
            key="verdict",
            title=tr("verdict"),
            tip=tr("What the run did; hold the mouse over it for the proof"),
            usual=max((verdict_word(key) for key in VERDICTS), key=len),
            words=_verdict_words,
        ),
        *_measures(),
        *_settings(),
    )


def _measures() -> tuple[Column, ...]:
    return (
        Column(
            key="steps_to_target",
            title=tr("steps to target"),
            tip=tr("The first step at which the loss was the target loss or less.") + "\n" + tr(_BATCHES),
            usual="0000",
            numbers=measured(lambda standing: standing.steps_to_target),
            difference=more,
            better=-1,
        ),
        Column(
            key="final_loss",
            title=tr("final loss"),
            tip=tr("At the step that is looked at.") + "\n" + tr(_BATCHES),
            usual="0.0000e-00",
            numbers=measured(lambda standing: standing.final_loss),
            difference=times,
            better=-1,
        ),
        Column(
            key="best_loss",
            title=tr("best loss"),
            tip=tr("The least loss up to this step.") + "\n" + tr(_BATCHES),
            usual="0.0000e-00",
            numbers=measured(lambda standing: standing.best_loss),
            difference=times,
            better=-1,
        ),
        Column(
            key="smoothness",
            title=tr("smoothness"),
            tip=tr(
                "Of the steps that changed the loss the share on which it fell: falls / (falls + rises).\n"
                "100 %: it only fell; 50 %: it rose as often. What is rounding only does not count.\n"
                "With mini-batches the loss is that of another batch at each step, and rises often."
            ),
            usual="00.0 %",
            numbers=measured(lambda standing: 100 * standing.smoothness),
            show=lambda value: f"{value:.3g} %",
            difference=lambda own, base: more(round(own, 1), round(base, 1)),
            better=1,
        ),
        Column(
            key="gradients",
            title=tr("gradients"),
            tip=tr("How many gradients it has taken so far: one at the start and one after each step"),
            usual="000,000",
            numbers=measured(lambda standing: standing.gradients),
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
            usual="0.0001",
            numbers=lambda subject: [subject.run.lr],
            show=lambda value: f"{value:g}",
            difference=times,
        ),
        Column(
            key="optimizer",
            title=tr("optimizer"),
            tip=tr("The rule that makes a step of the gradient; hold the mouse over it for its numbers"),
            usual="Adam",
            words=lambda subject: subject.run.optimizer.title,
        ),
        Column(
            key="schedule",
            title=tr("schedule"),
            tip=tr("How the rate changes with the step; hold the mouse over it for its numbers"),
            usual="Constant",
            words=lambda subject: subject.run.schedule.title,
        ),
    )


def verdict_of(subject: Subject) -> Key | None:
    """The verdict, over several seeds the most frequent one; None where there is none yet."""
    keys = [standing.key for standing in subject.standings if standing.key is not None]
    return Counter(keys).most_common(1)[0][0] if keys else None


def _verdict_words(subject: Subject) -> str:
    key = verdict_of(subject)
    if key is None:
        return "–" if subject.standings else ""
    count = sum(standing.key == key for standing in subject.standings)
    if count == len(subject.standings):
        return verdict_word(key)
    return f"{verdict_word(key)} " + tr("in {count} of {all}").format(count=count, all=len(subject.standings))
