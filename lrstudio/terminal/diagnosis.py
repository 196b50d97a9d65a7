"""Prints the diagnosis of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lrstudio.core.language import sentences, tr
from lrstudio.engine.diagnosis.diagnosis import Diagnosis, Said
from lrstudio.engine.diagnosis.words import drop_sentence


def told(diagnosis: Diagnosis, counter: str) -> Iterator[str]:
    """Yields the lines of a diagnosis: the main finding with what to try, the others, drops and suggestions."""
    for place, said in enumerate(diagnosis.said):
        text = sentences(said.sentence, said.sureness if place else diagnosis.certainty)
        yield "  " + (tr("also: {finding}", finding=text) if place else tr("diagnosis: {finding}", finding=text))
        if said.try_next:
            yield "    " + tr("next: {advice}", advice=said.try_next)
    for drop in diagnosis.drops:
        yield "  " + tr("drop: {what}", what=drop_sentence(drop, counter))
    for suggestion in diagnosis.suggestions:
        found = tr("too few losses") if suggestion.too_few else tr("nothing")
        rate = found if suggestion.lr is None else f"{suggestion.lr:.4g}"
        yield "  " + tr("suggestion: {rule}: {rate}", rule=suggestion.rule, rate=rate)


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Returns a diagnosis as JSON: keys, numbers and sentences."""
    return {
        "about": diagnosis.about,
        "findings": [_finding(said) for said in diagnosis.said],
        "drops": [_finite(vars(drop)) for drop in diagnosis.drops],
        "suggestions": [{"rule": each.rule, "rate": each.lr} for each in diagnosis.suggestions],
    }


def _finding(said: Said) -> dict[str, Any]:
    advice = said.advice
    return {
        "key": said.finding.key,
        "reason": said.finding.reason,
        "sure": round(said.finding.sure, 3),
        "numbers": _finite(said.finding.numbers),
        "sentence": said.sentence,
        "next": None
        if advice is None
        else {"key": advice.key, "numbers": _finite(advice.numbers), "sentence": said.try_next},
    }


def _finite(numbers: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}
