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

    Numbers: steps, loss, lr; left (share of the way in loss), factor (per step, measured), turns (reversals in the last
    steps); and where the curvature is known limit, predicted (factor per step), least and greatest curvature, steepest
    (the one the optimizer feels, scaled where it scales); step of arrival or overflow.
    """

    key: Key
    reason: str
    sentence: str
    numbers: Numbers


_SENTENCES: dict[str, str] = {
    "overflow": "It left the numbers a computer has at step {step}.",
    "growth": "Each step makes the slope {factor} times as large: the steps grow and grow.",
    "runaway": "The loss falls without a floor and ever faster: there is no minimum on this way.",
    "target": "It had the target loss at step {step}.",
    "minimum": "It is at a minimum: {left} of the way down is left.",
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
    "noise": "It jitters in the noise of the mini-batches: a smaller rate at the end, or larger batches, go lower.",
    "thrown": "Large steps made its weights {stretch} times as long and the loss no better: the rate is too large.",
    "flat": "The ground is flatter here than in any bowl around the minimum: the slope tells nothing of the way there.",
    "slow": "At this pace {ahead} of the way down will be left after the planned steps.",
    "slow_unknown": "The loss has hardly changed.",
    "pace": "It comes closer: {left} of the way down is left.",
    "falling": "The loss falls.",
}  # fmt: skip
_INSTEAD = {"slow": "slow_unknown", "pace": "falling", "turning": "overshooting"}
_SHARES = ("left", "ahead", "share")
_STEADY = ("overflow", "growth", "cycle", "turning", "overshooting", "pace", "slow", "falling", "slow_unknown")
"""Where the factor of the last steps is that of steps on a bowl."""
_AT_LIMIT = 1e-6


def verdict(key: Key, reason: str, numbers: Numbers) -> Verdict:
    """The verdict with its sentences: what was seen, and where limit or prediction are known, how that fits."""
    known = {name: value for name, value in numbers.items() if math.isfinite(value)}
    if reason == "turning" and known.get("factor", 2.0) >= 1:
        reason = "overshooting"
    said = [_said(reason, known), _about_limit(reason, known)]
    if "predicted" in known and "factor" in known and reason in _STEADY:
        predicted, measured = _factor(known["predicted"]), _factor(known["factor"])
        said.append(f"Factor per step: {predicted} predicted, {measured} measured.")
    return Verdict(key, reason, " ".join(filter(None, said)), known)


def _about_limit(reason: str, known: Numbers) -> str:
    """On which side of the stability limit the rate is; of what has arrived only where that explains it."""
    if "limit" not in known or "lr" not in known:
        return ""
    rate, limit = known["lr"], known["limit"]
    if reason in ("minimum", "target") and rate > limit:
        return ""
    side = "above" if rate > limit else "below"
    side = "just" if abs(rate / limit - 1) < _AT_LIMIT else side
    bent = f"curvature {known['steepest']:.4g}" if "steepest" in known else "this curvature"
    return f"Its rate {rate:.4g} is {side} the limit {limit:.4g} for {bent}."


def _said(reason: str, known: Numbers) -> str:
    words = {name: _share(value) if name in _SHARES else _factor(value) for name, value in known.items()}
    words |= {name: f"{known[name]:,.0f}" for name in ("step", "turns") if name in known}
    words |= {name: f"{known[name]:.2g}" for name in ("stretch",) if name in known}
    try:
        return _SENTENCES[reason].format(**words)
    except KeyError:  # one of its numbers is not known
        return _SENTENCES[_INSTEAD.get(reason, "wild")]


def _share(value: float) -> str:
    """A share in per cent."""
    if value < 1e-6:
        return "nothing that counts" if value < 1e-12 else "less than 0.0001 %"
    return f"{100 * value:.2g} %"


def _factor(value: float) -> str:
    """A factor, with as many digits as tell it from 1."""
    text = f"{value:.4g}"
    return f"{value:.7g}" if text == "1" and abs(value - 1) > 1e-7 else text
