"""How the result of a range test, or a training log, is shown and described."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.store.csv.table import range_rows
from lrstudio.store.csv.training_log import TrainingLog
from lrstudio.ui.instruments.range_test import words as range_words
from lrstudio.ui.instruments.range_test.job import RangeTestRequest, RangeTestResult
from lrstudio.ui.instruments.range_test.log_job import LogResult
from lrstudio.ui.instruments.range_test.panel import RangePanel
from lrstudio.ui.instruments.range_test.plots import Line
from lrstudio.ui.instruments.range_test.suggestion_table import Choice
from lrstudio.ui.look.theme import RunStyle, Theme

_FALLING_DASH = (7.0, 4.0)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RangeTest", text)


def show_test(panel: RangePanel, result: RangeTestResult, theme: Theme) -> None:
    """Show a test, in the colour of its run."""
    request, style = result.request, _style(result.request, theme)
    name = _tr("rising") if rises(request) else _tr("falling")
    lines = [Line(name, result.curve, style)]
    if result.falling_curve is not None:
        lines.append(Line(_tr("falling"), result.falling_curve, _falling_style(request, theme)))
    low, high = sorted((request.test.start_lr, request.test.end_lr))
    ends = low, high
    if result.swept is not None:
        ends = float(result.swept.rates[0]), float(result.swept.rates[-1])
    note = _tr("before its step · thick: smoothed {beta:g} · thin: raw").format(beta=request.test.smooth)
    panel.loss.set_titles(_tr("Loss at each rate of the test"), _tr("rate"), note)
    panel.loss.set_lines(lines, ends)
    panel.rates.set_lines(lines)
    panel.rates.set_titles(_tr("Learning rate"), "")
    panel.show_parts()
    panel.sweep.show_swept(result.swept, ends, style, request.experiment.steps)
    bounds = result.curve.bounds
    panel.show_bounds(bounds, range_words.cycle(bounds) if result.rising.ended != "running" else "")
    choices = _choices(result)
    panel.show_choices(choices, _advised(result, choices))
    tell_test(panel, result)


def tell_test(panel: RangePanel, result: RangeTestResult) -> None:
    """Say what the test says, why it ended, and what a falling one shows."""
    request, choice, answer = result.request, panel.choice, ""
    why = range_words.ended(result.rising, harmless=_harmless(result))
    if not rises(request):
        answer = range_words.falling(result.rising, result.rising)
    else:
        if result.rising.ended != "running" and all(suggestion.too_few for suggestion in result.rising.suggestions()):
            answer = range_words.too_few(result.rising) + " "
        if result.swept is not None and choice is not None and choice.lr is not None and choice.verdict is not None:
            good, steps = result.swept.good(_begin(result)), request.experiment.steps
            if choice.rule == range_words.BEST and result.complete and not answer and not _right(result, panel.choices):
                answer = range_words.none_is_right() + " "
            answer += range_words.compared(choice.rule, choice.lr, choice.verdict, choice.loss, good, steps)
            if request.member.runs[0].optimizer.recurrence() is None:
                answer += " " + range_words.no_theory()
    if result.falling is not None:
        why += "\n" + range_words.falling(result.rising, result.falling)
    panel.say(answer.strip(), why)


def test_rows(result: RangeTestResult) -> Iterator[str]:
    """The lines of the table of a test."""
    curve = result.rising
    return range_rows(curve.lr, curve.loss, curve.smoothed)


def rises(request: RangeTestRequest) -> bool:
    """Whether the test goes from a lower to a higher rate, as it must to suggest one."""
    return request.test.end_lr > request.test.start_lr


def _choices(result: RangeTestResult) -> list[Choice]:
    """The rules' rates and the sweep's own, with what the sweep knows of them."""
    made = []
    for suggestion in result.curve.suggestions:
        verdict, loss = (None, None) if suggestion.lr is None else result.came_to.get(suggestion.lr, (None, None))
        made.append(Choice(suggestion.rule, suggestion.lr, loss, verdict, suggestion.meaning, suggestion.too_few))
    if result.swept is None:
        return made
    best = result.swept.best
    if best is None:
        return [*made, Choice(range_words.BEST, None)]
    verdict, loss = result.swept.near(best.rate)
    return [*made, Choice(range_words.BEST, best.rate, loss, verdict)]


def _right(result: RangeTestResult, choices: Sequence[Choice]) -> list[str]:
    """The rules whose rates the sweep finds good."""
    good = None if result.swept is None else result.swept.good(_begin(result))
    if good is None:
        return []
    return [
        choice.rule
        for choice in choices
        if choice.rule != range_words.BEST and range_words.is_right(choice.verdict, choice.loss, good)
    ]


def _advised(result: RangeTestResult, choices: Sequence[Choice]) -> str:
    """The first rule whose rate is good; where none is, the best constant rate, if there is one."""
    best = [choice.rule for choice in choices if choice.rule == range_words.BEST and choice.lr is not None]
    return next(iter([*_right(result, choices), *best]), "")


def _harmless(result: RangeTestResult) -> bool:
    """Whether the test in batches was ended by its loss at a rate with which the loss in truth goes down."""
    if result.swept is None or result.request.experiment.batch_size is None or result.rising.ended != "loss":
        return False
    verdict, loss = result.swept.near(float(result.rising.lr[-1]))
    return verdict != DIVERGED and loss <= _begin(result)


def _begin(result: RangeTestResult) -> float:
    """The loss before the first step, as far as it is computed."""
    assert result.swept is not None
    first = result.swept.summary.final_loss[np.flatnonzero(result.swept.computed)[:1]]
    return float(np.nanmax(np.concatenate([first, result.rising.loss[:1], [-np.inf]])))


def _style(request: RangeTestRequest, theme: Theme) -> RunStyle:
    return replace(theme.run_style(request.color), dash=())


def _falling_style(request: RangeTestRequest, theme: Theme) -> RunStyle:
    return replace(theme.run_style(request.color + 1), dash=_FALLING_DASH)


def show_log(panel: RangePanel, result: LogResult, color: int, theme: Theme) -> None:
    """Show a log as a range test where its rates rise, and loss and rate against the step where they do not."""
    log = result.log
    line = Line(log.title, result.curve, replace(theme.run_style(color), dash=()))
    note = _tr("thick: smoothed {beta:g} · thin: raw").format(beta=result.beta)
    panel.loss.set_titles(_tr("Loss in {name}").format(name=log.title), _tr("rate") if log.rises else _tr("step"), note)
    panel.loss.set_lines([line], against_rate=log.rises)
    panel.rates.set_lines([line] if log.has_rates else [])
    panel.rates.set_titles(_tr("Learning rate"), "")
    panel.show_parts(sweep=False, suggestions=log.rises, rates=log.has_rates)
    panel.show_bounds(result.curve.bounds, range_words.cycle(result.curve.bounds) if log.rises else "")
    panel.show_choices(
        [
            Choice(suggestion.rule, suggestion.lr, help=suggestion.meaning, too_few=suggestion.too_few)
            for suggestion in result.curve.suggestions
        ]
    )
    tell_log(panel, result)


def tell_log(panel: RangePanel, result: LogResult) -> None:
    """Say which rate the log suggests or why none, and what was done to it."""
    log, choice = result.log, panel.choice
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


def log_rows(result: LogResult) -> Iterator[str]:
    """The lines of the table of a log; made one by one."""
    log = result.log
    yield from range_rows(log.lr, log.loss, smoothed(log.loss, result.beta), log.step)


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
