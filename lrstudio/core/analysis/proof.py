"""The proof of a verdict: numbers, and a sentence that a student understands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lrstudio.core.analysis.verdict import Key

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Verdict:
    """What a run did. `reason` names the sentence, `numbers` (by name, finite ones only) are what it is told with.

    Numbers: steps, to_go (planned steps that are left), begin, peak and loss (with mini-batches begin and loss are
    over all data), height (see `Evidence.height`) and the base that losses are measured from, lr; left and far
    (shares of the way in loss, and of the distance in the slowest direction), ahead and far_ahead (those after the
    planned steps), factor (of the slope per step, measured; not of mini-batches, nor where the rate changes), turns
    (reversals in the last steps); stretch and chance of a network; and where the curvature is known limit, predicted
    (factor per step), least and greatest curvature, steepest (the one the optimizer feels, scaled where it scales)
    or no_theory (1 where the optimizer declares none); step of arrival or overflow.
    """

    key: Key
    reason: str
    sentence: str
    numbers: Numbers


_SENTENCES: dict[str, str] = {
    "overflow": "It left the numbers a computer has at step {step}.",
    "growth": "Each step makes the slope {factor} times as large: the steps grow and grow.",
    "rise": "In its last steps the loss, or the slope, grows and grows.",
    "runaway": "The loss falls without a floor and ever faster: there is no minimum on this way.",
    "thrown_out": "Large steps have thrown it out: its loss {loss} is far above the {begin} it began with.",
    "lost": "Large steps have thrown it out: its loss {loss} is far above {chance}, which one has that knows nothing.",
    "target": "It had the target loss at step {step}.",
    "minimum": "It is at a minimum: {left} of the way down is left, and {far} of the distance.",
    "minimum_known": "It is at a minimum: {left} of the way down is left.",
    "minimum_begun": "It began at a minimum and is there.",
    "unmoved": "Not one bit of the weights changed in the last steps, though the loss is not at its minimum.",
    "float32": "Its weights are stored with seven digits: what the next step adds is lost in rounding.",
    "nudge": "Its weights are so large that the nudge of the measurement is lost in rounding: the measured slope is 0.",
    "no_rate": "Its rate is 0, so nothing moves.",
    "no_slope": "The slope is exactly 0 here, so no rate can move it.",
    "cycle": "It jumps from side to side for ever: the jumps neither shrink nor grow (factor {factor} per step).",
    "wild": "It jumps about without rest and without coming closer.",
    "turning": "It turned back {turns} times in the last steps, yet comes closer: a step leaves {factor} of the slope.",
    "overshooting": "It turned back {turns} times in the last steps.",
    "faded": "Its rate has faded to {share} of what it was, with {left} of the way still before it.",
    "faded_away": "Its rate has faded to 0, with {left} of the way still before it.",
    "noise": "It jitters in the noise of the mini-batches: a smaller rate at the end, or larger batches, go lower.",
    "thrown": "Large steps made its weights {stretch} times as long, and {left} of the way down is left: the rate "
    "is too large.",
    "thrown_up": "Large steps threw its loss up to {peak}, and {left} of the way down is left: the rate is too large.",
    "flat": "The ground is flatter here than in any bowl around a minimum: the slope tells nothing of the way there.",
    "slow": "At this pace {ahead} of the way down will be left after the planned steps.",
    "slow_direction": "The steep part of the way is done, but in the slowest direction {far_ahead} of the distance "
    "to the minimum will be left after the planned steps.",
    "slow_ended": "The planned steps are over, and {left} of the way down is left.",
    "slow_direction_ended": "The steep part of the way is done, but after the planned steps {far} of the distance "
    "to the minimum is left in the slowest direction.",
    "slow_unknown": "The loss has hardly changed.",
    "pace": "It comes closer: {left} of the way down is left.",
    "falling": "The loss falls.",
    "unclear": "It goes neither clearly down nor clearly up.",
}  # fmt: skip
_INSTEAD = {
    "slow_ended": "slow_unknown", "slow_direction_ended": "slow_unknown",
    "slow": "slow_unknown", "pace": "falling", "turning": "overshooting", "minimum": "minimum_known",
    "minimum_known": "minimum_begun", "growth": "rise", "cycle": "wild",
}  # fmt: skip
"""What is said where a number of the sentence is not known."""
_SHARES = ("left", "far", "ahead", "far_ahead", "share")
_UP = ("overflow", "growth", "rise", "thrown_out", "lost", "thrown", "thrown_up", "nudge")
_LEVEL = ("cycle", "wild")
_DOWN = (
    "turning", "overshooting", "pace", "slow", "slow_direction", "falling", "slow_unknown", "minimum",
    "target", "faded", "faded_away", "noise", "flat",
)  # fmt: skip
"""The reasons of runs that grow, that stay where they are, and that come down: what of the limit fits each."""
_STEADY = ("growth", "cycle", "turning", "overshooting", "pace", "slow", "slow_direction", "falling", "slow_unknown")
"""Where the factor of the last steps is that of steps on a bowl."""
_AT_LIMIT = 1e-6
_SAME_SIDE = 1e-3
"""So far from 1 a factor is all but 1."""
_AGREE = 0.1
"""Measured and predicted factor agree if their distances from 1 differ by no more than this share."""


def verdict(key: Key, reason: str, numbers: Numbers) -> Verdict:
    """The verdict with its sentences: what was seen, and where limit or prediction explain it, how that fits.

    A limit is told of what grows only where the rate is above it, and of what comes down only where it is not; a
    prediction only where it grows, shrinks or stays at 1 as the measured factor does. Elsewhere they are those of
    another place.
    """
    known = {name: value for name, value in numbers.items() if math.isfinite(value)}
    if reason == "turning" and known.get("factor", 2.0) >= 1:
        reason = "overshooting"
    if reason == "pace" and known.get("factor", 0.0) >= 1:
        reason = "falling"
    if reason == "faded" and known.get("share") == 0:
        reason = "faded_away"
    ended = reason in ("slow", "slow_direction") and known.get("to_go", 1.0) <= 0
    seen = _said(f"{reason}_ended" if ended else reason, known)
    said = [seen, _about_limit(reason, known), _about_factor(reason, known)]
    return Verdict(key, reason, " ".join(filter(None, said)), known)


def _about_limit(reason: str, known: Numbers) -> str:
    """On which side of the stability limit the rate is, where that explains what was seen."""
    if "no_theory" in known and reason in (*_UP, *_LEVEL, *_DOWN):
        return "No theory known for this optimizer, so no limit."
    if "limit" not in known or "lr" not in known:
        return ""
    rate, limit = known["lr"], known["limit"]
    at = abs(rate / limit - 1) < _AT_LIMIT
    above = rate > limit and not at
    if not ((reason in _UP and above) or (reason in _LEVEL and (above or at)) or (reason in _DOWN and not above)):
        return ""
    side = "" if at else "above " if above else "below "
    seen = "preconditioned curvature" if "preconditioned" in known else "curvature"
    bent = f"the {seen} λ = {known['steepest']:.4g}" if "steepest" in known else f"this {seen}"
    formula = "2/λ = " if abs(limit * known.get("steepest", 0) / 2 - 1) < _AT_LIMIT else ""
    return f"Its rate {rate:.4g} is {side}the largest stable rate {formula}{limit:.4g} for {bent}."


def _about_factor(reason: str, known: Numbers) -> str:
    """The factor that theory predicts beside the one that was measured.

    The prediction is that of the slowest direction (or of the one that grows fastest), which the steps take on in time;
    where the last ones still had another, the sentence says so.
    """
    if reason not in _STEADY or not {"limit", "predicted", "factor"} <= known.keys():
        return ""
    predicted, measured = known["predicted"], known["factor"]
    low, high = min(predicted, measured) - 1, max(predicted, measured) - 1
    fits = low > 0 if reason in _UP else high <= _SAME_SIDE and (reason not in _LEVEL or low >= -_SAME_SIDE)
    if not fits:
        return ""
    if abs(measured - predicted) > _AGREE * abs(predicted - 1) + _SAME_SIDE:
        return f"Factor per step: {_factor(measured)} measured so far, {_factor(predicted)} predicted in the long run."
    return f"Factor per step: {_factor(predicted)} predicted, {_factor(measured)} measured."


def _said(reason: str, known: Numbers) -> str:
    words = {name: _share(value) if name in _SHARES else _factor(value) for name, value in known.items()}
    words |= {name: f"{known[name]:,.0f}" for name in ("step", "turns") if name in known}
    words |= {name: f"{known[name]:.2g}" for name in ("stretch",) if name in known}
    try:
        return _SENTENCES[reason].format(**words)
    except KeyError:  # one of its numbers is not known
        return _said(_INSTEAD.get(reason, "unclear"), known)


def _share(value: float) -> str:
    """A share in per cent; of what stands above its beginning more than all of the way is left."""
    if value > 1 + 1e-12:
        return "more than all"
    if value < 1e-6:
        return "nothing that counts" if value < 1e-12 else "less than 0.0001 %"
    return f"{100 * value:.3g} %" if value >= 0.995 else f"{100 * value:.2g} %"


def _factor(value: float) -> str:
    """A factor, with as many digits as tell it from 1."""
    text = f"{value:.4g}"
    return f"{value:.7g}" if text == "1" and abs(value - 1) > 1e-7 else text
