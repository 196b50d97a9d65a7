"""How a training log is shown and told in the window of the range test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.store.csv.range_test import range_rows
from lrstudio.store.csv.training_log import TrainingLog
from lrstudio.ui.instruments.range_test import words as range_words
from lrstudio.ui.instruments.range_test.log_job import LogFound
from lrstudio.ui.instruments.range_test.panel import RangePanel
from lrstudio.ui.instruments.range_test.plots import Line
from lrstudio.ui.instruments.range_test.suggestion_table import Choice
from lrstudio.ui.look.theme import Theme


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingLog", text)


def show_log(panel: RangePanel, found: LogFound, color: int, theme: Theme) -> None:
    """Show a log as a range test where its rates rise, and loss and rate against the step where they do not."""
    log = found.log
    line = Line(log.title, found.curve, replace(theme.run_style(color), dash=()))
    note = _tr("thick: smoothed {beta:g} · thin: raw").format(beta=found.beta)
    panel.loss.set_titles(_tr("Loss in {name}").format(name=log.title), _tr("rate") if log.rises else _tr("step"), note)
    panel.loss.set_lines([line], against_rate=log.rises)
    panel.rates.set_lines([line] if log.has_rates else [])
    panel.rates.set_titles(_tr("Learning rate"), "")
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
