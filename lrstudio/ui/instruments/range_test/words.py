"""The texts of the range test's window."""

from __future__ import annotations

import math

import numpy as np

from lrstudio.core.analysis.cycle_bounds import CycleBounds
from lrstudio.core.analysis.good_rates import GoodRates
from lrstudio.core.analysis.suggestions import fewest
from lrstudio.core.analysis.verdict import DIVERGED, TOO_SLOW
from lrstudio.core.language import sentences, tr
from lrstudio.engine.sweep.range_test import RangeCurve

BEST = "best"
"""Key of the best rate of the sweep, beside the keys of the rules."""
SYMBOLS = {
    "valley": "o", "slide": "s", "minimum": "p", "steep": "d", "lightning": "t2", "torch_lr_finder": "t3", BEST: "star",
}  # fmt: skip


def number(value: float) -> str:
    """Returns a number with three significant digits."""
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"
    return text.replace(",", "\u202f").replace("-", "−")


def rule_name(rule: str) -> str:
    """Returns the name of a rule."""
    return {
        "valley": tr("valley"),
        "slide": tr("slide"),
        "minimum": tr("minimum/10"),
        "steep": tr("steep"),
        "lightning": tr("Lightning"),
        "torch_lr_finder": tr("torch-lr-finder"),
        BEST: tr("best constant"),
    }[rule]


def rule_meaning(rule: str) -> str:
    """Returns the criterion of a rule."""
    return {
        "valley": tr("well inside the longest fall (fastai's default)"),
        "slide": tr("just before the loss blows up"),
        "minimum": tr("a tenth of the rate with the least loss"),
        "steep": tr("fastest fall for a factor of the rate"),
        "lightning": tr("fastest fall against the rate itself"),
        "torch_lr_finder": tr("greatest fall from rate to rate, much smoothed"),
        BEST: tr("about the least loss in the last quarter"),
    }[rule]


def ended(curve: RangeCurve, *, harmless: bool = False) -> str:
    """Returns why a test ended; `harmless`: training in batches reduces the loss at the test's last rate."""
    count, test = len(curve.loss), curve.test
    if not count:
        return tr("The loss at the start is no number: there is nothing to test.")
    if curve.ended == "loss":
        advice = tr(
            "Trained with this rate the loss does not rise: that was an unlucky batch. Take larger batches, more "
            "seeds or a larger factor."
        )
        return sentences(_too_high(curve), advice if harmless else "")
    if curve.ended == "overflow":
        text = tr("Ended after iteration {step}, rate {lr}: the numbers overflowed.")
        return text.format(step=count - 1, lr=number(curve.lr[-1]))
    if curve.ended == "end":
        if math.isinf(test.stops_above):
            text = tr("All {count} rates were tried.")
        elif curve.watched.min() > 0:
            text = tr("All {count} rates were tried; the {which} never rose above {factor:g} × the best.")
        else:
            text = tr("All {count} rates were tried; the {which} never rose too far above the best.")
        return text.format(count=count, which=_watched(curve), factor=test.stops_above)
    return tr("{count} of {all} rates", count=count, all=test.num + 1)


def _watched(curve: RangeCurve) -> str:
    return tr("raw loss") if curve.test.stop_on == "raw" else tr("smoothed loss")


def _too_high(curve: RangeCurve) -> str:
    """Returns the text of the loss and the limit that stopped the test."""
    before, factor = curve.watched[:-1], curve.test.stops_above
    best, spread = float(before.min()), float(before.max() - before.min())
    if best > 0:
        text = tr("Ended at iteration {step}, rate {lr}: the {which} {loss} is above {factor:g} × the best, {best}.")
    else:
        text = tr(
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
    """Returns the text for too few losses for all rules."""
    text = tr("No suggestion: {count} losses are too few, the rules need {needed}.")
    return text.format(count=len(curve.loss), needed=fewest(curve.test.num))


def is_right(verdict: int | None, loss: float | None, good: GoodRates) -> bool:
    """Whether training with this verdict and final loss is as good as with the best rates."""
    if verdict is None or loss is None or verdict == DIVERGED or (verdict == TOO_SLOW and not good.slow):
        return False
    return loss <= good.enough


def compared(rule: str, rate: float, verdict: int, loss: float | None, good: GoodRates | None, steps: int) -> str:
    """Returns how a suggested rate, whose training ended with a verdict and a loss, compares with the good rates."""
    if good is None:
        return tr("The sweep: no constant rate brings the loss down in {steps} steps.", steps=steps)
    nearest = good.nearest(rate)
    factor = number(max(nearest / rate, rate / nearest))
    truth = _truth(good, steps)
    if rule == BEST:
        return truth
    suggestion = tr("{rule} says {lr}", rule=rule_name(rule), lr=number(rate))
    if verdict == DIVERGED:
        text = tr("The test misleads: {says}, but trained with it the run diverges. {truth}")
    elif is_right(verdict, loss, good):
        text = tr("The test is right: {says}. {truth}")
    elif rate < nearest or verdict == TOO_SLOW:
        text = tr("The test is {factor} times too careful: {says}, which ends at the loss {loss}. {truth}")
    else:
        text = tr("The test is {factor} times too bold: {says}, which ends at the loss {loss}. {truth}")
    return text.format(says=suggestion, truth=truth, factor=factor, loss="" if loss is None else number(loss))


def _truth(good: GoodRates, steps: int) -> str:
    """Returns the text of the good constant rates."""
    if len(good.rates) == 1:
        text = tr("Trained for {steps} steps, the best constant rate, {best}, ends at {least}.")
    else:
        text = tr(
            "Trained for {steps} steps, constant rates from {low} to {high} are good; "
            "the best, {best}, ends at {least}."
        )
    low, high = number(good.rates[0]), number(good.rates[-1])
    return text.format(steps=steps, best=number(good.best), least=number(good.loss), low=low, high=high)


def falling(rising: RangeCurve, falling: RangeCurve) -> str:
    """Returns why the rate must rise, from the results of a rising and of a falling test."""
    start = float(rising.loss[0]) if len(rising.loss) else np.nan
    worst = float(np.nanmax(falling.loss)) if len(falling.loss) else np.nan
    values = {"lr": number(falling.test.start_lr), "start": number(start), "worst": number(worst)}
    if falling.ended == "overflow":
        text = tr(
            "Falling: the very first rates, from {lr} on, throw the weights out until the numbers overflow. Nothing is "
            "learned about smaller rates: it must rise."
        )
    elif worst - start > (start if start > 0 else start - float(np.nanmin(rising.loss))):
        text = tr(
            "Falling: the first rates, from {lr} on, throw the loss from {start} up to {worst}. Every later loss "
            "is one after that damage and says nothing about its own rate: it must rise."
        )
    else:
        text = tr(
            "Falling: the first rates, from {lr} on, do all the work, and the small ones come when nothing is left to "
            "do. The curve no longer shows where a good rate begins: it must rise."
        )
    return text.format(**values)


def cycle(bounds: CycleBounds | None) -> str:
    """Returns how the rates of a cycle are chosen."""
    if bounds is None:
        return tr("No cycle can be read off: the loss does not fall, or there are too few losses.")
    if not bounds.is_measured:
        text = tr(
            "A cycle: max_lr {high}, the least loss. The fall is too steep to say where it begins: base_lr {low}, "
            "a quarter."
        )
    else:
        text = tr(
            "A cycle: base_lr {low}, where the loss has begun to fall (a tenth of the way), max_lr {high}, where it "
            "falls no further."
        )
    return text.format(low=number(bounds.base_lr), high=number(bounds.max_lr))
