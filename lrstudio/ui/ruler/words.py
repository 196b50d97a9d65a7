"""Texts about the zones of a ruler."""

from __future__ import annotations

import math

from lrstudio.core.analysis.verdict import ARRIVED
from lrstudio.core.language import tr
from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.zones import RateKey, Zones


def zone_word(key: RateKey) -> str:
    """Returns the name of a zone."""
    return {
        "too_slow": tr("too slow"),
        "converging": tr("good"),
        "arrived": tr("good"),
        "oscillating": tr("oscillating"),
        "cycling": tr("cycling"),
        "diverged": tr("diverging"),
        "stuck": tr("stuck"),
        "plateau": tr("plateau"),
        "too_large": tr("too large"),
    }[key]


def zone_word_at(zones: Zones, rate: float) -> str:
    """Returns the name of the zone of a rate; empty if it is unknown."""
    key = zones.key_of(rate)
    if key is None:
        return ""
    return tr("the largest stable rate") if zones.at_limit(rate) else zone_word(key)


def rate_sentence(zones: Zones, rate: float) -> str:
    """Returns what a run with this rate does; empty if it is unknown."""
    index = zones.index_of(rate)
    key = zones.key_of(rate)
    if index is None or key is None:
        return ""
    if zones.at_limit(rate):
        return tr("rate {rate:.3g}: the largest stable rate", rate=rate)
    text = tr("rate {rate:.3g}: {word}, {what}")
    return text.format(rate=rate, word=zone_word(key), what=_behavior(zones, index, key))


def limit_word(zones: Zones) -> str:
    """Returns the limit: an exact theory's, otherwise rounded to the fewest digits within its bounds.

    Where some larger rates do not diverge it is no limit, but the first rate that diverges.
    """
    if zones.exact_limit is not None:
        return tr("limit {rate}", rate=f"{zones.exact_limit:.4g}")
    if not zones.all_larger_diverge:
        return tr("first diverges {rate}", rate=_limit_number(zones))
    text = tr("limit about {rate}") if zones.limit_is_coarse else tr("limit {rate}")
    return text.format(rate=_limit_number(zones))


def _limit_number(zones: Zones) -> str:
    low, high = zones.limit
    middle = math.sqrt(low) * math.sqrt(high)
    for digits in (1, 2):
        rounded = float(f"{middle:.{digits}g}")
        if low <= rounded <= high:
            return f"{rounded:g}"
    return f"{middle:.3g}"


def limit_sentence(zones: Zones) -> str:
    """Returns the measured and the theoretical rate at which divergence begins."""
    low, high = zones.limit
    if zones.exact_limit is not None and (zones.limit_is_coarse or not zones.done):
        return tr("largest stable rate: {limit:.4g} (theory, exact for this loss)", limit=zones.exact_limit)
    if not zones.has_limit:
        all_diverge = tr("every rate here diverges") if low == 0 and len(zones.rates) else ""
        return all_diverge or (tr("no rate here diverges") if zones.zones else "")
    if zones.all_larger_diverge:
        text = tr("largest stable rate: between {low:.4g} and {high:.4g}")
    else:
        text = tr("the first rate that diverges: between {low:.4g} and {high:.4g}; some larger ones do not")
    text = text.format(low=low, high=high)
    if not zones.theory.known:
        return tr("{limit} (no theory known)", limit=text)
    if math.isinf(zones.theory.limit):
        return text
    if zones.theory.exact:
        return tr("{limit} (theory: {theory:.4g})", limit=text, theory=zones.theory.limit)
    theory = zones.theory.limit
    return tr("{limit} (theory for the curvature at the minimum: {theory:.4g})", limit=text, theory=theory)


def best_sentence(zones: Zones) -> str:
    """Returns the best rate and its criterion; empty if it is unknown."""
    if zones.best is None:
        return ""
    text = tr("best: about {rate}, {why}") if zones.best.coarse else tr("best: {rate}, {why}")
    return text.format(rate=zones.best.text, why=criterion(zones.best))


def best_word(best: Best) -> str:
    """Returns the short text of the best rate."""
    return (tr("best about {rate}") if best.coarse else tr("best {rate}")).format(rate=best.text)


def criterion(best: Best) -> str:
    """Returns the criterion by which a rate is the best one."""
    if best.rule == "target":
        return tr("fewest steps to the target: {steps:,}", steps=int(best.summary.steps_to_target))
    if best.noisy and best.strict:
        text = tr("least loss on all data over the last eighth of {steps:,} steps")
    elif best.noisy:
        text = tr("about the least loss on all data over the last eighth of {steps:,} steps")
    elif best.strict:
        text = tr("least loss over the last quarter of {steps:,} steps")
    else:
        text = tr("about the least loss over the last quarter of {steps:,} steps")
    return text.format(steps=best.steps)


def progress_sentence(zones: Zones) -> str:
    """Returns the progress of the zones; empty if they are complete."""
    if zones.complete:
        return ""
    words = [] if zones.done else [tr("computing")]
    if len(zones.rates) < zones.requested:
        words.append(tr("coarse: {known} of {wanted} rates", known=len(zones.rates), wanted=zones.requested))
    if zones.steps < zones.planned:
        words.append(tr("judged after {steps:,} of {planned:,} steps", steps=zones.steps, planned=zones.planned))
    return ", ".join(words)


def progress_word(zones: Zones) -> str:
    """Returns the progress in one or two words."""
    if zones.complete:
        return ""
    if not zones.done:
        return tr("computing…")
    return tr("coarse") if len(zones.rates) < zones.requested else tr("first {steps:,} steps", steps=zones.steps)


def _behavior(zones: Zones, index: int, key: RateKey) -> str:
    """Returns what the run of a rate does."""
    summary = zones.summary
    loss, end = float(summary.final_loss[index]), int(summary.diverged_at[index])
    match key:
        case "diverged" if end >= 0:
            return tr("it leaves all numbers at step {step:,}", step=end)
        case "diverged":
            return tr("its steps grow and grow")
        case "too_slow":
            words = tr("its steps are too small to get there in time")
        case "too_large":
            words = tr("smaller rates come further")
        case "oscillating" if summary.verdict[index] == ARRIVED:
            words = tr("it swings from side to side and still gets there")
        case "oscillating":
            words = tr("it swings from side to side and comes closer")
        case "cycling":
            words = tr("it jumps about for ever and comes no closer")
        case "stuck":
            words = tr("it does not move")
        case "plateau":
            words = tr("it stands still short of the minimum")
        case _ if summary.verdict[index] == ARRIVED:
            words = tr("it gets there")
        case _:
            words = tr("it comes closer")
    hit = int(summary.steps_to_target[index])
    if hit < 0:
        return tr("{words}, loss at the end {loss:.3g}", words=words, loss=loss)
    return tr("{words}, target at step {step:,}, loss at the end {loss:.3g}", words=words, step=hit, loss=loss)
