"""What a range test's window says, in sentences."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication

from lrstudio.core.analysis.cycle_bounds import CycleBounds
from lrstudio.core.analysis.good_rates import GoodRates
from lrstudio.core.analysis.suggestions import fewest
from lrstudio.core.analysis.verdict import DIVERGED, TOO_SLOW
from lrstudio.engine.sweep.range_test import RangeCurve

BEST = "best"
"""The row of the sweep's own best rate, beside those of the rules."""
SYMBOLS = {"valley": "o", "slide": "s", "minimum": "p", "steep": "d", "lightning": "t2", BEST: "star"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("RangeTest", text)


def number(value: float) -> str:
    """Three digits of a number, as it is read."""
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"
    return text.replace(",", "\u202f").replace("-", "−")


def rule_name(rule: str) -> str:
    """What a rule is called."""
    return {
        "valley": _tr("valley"),
        "slide": _tr("slide"),
        "minimum": _tr("minimum/10"),
        "steep": _tr("steep"),
        "lightning": _tr("Lightning"),
        BEST: _tr("best constant"),
    }[rule]


def rule_meaning(rule: str) -> str:
    """What a rule looks for, in a few words."""
    return {
        "valley": _tr("well inside the longest fall (fastai's default)"),
        "slide": _tr("just before the loss blows up"),
        "minimum": _tr("a tenth of the rate with the least loss"),
        "steep": _tr("fastest fall for a factor of the rate"),
        "lightning": _tr("fastest fall against the rate itself"),
        BEST: _tr("about the least loss in the last quarter"),
    }[rule]


def ended(curve: RangeCurve, *, harmless: bool = False) -> str:
    """Why a test ended; `harmless` is whether a training in batches goes on well at the rate at which it did."""
    count, test = len(curve.loss), curve.test
    if not count:
        return _tr("The loss at the start is no number: there is nothing to test.")
    if curve.ended == "loss":
        told = _too_high(curve)
        if harmless:
            told += " " + _tr(
                "Trained with this rate the loss does not rise: that was an unlucky batch. Take larger batches, more "
                "seeds or a larger factor."
            )
        return told
    if curve.ended == "overflow":
        text = _tr("Ended after iteration {step}, rate {lr}: the numbers overflowed.")
        return text.format(step=count - 1, lr=number(curve.lr[-1]))
    if curve.ended == "end":
        if math.isinf(test.stops_above):
            text = _tr("All {count} rates were tried.")
        elif curve.watched.min() > 0:
            text = _tr("All {count} rates were tried; the {which} never rose above {factor:g} × the best.")
        else:
            text = _tr("All {count} rates were tried; the {which} never rose too far above the best.")
        return text.format(count=count, which=_watched(curve), factor=test.stops_above)
    return _tr("{count} of {all} rates").format(count=count, all=test.num + 1)


def _watched(curve: RangeCurve) -> str:
    return _tr("raw loss") if curve.test.stop_on == "raw" else _tr("smoothed loss")


def _too_high(curve: RangeCurve) -> str:
    """By which loss and which limit the test was stopped."""
    before, factor = curve.watched[:-1], curve.test.stops_above
    best, spread = float(before.min()), float(before.max() - before.min())
    if best > 0:
        text = _tr("Ended at iteration {step}, rate {lr}: the {which} {loss} is above {factor:g} × the best, {best}.")
    else:
        text = _tr(
            "Ended at iteration {step}, rate {lr}: the {which} {loss} is above {limit}: the best, {best}, plus "
            "{more:g} × the spread of the losses before, {spread}."
        )
    return text.format(
        step=len(curve.loss) - 1,
        lr=number(curve.lr[-1]),
        which=_watched(curve),
        loss=number(curve.watched[-1]),
        factor=factor,
        more=factor - 1,
        limit=number(curve.limit),
        best=number(best),
        spread=number(spread),
    )


def too_few(curve: RangeCurve) -> str:
    """That there are not enough losses for any rule."""
    text = _tr("No suggestion: {count} losses are too few, the rules need {needed}.")
    return text.format(count=len(curve.loss), needed=fewest(curve.test.num))


def none_is_right() -> str:
    """That no rule has found a good rate."""
    return _tr("None of the rules suggests a good rate.")


def no_theory() -> str:
    """That limit and best rate are measured only."""
    return _tr("No theory known: limit and best rate of this optimizer are measured.")


def is_right(verdict: int | None, loss: float | None, good: GoodRates) -> bool:
    """Whether a training that came to this is as good as the best ones."""
    if verdict is None or loss is None or verdict == DIVERGED or (verdict == TOO_SLOW and not good.slow):
        return False
    return loss <= good.enough


def compared(rule: str, rate: float, verdict: int, loss: float | None, good: GoodRates | None, steps: int) -> str:
    """Whether and by how much a suggested rate is off, by what came of training with it and by the good rates."""
    if good is None:
        return _tr("The sweep: no constant rate brings the loss down in {steps} steps.").format(steps=steps)
    nearest = good.nearest(rate)
    factor = number(max(nearest / rate, rate / nearest))
    truth = _truth(good, steps)
    if rule == BEST:
        return truth
    says = _tr("{rule} says {lr}").format(rule=rule_name(rule), lr=number(rate))
    if verdict == DIVERGED:
        text = _tr("The test misleads: {says}, but trained with it the run diverges. {truth}")
    elif is_right(verdict, loss, good):
        text = _tr("The test is right: {says}. {truth}")
    elif rate < nearest or verdict == TOO_SLOW:
        text = _tr("The test is {factor} times too careful: {says}, which ends at the loss {loss}. {truth}")
    else:
        text = _tr("The test is {factor} times too bold: {says}, which ends at the loss {loss}. {truth}")
    return text.format(says=says, truth=truth, factor=factor, loss="" if loss is None else number(loss))


def _truth(good: GoodRates, steps: int) -> str:
    """Which constant rates are good."""
    if len(good.rates) == 1:
        text = _tr("Trained for {steps} steps, the best constant rate, {best}, ends at {least}.")
    else:
        text = _tr(
            "Trained for {steps} steps, constant rates from {low} to {high} are good; "
            "the best, {best}, ends at {least}."
        )
    low, high = number(good.rates[0]), number(good.rates[-1])
    return text.format(steps=steps, best=number(good.best), least=number(good.loss), low=low, high=high)


def falling(rising: RangeCurve, back: RangeCurve) -> str:
    """What a falling test shows: why the rate must rise."""
    start = float(rising.loss[0]) if len(rising.loss) else np.nan
    worst = float(np.nanmax(back.loss)) if len(back.loss) else np.nan
    values = {"lr": number(back.test.start_lr), "start": number(start), "worst": number(worst)}
    if back.ended == "overflow":
        text = _tr(
            "Falling: the very first rates, from {lr} on, throw the weights out until the numbers overflow. Nothing is "
            "learned about smaller rates: it must rise."
        )
    elif worst - start > (start if start > 0 else start - float(np.nanmin(rising.loss))):
        text = _tr(
            "Falling: the first rates, from {lr} on, throw the loss from {start} up to {worst}. Every later loss "
            "is one after that damage and says nothing about its own rate: it must rise."
        )
    else:
        text = _tr(
            "Falling: the first rates, from {lr} on, do all the work, and the small ones come when nothing is left to "
            "do. The curve no longer shows where a good rate begins: it must rise."
        )
    return text.format(**values)


def cycle(bounds: CycleBounds | None) -> str:
    """How the two rates of a cycle are chosen."""
    if bounds is None:
        return _tr("No cycle can be read off: the loss does not fall, or there are too few losses.")
    if not bounds.told:
        text = _tr(
            "A cycle: max_lr {high}, the least loss. The fall is too steep to say where it begins: base_lr {low}, "
            "a quarter."
        )
    else:
        text = _tr(
            "A cycle: base_lr {low}, where the loss has begun to fall (a tenth of the way), max_lr {high}, where it "
            "falls no further."
        )
    return text.format(low=number(bounds.base_lr), high=number(bounds.max_lr))
