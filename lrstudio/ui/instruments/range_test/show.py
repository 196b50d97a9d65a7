"""Shows and describes the result of a range test or a training log in the panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.language import sentences, tr
from lrstudio.store.csv.table import range_rows
from lrstudio.store.logs.training_log import TrainingLog
from lrstudio.ui.instruments.range_test import words as range_words
from lrstudio.ui.instruments.range_test.job import RangeTestResult
from lrstudio.ui.instruments.range_test.log_job import LogResult
from lrstudio.ui.instruments.range_test.panel import RangePanel
from lrstudio.ui.instruments.range_test.plots import Line
from lrstudio.ui.instruments.range_test.suggestion_table import Choice
from lrstudio.ui.look.theme import Theme

_FALLING_DASH = (7.0, 4.0)


def show_test(panel: RangePanel, result: RangeTestResult, theme: Theme) -> None:
    """Shows a test in the colour of its run."""
    request = result.request
    style = replace(theme.run_style(request.color), dash=())
    name = tr("rising") if result.rising.rises else tr("falling")
    lines = [Line(name, result.curve, style)]
    if result.falling_curve is not None:
        falling = replace(theme.run_style(request.color + 1), dash=_FALLING_DASH)
        lines.append(Line(tr("falling"), result.falling_curve, falling))
    low, high = sorted((request.test.start_lr, request.test.end_lr))
    ends = low, high
    if result.swept is not None:
        ends = float(result.swept.rates[0]), float(result.swept.rates[-1])
    note = tr("before its step · thick: smoothed {beta:g} · thin: raw", beta=request.test.smooth)
    panel.loss.set_titles(tr("Loss at each rate of the test"), tr("rate"), note)
    panel.loss.set_lines(lines, ends)
    panel.rates.set_lines(lines)
    panel.rates.set_titles(tr("Learning rate"), "")
    panel.show_parts()
    panel.sweep.show_swept(result.swept, ends, style, request.experiment.steps)
    bounds = result.curve.bounds
    panel.show_bounds(bounds, range_words.cycle(bounds) if result.rising.ended != "running" else "")
    choices = _choices(result)
    panel.show_choices(choices, _default_rule(result, choices))
    describe_test(panel, result)


def describe_test(panel: RangePanel, result: RangeTestResult) -> None:
    """Describes the selected suggestion, why the test ended and the result of a falling test."""
    request, choice, answer = result.request, panel.choice, list[str]()
    why = range_words.ended(result.rising, harmless=_harmless(result))
    if not result.rising.rises:
        answer.append(range_words.falling(result.rising, result.rising))
    else:
        if result.rising.ended != "running" and all(suggestion.too_few for suggestion in result.rising.suggestions()):
            answer.append(range_words.too_few(result.rising))
        if result.swept is not None and choice is not None and choice.lr is not None and choice.verdict is not None:
            good, steps = result.swept.good(_begin(result)), request.experiment.steps
            if choice.rule == range_words.BEST and result.complete and not answer and not _right(result, panel.choices):
                answer.append(tr("None of the rules suggests a good rate."))
            answer.append(range_words.compared(choice.rule, choice.lr, choice.verdict, choice.loss, good, steps))
            if request.member.runs[0].law() is None:
                answer.append(tr("No theory known: limit and best rate of this optimizer are measured."))
    if result.falling is not None:
        why += "\n" + range_words.falling(result.rising, result.falling)
    panel.show_texts(sentences(*answer), why)


def _choices(result: RangeTestResult) -> list[Choice]:
    """Returns the suggestions of the rules and the best rate of the sweep, with the results of training."""
    choices = []
    for suggestion in result.curve.suggestions:
        verdict, loss = (None, None) if suggestion.lr is None else result.trained.get(suggestion.lr, (None, None))
        choices.append(Choice(suggestion.rule, suggestion.lr, loss, verdict, suggestion.meaning, suggestion.too_few))
    if result.swept is None:
        return choices
    best = result.swept.best
    if best is None:
        return [*choices, Choice(range_words.BEST, None)]
    verdict, loss = result.swept.near(best.rate)
    return [*choices, Choice(range_words.BEST, best.rate, loss, verdict)]


def _right(result: RangeTestResult, choices: Sequence[Choice]) -> list[str]:
    """Returns the rules whose rates are good according to the sweep."""
    good = None if result.swept is None else result.swept.good(_begin(result))
    if good is None:
        return []
    return [
        choice.rule
        for choice in choices
        if choice.rule != range_words.BEST and range_words.is_right(choice.verdict, choice.loss, good)
    ]


def _default_rule(result: RangeTestResult, choices: Sequence[Choice]) -> str:
    """Returns the first rule whose rate is good; without one, the best constant rate, if it is computed."""
    best = [choice.rule for choice in choices if choice.rule == range_words.BEST and choice.lr is not None]
    return next(iter([*_right(result, choices), *best]), "")


def _harmless(result: RangeTestResult) -> bool:
    """Whether a test in batches was stopped at a rate with which training reduces the loss."""
    if result.swept is None or result.request.experiment.batch_size is None or result.rising.ended != "loss":
        return False
    verdict, loss = result.swept.near(float(result.rising.lr[-1]))
    return verdict != DIVERGED and loss <= _begin(result)


def _begin(result: RangeTestResult) -> float:
    """Returns the initial loss, as far as it is computed."""
    assert result.swept is not None
    first = result.swept.summary.final_loss[np.flatnonzero(result.swept.computed)[:1]]
    return float(np.nanmax(np.concatenate([first, result.rising.loss[:1], [-np.inf]])))


def show_log(panel: RangePanel, result: LogResult, color: int, theme: Theme) -> None:
    """Shows a log as a range test if its rates rise, and otherwise loss and rate against the step."""
    log = result.log
    line = Line(log.title, result.curve, replace(theme.run_style(color), dash=()))
    note = tr("thick: smoothed {beta:g} · thin: raw", beta=result.beta)
    panel.loss.set_titles(tr("Loss in {name}", name=log.title), tr("rate") if log.rises else tr("step"), note)
    panel.loss.set_lines([line], against_rate=log.rises)
    panel.rates.set_lines([line] if log.has_rates else [])
    panel.rates.set_titles(tr("Learning rate"), "")
    panel.show_parts(sweep=False, suggestions=log.rises, rates=log.has_rates)
    panel.show_bounds(result.curve.bounds, range_words.cycle(result.curve.bounds) if log.rises else "")
    panel.show_choices(
        [
            Choice(suggestion.rule, suggestion.lr, help=suggestion.meaning, too_few=suggestion.too_few)
            for suggestion in result.curve.suggestions
        ]
    )
    describe_log(panel, result)


def describe_log(panel: RangePanel, result: LogResult) -> None:
    """Describes the suggestion of the selected rule, or why there is none, and how the log was read."""
    log, choice = result.log, panel.choice
    if not log.rises:
        answer = _why_no_suggestion(log)
    elif choice is not None and choice.lr is not None:
        text = tr("{rule} says {lr}: {meaning}. How good that is only a training tells.")
        rule, meaning = range_words.rule_name(choice.rule), range_words.rule_meaning(choice.rule)
        answer = text.format(rule=rule, lr=range_words.number(choice.lr), meaning=meaning)
    elif choice is not None and choice.too_few:
        answer = tr("No suggestion: these are too few losses for the rule.")
    else:
        answer = tr("The rule has nothing to say of this log.")
    lost = int((~np.isfinite(log.loss)).sum())
    notes = [tr("{count} losses", count=f"{len(log.loss):,}")]
    if lost:
        notes.append(tr("{count} of them are no numbers: the rules read what is before", count=f"{lost:,}"))
    panel.show_texts(answer, "; ".join([*notes, *log.notes]))


def log_rows(result: LogResult) -> Iterator[str]:
    """Yields the CSV lines of a log."""
    log = result.log
    yield from range_rows(log.lr, log.loss, smoothed(log.loss, result.beta), log.step)


def _why_no_suggestion(log: TrainingLog) -> str:
    if not log.has_rates:
        return tr("No suggestion: the log has no rates.")
    if (log.lr <= 0).any():
        return tr(
            "No suggestion: some of the rates are 0, and the rules read the loss against the logarithm of the rate."
        )
    if log.lr.min() == log.lr.max():
        text = tr("No suggestion: the rate is {first} all the time. Rates can be compared only where it rises.")
    else:
        text = tr(
            "No suggestion: the rate goes from {first} to {last} and does not rise all the time, so that a lower loss "
            "may come from the rate or from the steps before."
        )
    return text.format(first=range_words.number(float(log.lr[0])), last=range_words.number(float(log.lr[-1])))
