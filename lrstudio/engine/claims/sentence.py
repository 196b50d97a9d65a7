"""Sentences with slots, told of what ran. A claim is told where it holds; otherwise the runs' verdicts are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lrstudio.engine.claims.grammar import predicate, reading
from lrstudio.engine.claims.outcome import Outcome

Translate = Callable[[str], str]
"""The one place where a sentence, whole and with its slots, becomes one of another language."""

_SOON = 4
"""Steps before which nothing is said of a run but its loss."""
_SLOT = re.compile(r"\{([^{}]*)\}")
_OPEN = "After {done} of {planned} steps the whole answer is not known yet. {standings}"
_CHANGED = "The rates were changed on the way, so this is not what was planned. {standings}"
_INSTEAD = "It went otherwise here. {standings}"
_STANDING = "{name}: {verdict}, loss {loss} at step {step}"
_VERDICT_ONLY = "{name}: {verdict} at step {step}"
_LOSS_ONLY = "{name}: loss {loss} at step {step}"
_ENDED = "{name}: diverged at step {step}"
_VERDICTS = {
    "too_slow": "too slow", "converging": "converging", "oscillating": "oscillating", "cycling": "cycling",
    "diverged": "diverged", "stuck": "stuck", "plateau": "on a plateau", "arrived": "arrived",
}  # fmt: skip
WORDS = (_OPEN, _CHANGED, _INSTEAD, _STANDING, _VERDICT_ONLY, _LOSS_ONLY, _ENDED, *_VERDICTS.values())
"""What is told beside the claims' own texts; for catalogues of translations."""


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Claim:
    """A sentence that is told where its predicate `when` holds and each of its slots has a value.

    Slots are readings in braces: `{run 2: accuracy at 400}`. Where the predicate does not hold, `otherwise` is told,
    a sentence of the same kind that has no predicate of its own.
    """

    text: str
    when: str = ""
    otherwise: str = ""

    def holds(self, outcome: Outcome) -> bool | None:
        """Whether the sentence is true; None where that is not known."""
        true = predicate(self.when)(outcome) if self.when else True
        return None if true and fill(self.text, outcome) is None else true


def slots(text: str) -> tuple[str, ...]:
    """The readings in a text; ValueError where one cannot be read or a brace stands alone."""
    if set("{}") & set(_SLOT.sub("", text)):
        raise ValueError(f"{text!r}: a brace stands alone")
    found = tuple(match.group(1) for match in _SLOT.finditer(text))
    for slot in found:
        reading(slot)
    return found


def fill(text: str, outcome: Outcome, translate: Translate = _same) -> str | None:
    """The text with its slots filled; None where one of them has no value."""
    text = translate(text)
    values = {slot: reading(slot).text(outcome) for slot in slots(text)}
    if None in values.values():
        return None
    return _SLOT.sub(lambda match: values[match.group(1)] or "", text)


def told(claim: Claim, outcome: Outcome, translate: Translate = _same) -> str | None:
    """What a claim has to say; None where neither sentence can be told."""
    holds = claim.holds(outcome)
    if holds:
        return fill(claim.text, outcome, translate)
    known = holds is False or outcome.whole
    return fill(claim.otherwise, outcome, translate) if claim.otherwise and known else None


def answer(claims: Sequence[Claim], outcome: Outcome, translate: Translate = _same) -> str:
    """All that the claims have to say and, where one of them does not hold or is not known yet, how the runs stand."""
    if not outcome.as_declared:
        return translate(_CHANGED).format(standings=standings(outcome, translate))
    said = [told(claim, outcome, translate) for claim in claims]
    found = [text for text in said if text is not None]
    if None in said:
        words = {"done": f"{max(outcome.last, 0):,}", "planned": f"{outcome.experiment.steps:,}"}
        lead = translate(_INSTEAD if outcome.whole else _OPEN)
        found.append(lead.format(standings=standings(outcome, translate), **words))
    return " ".join(found)


def standings(outcome: Outcome, translate: Translate = _same) -> str:
    """How each run stands, in a sentence."""
    return "; ".join(_standings(outcome, translate)) + "."


def _standings(outcome: Outcome, translate: Translate) -> Iterator[str]:
    for run in range(len(outcome.experiment.runs)):
        name, end = outcome.experiment.label(run), outcome.ended(run)
        if end is not None:
            yield translate(_ENDED).format(name=name, step=f"{end:,}")
            continue
        step = max(0, outcome.rows(run) - 1)
        loss = outcome.loss(run, step)
        text = _VERDICT_ONLY if math.isnan(loss) else _STANDING if step >= _SOON else _LOSS_ONLY
        verdict = translate(_VERDICTS[outcome.verdict(run).key])
        yield translate(text).format(name=name, verdict=verdict, loss=f"{loss:.3g}", step=f"{step:,}")
