"""What to try next, by what was found, with the numbers it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from lrstudio.core.analysis.suggestions import Suggestion
from lrstudio.core.elementary import log
from lrstudio.core.record import dataclass
from lrstudio.engine.diagnosis.finding import Finding
from lrstudio.engine.diagnosis.measures import Measures
from lrstudio.engine.diagnosis.recorded import Recorded

_AIM = 0.05
"""A rate that is large enough leaves this share of the descent."""
_MOST_FACTOR = 10.0
_UNTOLD = {"still": "bracket", "rivals": "by_samples", "rewards": "by_rewards"}
"""What to try by why it cannot be told."""


@dataclass(frozen=True)
class Advice:
    """Something to try: the key of its sentence, and the numbers."""

    key: str
    numbers: Mapping[str, float]


def advised(
    run: Recorded, m: Measures | None, finding: Finding, suggestions: tuple[Suggestion, ...] = ()
) -> Advice | None:
    """Returns what to try after a finding; None where it takes a rate that the log has not."""
    numbers, rate = finding.numbers, finding.numbers.get("rate", math.nan)
    if finding.key == "cannot_tell" or m is None:
        if finding.key == "diverged":
            return _smaller(finding)
        return Advice(_UNTOLD.get(finding.reason, "log_more"), {})
    if finding.key == "range_test":
        if finding.reason == "range_test_falls":
            return Advice("test_higher", {"try": 10 * numbers["last"], "last": numbers["last"]})
        if finding.reason == "range_test_never_falls":
            return Advice("test_lower", {"try": numbers["first"] / 100, "first": numbers["first"]})
        valley = next((each.lr for each in suggestions if each.rule == "valley"), None)
        return Advice("nothing_suggested", {}) if valley is None else Advice("suggested", {"valley": valley})
    if finding.key == "overfitting":
        return Advice("stop_early", {"at": numbers["at"]})
    if finding.key == "good":
        return Advice("train_on", {"fall": numbers["fall"]})
    if not math.isfinite(rate) and finding.key not in ("plateau_ended",):
        return None
    return _about_rate(run, m, finding, rate)


def _smaller(finding: Finding) -> Advice | None:
    rate = finding.numbers.get("rate", math.nan)
    return Advice("smaller", {"try": rate / 3}) if math.isfinite(rate) else None


def _about_rate(run: Recorded, m: Measures, finding: Finding, rate: float) -> Advice | None:
    numbers = finding.numbers
    match finding.key:
        case "diverged":
            stable = _stable(run, numbers["at"])
            if finding.reason.endswith("rising") and math.isfinite(stable):
                return Advice("before_rise", {"try": stable / 2, "stable": stable})
            return _smaller(finding)
        case "too_slow":
            left = min(numbers["left"], 0.999)
            factor = min(_MOST_FACTOR, max(2.0, float(log(_AIM) / log(left))))
            return Advice("larger", {"try": rate * factor, "factor": factor})
        case "oscillating" if finding.reason != "leapt":
            return Advice("half", {"try": rate / 2, "rises": numbers["rises"]})
        case "oscillating" | "warmup_short":
            return Advice("warm_up", {"try": rate / 3, "warm": 5 * numbers["at"]})
        case "noise_floor":
            gain = numbers.get("gain", math.nan)
            known = {"try": rate / 10, "gain": gain} if math.isfinite(gain) else {"try": rate / 10}
            return Advice("drop" if math.isfinite(gain) else "drop_unknown", known)
        case "plateau_ended":
            return Advice("drop_sooner", {"sooner": numbers["level_at"], "try": numbers["after"] / 10})
        case "plateau":
            return Advice("not_the_rate", {"try": 3 * rate})
        case "warmup_long":
            return Advice("shorter_warm_up", {"warm": numbers["at"] / 10, "rate": rate})
        case "ended_early":
            share = max(numbers["share"], 1e-3)
            factor = min(_MOST_FACTOR, max(2.0, float(log(_AIM) / log(min(numbers["left"], 0.9)))))
            return Advice("longer_schedule", {"factor": factor, "share": share, "left": numbers["left"]})
    return None


def _stable(run: Recorded, at: float) -> float:
    """Returns the largest rate before a count at which the loss was at its least."""
    before = run.at < at
    loss, rate = run.loss[before], run.rate[before]
    return float(rate[int(np.nanargmin(loss))]) if np.isfinite(loss).any() else math.nan
