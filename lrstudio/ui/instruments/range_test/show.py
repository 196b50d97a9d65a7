"""How the result of a range test, or a training log, is shown and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.store.csv.range_test import range_rows
from lrstudio.store.csv.training_log import TrainingLog
from lrstudio.ui.instruments.range_test import words as range_words
from lrstudio.ui.instruments.range_test.job import Asked, Found
from lrstudio.ui.instruments.range_test.log_import import LogFound
from lrstudio.ui.instruments.range_test.panel import RangePanel
from lrstudio.ui.instruments.range_test.plots import Line
from lrstudio.ui.instruments.range_test.suggestion_table import Choice
from lrstudio.ui.look.theme import RunStyle, Theme

_FALLING_DASH = (7.0, 4.0)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RangeTest", text)


def show_test(panel: RangePanel, found: Found, theme: Theme) -> None:
    """Show a test, in the colour of its run."""
    asked, style = found.asked, _style(found.asked, theme)
    name = _tr("rising") if rises(asked) else _tr("falling")
    lines = [Line(name, found.curve, style)]
    if found.falling_curve is not None:
        lines.append(Line(_tr("falling"), found.falling_curve, _falling_style(asked, theme)))
    low, high = sorted((asked.test.start_lr, asked.test.end_lr))
    ends = low, high
    if found.swept is not None:
        ends = float(found.swept.rates[0]), float(found.swept.rates[-1])
    note = _tr("before its step · thick: smoothed {beta:g} · thin: raw").format(beta=asked.test.smooth)
    panel.loss.set_titles(_tr("loss of each iteration"), _tr("rate"), note)
    panel.loss.set_lines(lines, ends)
    panel.rates.set_lines(lines)
    panel.rates.set_titles(_tr("rate at each iteration"), "")
    panel.show_parts()
    panel.sweep.show_swept(found.swept, ends, style, asked.experiment.steps)
    bounds = found.curve.bounds
    panel.show_bounds(bounds, range_words.cycle(bounds) if found.rising.ended != "running" else "")
    choices = _choices(found)
    panel.show_choices(choices, _advised(found, choices))
    tell_test(panel, found)


def tell_test(panel: RangePanel, found: Found) -> None:
    """Say what the test says, why it ended, and what a falling one shows."""
    asked, choice, answer = found.asked, panel.choice, ""
    why = range_words.ended(found.rising, harmless=_harmless(found))
    if not rises(asked):
        answer = range_words.falling(found.rising, found.rising)
    else:
        if found.rising.ended != "running" and all(known.too_few for known in found.rising.suggestions()):
            answer = range_words.too_few(found.rising) + " "
        if found.swept is not None and choice is not None and choice.lr is not None and choice.verdict is not None:
            good, steps = found.swept.good(_begin(found)), asked.experiment.steps
            if choice.rule == range_words.BEST and found.complete and not answer and not _right(found, panel.choices):
                answer = range_words.none_is_right() + " "
            answer += range_words.compared(choice.rule, choice.lr, choice.verdict, choice.loss, good, steps)
            if asked.member.runs[0].optimizer.recurrence() is None:
                answer += " " + range_words.no_theory()
    if found.falling is not None:
        why += "\n" + range_words.falling(found.rising, found.falling)
    panel.say(answer.strip(), why)


def test_rows(found: Found) -> Iterator[str]:
    """The lines of the table of a test."""
    curve = found.rising
    return range_rows(curve.lr, curve.loss, curve.smoothed)


def rises(asked: Asked) -> bool:
    """Whether the test goes from a lower to a higher rate, as it must to suggest one."""
    return asked.test.end_lr > asked.test.start_lr


def _choices(found: Found) -> list[Choice]:
    """The rules' rates and the sweep's own, with what the sweep knows of them."""
    made = []
    for known in found.curve.suggestions:
        verdict, loss = (None, None) if known.lr is None else found.came_to.get(known.lr, (None, None))
        made.append(Choice(known.rule, known.lr, loss, verdict, known.meaning, known.too_few))
    if found.swept is None:
        return made
    best = found.swept.best
    if best is None:
        return [*made, Choice(range_words.BEST, None)]
    verdict, loss = found.swept.near(best.rate)
    return [*made, Choice(range_words.BEST, best.rate, loss, verdict)]


def _right(found: Found, choices: Sequence[Choice]) -> list[str]:
    """The rules whose rates the sweep finds good."""
    good = None if found.swept is None else found.swept.good(_begin(found))
    if good is None:
        return []
    return [
        choice.rule
        for choice in choices
        if choice.rule != range_words.BEST and range_words.is_right(choice.verdict, choice.loss, good)
    ]


def _advised(found: Found, choices: Sequence[Choice]) -> str:
    """The first rule whose rate is good; where none is, the best constant rate, if there is one."""
    best = [choice.rule for choice in choices if choice.rule == range_words.BEST and choice.lr is not None]
    return next(iter([*_right(found, choices), *best]), "")


def _harmless(found: Found) -> bool:
    """Whether the test in batches was ended by its loss at a rate with which the loss in truth goes down."""
    if found.swept is None or found.asked.experiment.batch_size is None or found.rising.ended != "loss":
        return False
    verdict, loss = found.swept.near(float(found.rising.lr[-1]))
    return verdict != DIVERGED and loss <= _begin(found)


def _begin(found: Found) -> float:
    """The loss before the first step, as far as it is known."""
    assert found.swept is not None
    first = found.swept.summary.final_loss[np.flatnonzero(found.swept.known)[:1]]
    return float(np.nanmax(np.concatenate([first, found.rising.loss[:1], [-np.inf]])))


def _style(asked: Asked, theme: Theme) -> RunStyle:
    return replace(theme.run_style(asked.looks), dash=())


def _falling_style(asked: Asked, theme: Theme) -> RunStyle:
    return replace(theme.run_style(asked.looks + 1), dash=_FALLING_DASH)


def show_log(panel: RangePanel, found: LogFound, color: int, theme: Theme) -> None:
    """Show a log as a range test where its rates rise, and loss and rate against the step where they do not."""
    log = found.log
    line = Line(log.title, found.curve, replace(theme.run_style(color), dash=()))
    note = _tr("thick: smoothed {beta:g} · thin: raw").format(beta=found.beta)
    panel.loss.set_titles(_tr("loss in {name}").format(name=log.title), _tr("rate") if log.rises else _tr("step"), note)
    panel.loss.set_lines([line], against_rate=log.rises)
    panel.rates.set_lines([line] if log.has_rates else [])
    panel.rates.set_titles(_tr("rate at each step"), "")
    panel.show_parts(sweep=False, suggestions=log.rises, rates=log.has_rates)
    panel.show_bounds(found.curve.bounds, range_words.cycle(found.curve.bounds) if log.rises else "")
    panel.show_choices(
        [Choice(known.rule, known.lr, help=known.meaning, too_few=known.too_few) for known in found.curve.suggestions]
    )
    tell_log(panel, found)


def tell_log(panel: RangePanel, found: LogFound) -> None:
    """Say which rate the log suggests or why none, and what was done to it."""
    log, choice = found.log, panel.choice
    if not log.rises:
        answer = _why_not(log)
    elif choice is not None and choice.lr is not None:
        text = _tr("{rule} says {lr}: {meaning}. How good that is only a training tells.")
        rule, meaning = range_words.rule_name(choice.rule), range_words.rule_meaning(choice.rule)
        answer = text.format(rule=rule, lr=range_words.number(choice.lr), meaning=meaning)
    elif choice is not None and choice.too_few:
        answer = _tr("No suggestion: these are too few losses for the rule.")
    else:
        answer = _tr("The rule has nothing to say of this log.")
    lost = int((~np.isfinite(log.loss)).sum())
    notes = [_tr("{count} losses").format(count=f"{len(log.loss):,}")]
    if lost:
        notes.append(_tr("{count} of them are no numbers: the rules read what is before").format(count=f"{lost:,}"))
    panel.say(answer, "; ".join([*notes, *log.notes]))


def log_rows(found: LogFound) -> Iterator[str]:
    """The lines of the table of a log; nothing is made before the first is asked for."""
    log = found.log
    yield from range_rows(log.lr, log.loss, smoothed(log.loss, found.beta), log.step)


def _why_not(log: TrainingLog) -> str:
    if not log.has_rates:
        return _tr("No suggestion: the log has no rates.")
    if (log.lr <= 0).any():
        return _tr(
            "No suggestion: some of the rates are 0, and the rules read the loss against the logarithm of the rate."
        )
    if log.lr.min() == log.lr.max():
        text = _tr("No suggestion: the rate is {first} all the time. Rates can be compared only where it rises.")
    else:
        text = _tr(
            "No suggestion: the rate goes from {first} to {last} and does not rise all the time, so that a lower loss "
            "may come from the rate or from the steps before."
        )
    return text.format(first=range_words.number(float(log.lr[0])), last=range_words.number(float(log.lr[-1])))
