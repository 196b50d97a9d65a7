"""The sentences of findings and advice, with the numbers they rest on in named slots."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lrstudio.core.language import mark, tr
from lrstudio.engine.diagnosis.measures import Drop

_FINDINGS: dict[str, str] = {
    "overflow": mark("It diverged: at {at} the loss is no finite number. The rate was {rate}."),
    "overflow_rising": mark(
        "It diverged: at {at} the loss is no finite number. That is when the rate had risen to {rate}."
    ),
    "overflow_no_rate": mark("It diverged: at {at} the loss is no finite number."),
    "grew": mark("It diverged: from {at} on the loss leaves {begin}, and ends at {end}. The rate was {rate}."),
    "grew_rising": mark("It diverged: the loss grows from {at} on, when the rate passed {rate}, and ends at {end}."),
    "grew_no_rate": mark("It diverged: from {at} on the loss leaves {begin}, and ends at {end}."),
    "range_test": mark(
        "The rate rises from {first} to {last} all the time: this is a range test, not a training. The loss is "
        "least at {rate}."
    ),
    "range_test_falls": mark(
        "The rate rises from {first} to {last} all the time: this is a range test, not a training. The loss still "
        "falls at its end."
    ),
    "range_test_never_falls": mark(
        "The rate rises from {first} to {last} all the time: this is a range test, not a training. The loss is "
        "nowhere lower than at its beginning."
    ),
    "overfitting": mark(
        "It overfits: since {at} the loss on validation data has risen by {rise}, from {val} to {val_end}, while "
        "that of training fell by {fell}. That is not the fault of the rate."
    ),
    "warmup_short": mark(
        "The warm-up is too short: it ends at {warm}, and at {at} the loss leaps from {begin} to {peak} before it "
        "comes back."
    ),
    "no_warmup": mark(
        "A warm-up is missing: the rate begins at its largest, {rate}, and at {at} the loss leaps from {begin} to "
        "{peak} before it comes back."
    ),
    "leapt": mark(
        "The rate {rate} is too large for the start: at {at} the loss leaps from {begin} to {peak}, and comes back."
    ),
    "zigzag": mark(
        "It oscillates: the loss goes up and down by {jump} from one value to the next, and turns round in "
        "{alternating} of them; noise does so in two thirds. The rate {rate} is near the largest that is stable."
    ),
    "waves": mark(
        "It oscillates: the loss goes up and down in waves, and rises in {rises} of its steps though it is smooth. "
        "The rate {rate} is large for the momentum."
    ),
    "plateau_ended": mark(
        "A drop of the rate ended a plateau: at {at} it fell from {before} to {after}, and the loss by {gain}; in "
        "as many values before it had fallen by {fell}."
    ),
    "warmup_long": mark(
        "The warm-up is too long: it takes {share} of the log, to {at}, and the loss still falls when the log ends."
    ),
    "ended_early": mark(
        "The schedule ended too early: at {at} the rate was a tenth of {rate}, while the loss still fell with every"
        " step of the rate; {left} of the descent was left."
    ),
    "too_slow": mark(
        "It is too slow: the loss still falls at the pace of before when the log ends. At this pace {left} of the "
        "descent is left."
    ),
    "noise_floor": mark(
        "It has reached its noise floor: the loss is level at {level}, and jumps by {noise} from value to value. "
        "The steps of the rate {rate} usually keep it there; losses on validation data would prove it."
    ),
    "noise_floor_val": mark(
        "It has reached its noise floor: the loss is level at {level}, and that on validation data, which no choice"
        " of a mini-batch changes, jumps by {val_noise}. The steps of the rate {rate} keep it there."
    ),
    "plateau": mark(
        "It is on a plateau: the loss is level at {level}, and jumps by {noise} from value to value. It is at a "
        "minimum, or in a flat stretch."
    ),
    "plateau_val": mark(
        "It is on a plateau: the loss is level at {level}, and that on validation data jumps by {still} only. It is "
        "at a minimum, or in a flat stretch; the rate is not too large."
    ),
    "plateau_dropped": mark(
        "It is on a plateau: the loss is level at {level}, and the drop of the rate at {at} from {before} to "
        "{after} did not end it: it gained {gain}."
    ),
    "good": mark(
        "It does well: the loss fell by {fall} in the last quarter of the log, evenly, and by its curve {left} of "
        "the descent is left."
    ),
    "few": mark("It cannot be told: {rows} losses are too few. From 6 on a direction shows, from some 30 on its kind."),
    "no_loss": mark("It cannot be told: the log has no loss."),
    "still": mark(
        "It cannot be told: the loss has not left {begin} by more than its noise, {noise}. A rate that is far too "
        "small looks like that, and so does one that has broken the network at once."
    ),
    "rivals": mark(
        "It cannot be told: two networks train against each other, and neither loss says how good they are. A loss "
        "that rises is no divergence here."
    ),
    "rewards": mark(
        "It cannot be told: in reinforcement learning the loss follows the rewards that are found, and can rise with "
        "them. A loss that rises is no divergence here."
    ),
    "leapt_no_rate": mark(
        "The rate is too large for the start: at {at} the loss leaps from {begin} to {peak}, and comes back."
    ),
    "zigzag_no_rate": mark(
        "It oscillates: the loss goes up and down by {jump} from one value to the next, and turns round in "
        "{alternating} of them; noise does so in two thirds. The rate is near the largest that is stable."
    ),
    "waves_no_rate": mark(
        "It oscillates: the loss goes up and down in waves, and rises in {rises} of its steps though it is smooth. "
        "The rate is large for the momentum."
    ),
    "noise_floor_no_rate": mark(
        "It has reached its noise floor: the loss is level at {level}, and jumps by {noise} from value to value. "
        "The steps of the rate usually keep it there."
    ),
}
_ADVICE: dict[str, str] = {
    "smaller": mark("Try a rate of {try}: a third of the one at which the loss left its start."),
    "before_rise": mark(
        "Let the rate rise no further than {try}: half of {stable}, the largest at which the loss still fell."
    ),
    "larger": mark(
        "Try a rate of {try}, {factor} times as large: at the pace that was measured a twentieth would be left "
        "after as many values. It is extrapolated: a range test finds the limit."
    ),
    "half": mark("Try a rate of {try}, half of it: the loss rose in {rises} of its values."),
    "warm_up": mark(
        "Try a warm-up that ends at {warm}, five times as long as the leap took to come; or a rate of {try}, a third."
    ),
    "drop": mark(
        "Let the rate fall to {try}, a tenth, for the last fifth of the training. By the jumps that were measured "
        "the loss would fall by {gain} at least."
    ),
    "drop_unknown": mark(
        "Let the rate fall to {try}, a tenth, for the last fifth of the training: only that tells how much of the "
        "level is noise."
    ),
    "drop_sooner": mark(
        "Let the rate fall at {sooner}: from there on the loss was level. A further drop, to {try}, tells whether "
        "noise is left."
    ),
    "not_the_rate": mark(
        "A lower rate gains nothing that this log would show. Once try {try}, three times the rate, for a tenth of "
        "the steps: a plateau that ends then was flat ground, one that stays is a minimum."
    ),
    "shorter_warm_up": mark(
        "Try a warm-up that ends at {warm}, a tenth of it: the loss did not leap at any rate up to {rate}."
    ),
    "longer_schedule": mark(
        "Try a schedule {factor} times as long: with {share} of the values nine tenths of the rate were spent, and "
        "{left} of the descent was left."
    ),
    "stop_early": mark(
        "Stop at {at}, or take more data, weight decay or a smaller network: a lower rate only delays it."
    ),
    "log_more": mark("Log at least 30 losses, evenly, with the rate beside each."),
    "bracket": mark(
        "Try a tenth and ten times the rate for as many steps: the one that moves the loss tells on which side you "
        "are. A range test does both at once."
    ),
    "by_samples": mark(
        "Compare the samples, or a measure of them such as FID, with runs at a third and at three times both rates."
    ),
    "by_rewards": mark("Compare the rewards with those of runs at a third and at three times the rate."),
    "suggested": mark(
        "Try {valley}: about two thirds along the longest stretch in which the loss keeps falling (fastai's valley)."
    ),
    "test_higher": mark(
        "Test again with rates up to {try}: the loss still falls at {last}, so that the largest good rate is above it."
    ),
    "test_lower": mark("Test again from {try} on: every rate from {first} on raises the loss."),
    "nothing_suggested": mark(
        "Test again over a wider range of rates: no rule finds a stretch in which the loss falls."
    ),
    "train_on": mark(
        "The rate needs no change. If the loss is not low enough, train on: it fell by {fall} in the last quarter."
    ),
}
_SURE = (
    (0.9, mark("The numbers are clear.")),
    (0.7, mark("This is likely.")),
    (0.0, mark("This is a guess: the numbers are near the bound.")),
)
_SHARES = {
    "rise",
    "fell",
    "rises",
    "alternating",
    "jump",
    "gain",
    "share",
    "left",
    "noise",
    "val_noise",
    "still",
    "fall",
}
_PLACES = {"at", "warm", "sooner"}
_WITHOUT_RATE = {
    "overflow": "overflow_no_rate", "overflow_rising": "overflow_no_rate", "grew": "grew_no_rate",
    "grew_rising": "grew_no_rate", "leapt": "leapt_no_rate", "zigzag": "zigzag_no_rate", "waves": "waves_no_rate",
    "noise_floor": "noise_floor_no_rate", "noise_floor_val": "noise_floor_no_rate",
}  # fmt: skip
"""The sentences of a log without rates."""


def finding_sentence(reason: str, numbers: Mapping[str, float], counter: str) -> str:
    """Returns the sentence of a finding, by the key of its reason."""
    if not math.isfinite(numbers.get("rate", 0.0)):
        reason = _WITHOUT_RATE.get(reason, reason)
    return _filled(_FINDINGS[reason], numbers, counter)


def advice_sentence(key: str, numbers: Mapping[str, float], counter: str) -> str:
    """Returns the sentence of an advice."""
    return _filled(_ADVICE[key], numbers, counter)


def sure_sentence(sure: float) -> str:
    """Returns the sentence that says how sure a finding is."""
    return tr(next(sentence for least, sentence in _SURE if sure >= least))


def about_sentence(name: str) -> str:
    """Returns the sentence that says which of several losses a finding is about."""
    return tr("This is about “{loss}”.", loss=name)


def drop_sentence(drop: Drop, counter: str) -> str:
    """Returns the sentence about what a drop of the rate gained."""
    text = mark("At {at} the rate fell from {before} to {after}, and the loss fell by {gain}.")
    if drop.gain < 0:
        text = mark("At {at} the rate fell from {before} to {after}, and the loss rose by {gain}.")
    numbers = {"at": drop.at, "before": drop.before, "after": drop.after, "gain": abs(drop.gain)}
    return _filled(text, numbers, counter)


def _filled(sentence: str, numbers: Mapping[str, float], counter: str) -> str:
    return tr(sentence, **{name: _text(name, value, counter) for name, value in numbers.items()})


def _text(name: str, value: float, counter: str) -> str:
    if not math.isfinite(value):
        return tr("(not known)")
    if name in _SHARES:
        return f"{100 * value:.2g} %" if abs(value) < 0.995 else f"{100 * value:.0f} %"
    if name in _PLACES:
        return tr("{counter} {number}", counter=tr(counter), number=f"{value:,.10g}")
    return f"{value:.2g}" if name in ("try", "factor") else f"{value:.4g}"
