"""The columns that the comparison has, in their order."""

from __future__ import annotations

from collections import Counter

from lrstudio.core.analysis.verdict import VERDICTS, Key
from lrstudio.ui.instruments.compare.columns import Column, Subject, measured, more, times, tr
from lrstudio.ui.look.verdict_style import verdict_word

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
