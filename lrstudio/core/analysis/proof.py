"""The explanation of a verdict: its numbers, and sentences for students."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lrstudio.core.analysis.verdict import Key
from lrstudio.core.formula.typeset import power_of_ten
from lrstudio.core.language import mark, sentences, tr
from lrstudio.core.record import dataclass

Numbers = Mapping[str, float]
WORDS = {
    "too_slow": mark("too slow"),
    "converging": mark("converging"),
    "arrived": mark("arrived"),
    "oscillating": mark("oscillating"),
    "cycling": mark("cycling"),
    "diverged": mark("diverged"),
    "stuck": mark("stuck"),
    "plateau": mark("plateau"),
    "too_large": mark("too large"),
}
"""The names of verdicts, and of rates beyond those of the verdicts."""


@dataclass(frozen=True)
class Verdict:
    """A verdict with its explanation: `reason` is the key of the sentence, `numbers` are its finite values by name.

    Numbers: steps, to_go (planned steps left), begin, peak and loss (with mini-batches begin and loss are over all
    data), late_loss (`Evidence.late_loss`) and base (`verdict.base`), lr; left and far (`loss_left`, `distance_left`),
    ahead and far_ahead (the same after the planned steps), factor (of the gradient norm per step, measured; not with
    mini-batches or a changing rate), turns (reversals in the last steps); stretch (`weight_growth`) and chance
    (`chance_loss`) of a network; if the curvature is known limit, predicted (factor per step), least and greatest
    curvature, steepest (the largest preconditioned curvature), or no_theory (1 for an optimizer without theory,
    2 for one that has none with factors of the rate); step
    of arrival or overflow; weights, how many there are.
    """

    key: Key
    reason: str
    numbers: Numbers

    @property
    def word(self) -> str:
        """The name of the verdict."""
        return tr(WORDS[self.key])

    @property
    def sentence(self) -> str:
        """The observation, and how limit and predicted factor explain it.

        The limit appears only if its side of the rate fits the observation, the prediction only if both factors are
        above, below or at 1; otherwise they belong to other weights.
        """
        ended = self.reason in ("slow", "slow_direction") and self.numbers.get("to_go", 1.0) <= 0
        key = f"{self.reason}_ended" if ended else self.reason
        if self.numbers.get("weights") == 1 and f"{key}_one" in _SENTENCES:
            key += "_one"  # with one weight there is one direction
        observation = _sentence(key, self.numbers)
        return sentences(observation, _about_limit(self.reason, self.numbers), _about_factor(self.reason, self.numbers))

    def without_theory(self) -> Verdict:
        """Returns the verdict with what was observed only: without limit, curvatures and predicted factor."""
        return verdict(self.key, self.reason, {name: n for name, n in self.numbers.items() if name not in _THEORY})


_SENTENCES: dict[str, str] = {
    "overflow": mark("It left the numbers a computer has at step {step}."),
    "growth": mark("Each step makes the slope {factor} times as large: the steps grow and grow."),
    "rise": mark("In its last steps the loss, or the slope, grows and grows."),
    "unbounded": mark("The loss falls without a floor and ever faster: there is no minimum on this way."),
    "above_start": mark("Large steps have thrown it out: its loss {loss} is far above the {begin} it began with."),
    "above_chance": mark(
        "Large steps have thrown it out: its loss {loss} is far above {chance}, which one has that knows nothing."
    ),
    "target": mark("It had the target loss at step {step}."),
    "minimum": mark(
        "It is at a minimum: {left} of the way down is left, and in the slowest direction {far} of the distance."
    ),
    "minimum_one": mark("It is at a minimum: {left} of the way down and {far} of the distance are left."),
    "minimum_known": mark("It is at a minimum: {left} of the way down is left."),
    "minimum_begun": mark("It began at a minimum and is there."),
    "unchanged": mark("Not one bit of the weights changed in the last steps, though the loss is not at its minimum."),
    "float32": mark("Its weights are stored with seven digits: what the next step adds is lost in rounding."),
    "rounded": mark(
        "Its weights are so large that the nudge of the measurement is lost in rounding: the measured slope is 0."
    ),
    "zero_rate": mark("Its rate is 0, so nothing moves."),
    "zero_gradient": mark("The slope is exactly 0 here, so no rate can move it."),
    "cycle": mark("It jumps from side to side for ever: the jumps neither shrink nor grow (factor {factor} per step)."),
    "erratic": mark("It jumps about without rest and without coming closer."),
    "reversing": mark(
        "It turned back {turns} times in the last steps, yet comes closer: each step multiplies the slope by {factor}."
    ),
    "reversals": mark("It turned back {turns} times in the last steps."),
    "faded": mark("Its rate has faded to {share} of what it was, with {left} of the way still before it."),
    "faded_away": mark("Its rate has faded to 0, with {left} of the way still before it."),
    "noise": mark(
        "It jitters in the noise of the mini-batches: a smaller rate at the end, or larger batches, go lower."
    ),
    "weights_grew": mark(
        "Large steps made its weights {stretch} times as long, and {left} of the way down is left: "
        "the rate is too large."
    ),
    "overshot": mark(
        "Large steps threw its loss up to {peak}, and {left} of the way down is left: the rate is too large."
    ),
    "flat": mark(
        "The ground is flatter here than in any bowl around a minimum: the slope tells nothing of the way there."
    ),
    "slow": mark("At this pace {ahead} of the way down will be left after the planned steps."),
    "slow_direction": mark(
        "The steep part of the way is done, but in the slowest direction {far_ahead} of the distance "
        "to the minimum will be left after the planned steps."
    ),
    "slow_direction_one": mark(
        "The steep part of the way is done, but {far_ahead} of the distance to the minimum will be left "
        "after the planned steps."
    ),
    "slow_ended": mark("The planned steps are over, and {left} of the way down is left."),
    "slow_direction_ended": mark(
        "The steep part of the way is done, but after the planned steps {far} of the distance "
        "to the minimum is left in the slowest direction."
    ),
    "slow_direction_ended_one": mark(
        "The steep part of the way is done, but after the planned steps {far} of the distance to the minimum is left."
    ),
    "slow_unknown": mark("The loss has hardly changed."),
    "pace": mark("It comes closer: {left} of the way down is left."),
    "falling": mark("The loss falls."),
    "unclear": mark("It goes neither clearly down nor clearly up."),
}
_FALLBACKS = {
    "slow_ended": "slow_unknown", "slow_direction_ended": "slow_unknown",
    "slow": "slow_unknown", "pace": "falling", "reversing": "reversals", "minimum": "minimum_known",
    "slow_direction_ended_one": "slow_unknown", "minimum_one": "minimum_known", "minimum_known": "minimum_begun",
    "growth": "rise", "cycle": "erratic",
}  # fmt: skip
"""The sentence that replaces one with an unknown number."""
_SHARES = ("left", "far", "ahead", "far_ahead", "share")
_GROWING = ("overflow", "growth", "rise", "above_start", "above_chance", "weights_grew", "overshot", "rounded")
_LEVEL = ("cycle", "erratic")
_FALLING = (
    "reversing", "reversals", "pace", "slow", "slow_direction", "falling", "slow_unknown", "minimum",
    "target", "faded", "faded_away", "noise", "flat",
)  # fmt: skip
"""The reasons of runs that grow, stay level and converge, for each of which another side of the limit fits."""
_THEORY = {"limit", "predicted", "least", "greatest", "steepest", "preconditioned", "no_theory"}
_TELLS_FACTOR = ("growth", "cycle", "reversing")
"""The reasons whose sentences contain the measured factor."""
_STEADY = ("growth", "cycle", "reversing", "reversals", "pace", "slow", "slow_direction", "falling", "slow_unknown")
"""The reasons for which the measured factor can be compared with that on a quadratic."""
_AT_LIMIT = 1e-6
_SAME_SIDE = 1e-3
"""Factors closer to 1 than this count as 1."""
_AGREE = 0.1
"""Measured and predicted factor agree if their distances from 1 differ by at most this share."""


def verdict(key: Key, reason: str, numbers: Numbers) -> Verdict:
    """Returns the verdict with the reason that its finite numbers allow."""
    values = {name: value for name, value in numbers.items() if math.isfinite(value)}
    if reason == "reversing" and values.get("factor", 2.0) >= 1:
        reason = "reversals"
    if reason == "pace" and values.get("factor", 0.0) >= 1:
        reason = "falling"
    if reason == "faded" and values.get("share") == 0:
        reason = "faded_away"
    return Verdict(key, reason, values)


def _about_limit(reason: str, values: Numbers) -> str:
    """Returns the sentence on which side of the stability limit the rate is, if that explains the observation."""
    if "no_theory" in values and reason in (*_GROWING, *_LEVEL, *_FALLING):
        if values["no_theory"] == 2:
            return tr("No theory known for weight decay with different rates (lr_factors), so no limit.")
        return tr("No theory known for this optimizer, so no limit.")
    if "limit" not in values or "lr" not in values:
        return ""
    rate, limit = values["lr"], values["limit"]
    at = abs(rate / limit - 1) < _AT_LIMIT
    above = rate > limit and not at
    explains = above if reason in _GROWING else above or at if reason in _LEVEL else reason in _FALLING and not above
    if not explains:
        return ""
    two_over = abs(limit * values.get("steepest", 0) / 2 - 1) < _AT_LIMIT
    numbers = {
        "rate": power_of_ten(f"{rate:.4g}"),
        "limit": f"2/λ = {limit:.4g}" if two_over else f"{limit:.4g}",
        "curvature": _curvature(values),
    }
    if at:
        return tr("Its rate {rate} is the largest stable rate {limit} for {curvature}.", **numbers)
    if above:
        return tr("Its rate {rate} is above the largest stable rate {limit} for {curvature}.", **numbers)
    return tr("Its rate {rate} is below the largest stable rate {limit} for {curvature}.", **numbers)


def _curvature(values: Numbers) -> str:
    """Returns the name of the curvature that the limit belongs to, with its value if that is known."""
    steepest, preconditioned = values.get("steepest"), "preconditioned" in values
    if steepest is None:
        return tr("this preconditioned curvature") if preconditioned else tr("this curvature")
    if preconditioned:
        return tr("the preconditioned curvature λ = {value:.4g}", value=steepest)
    return tr("the curvature λ = {value:.4g}", value=steepest)


def _about_factor(reason: str, values: Numbers) -> str:
    """Returns the sentence with the predicted and the measured factor.

    The prediction is that of the slowest (or fastest growing) direction, to which the measured one converges.
    """
    if reason not in _STEADY or not {"limit", "predicted", "factor"} <= values.keys():
        return ""
    predicted, measured = values["predicted"], values["factor"]
    low, high = min(predicted, measured) - 1, max(predicted, measured) - 1
    fits = low > 0 if reason in _GROWING else high <= _SAME_SIDE and (reason not in _LEVEL or low >= -_SAME_SIDE)
    if not fits:
        return ""
    factors = {"predicted": _factor(predicted), "measured": _factor(measured)}
    if abs(measured - predicted) > _AGREE * abs(predicted - 1) + _SAME_SIDE:
        return tr(
            "Factor per step, without its sign: {measured} measured so far, {predicted} predicted in the long run.",
            **factors,
        )
    if reason in _TELLS_FACTOR:
        return tr("The predicted factor is {predicted}, without its sign.", predicted=factors["predicted"])
    return tr("Factor per step, without its sign: {predicted} predicted, {measured} measured.", **factors)


def _sentence(reason: str, values: Numbers) -> str:
    words = {name: _share(value) if name in _SHARES else _factor(value) for name, value in values.items()}
    words |= {name: f"{values[name]:,.0f}" for name in ("step", "turns") if name in values}
    words |= {name: f"{values[name]:.2g}" for name in ("stretch",) if name in values}
    try:
        return tr(_SENTENCES[reason]).format(**words)
    except KeyError:  # a number is unknown
        return _sentence(_FALLBACKS.get(reason, "unclear"), values)


def _share(value: float) -> str:
    """Returns a share in per cent, or words for shares above 1 and near 0."""
    if value > 1 + 1e-12:
        return tr("more than all")
    if value < 1e-6:
        return tr("less than 0.0001 %") if value > 0 else "0 %"
    return f"{100 * value:.3g} %" if value >= 0.995 else f"{100 * value:.2g} %"


def _factor(value: float) -> str:
    """Returns a factor with enough digits to differ from 1."""
    text = f"{value:.4g}"
    return power_of_ten(f"{value:.7g}" if text == "1" and abs(value - 1) > 1e-7 else text)
