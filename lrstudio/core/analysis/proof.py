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
    steps); and where the curvature is known limit, predicted (factor per step), least and greatest curvature; step of
    arrival or overflow.
    """

    key: Key
    reason: str
    sentence: str
    numbers: Numbers


_SENTENCES: dict[str, str] = {
    "overflow": "It left the numbers a computer has at step {step:.0f}.",
    "growth": "Each step makes the slope {factor:.4g} times as large: the steps grow and grow.",
    "runaway": "The loss falls without a floor and ever faster: there is no minimum on this way.",
    "target": "It had the target loss at step {step:.0f}.",
    "minimum": "It is at a minimum: less than {left:.2g} of the way down is left.",
    "unmoved": "Not one bit of the weights changed in the last steps, though the loss is not at its minimum.",
    "float32": "Its weights are stored with seven digits: what the next step adds is lost in rounding.",
    "nudge": "Its weights are so large that the nudge of the measurement is lost in rounding: the measured slope is 0.",
    "no_rate": "Its rate is 0, so nothing moves.",
    "no_slope": "The slope is exactly 0 here, so no rate can move it.",
    "cycle": "It jumps from side to side for ever: the jumps neither shrink nor grow (factor {factor:.4g} per step).",
    "wild": "It jumps about without rest and without coming closer.",
    "turning": "It turned back {turns:.0f} times in the last steps, yet the slope shrinks by {factor:.4g} each step.",
    "faded": "Its rate has faded to {share:.1g} of what it was, with {left:.2g} of the way still before it.",
    "noise": "It jitters in the noise of the mini-batches: a smaller rate at the end, or larger batches, go lower.",
    "flat": "The ground is flatter here than in any bowl around the minimum: the slope tells nothing of the way there.",
    "slow": "At this pace {ahead:.2g} of the way down will be left after the planned steps.",
    "slow_unknown": "The loss has hardly changed.",
    "pace": "The way that is left shrinks: {left:.2g} of it remains.",
    "falling": "The loss falls.",
}  # fmt: skip


def verdict(key: Key, reason: str, numbers: Numbers) -> Verdict:
    """The verdict with its sentences: what was seen, and where limit or prediction are known, how that fits."""
    known = {name: value for name, value in numbers.items() if math.isfinite(value)}
    said = [_said(reason, known)]
    if "limit" in known and "lr" in known:
        above = "above" if known["lr"] > known["limit"] else "below"
        said.append(f"Its rate {known['lr']:.4g} is {above} the limit {known['limit']:.4g} for this curvature.")
    if "predicted" in known and "factor" in known and reason not in ("unmoved", "float32", "nudge", "minimum"):
        said.append(f"Factor per step: predicted {known['predicted']:.4g}, measured {known['factor']:.4g}.")
    return Verdict(key, reason, " ".join(said), known)


def _said(reason: str, known: Numbers) -> str:
    try:
        return _SENTENCES[reason].format(**known)
    except KeyError:  # one of its numbers is not known
        return _SENTENCES[{"slow": "slow_unknown", "pace": "falling"}.get(reason, "wild")]
