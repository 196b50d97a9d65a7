"""Fills the slots of sentences with the measures of an outcome.

A claim is stated if it holds; otherwise the state of every run is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence

from lrstudio.core.record import dataclass
from lrstudio.engine.claims.grammar import predicate, reading
from lrstudio.engine.claims.outcome import Outcome

Translate = Callable[[str], str]
"""Translates a whole sentence, before its slots are filled."""

_SOON = 4
"""Number of steps before the state of a run has a verdict."""
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
"""The texts apart from the claims, for catalogues of translations."""


@dataclass(frozen=True)
class Claim:
    """A sentence that is stated if its predicate `when` holds and each of its slots has a value.

    Slots are readings in braces: `{run 2: accuracy at 400}`. `otherwise` is stated if the predicate does not hold.
    """

    text: str
    when: str = ""
    otherwise: str = ""

    def holds(self, outcome: Outcome) -> bool | None:
        """Returns whether the sentence is true; None if unknown."""
        true = predicate(self.when)(outcome) if self.when else True
        return None if true and fill(self.text, outcome) is None else true

    def statement(self, outcome: Outcome, translate: Translate = str) -> str | None:
        """Returns the filled sentence that applies; None if there is none or it is unknown."""
        holds = self.holds(outcome)
        if holds:
            return fill(self.text, outcome, translate)
        decided = holds is False or outcome.whole
        return fill(self.otherwise, outcome, translate) if self.otherwise and decided else None


def slots(text: str) -> tuple[str, ...]:
    """Returns the readings in a text; ValueError for an invalid one or an unmatched brace."""
    if set("{}") & set(_SLOT.sub("", text)):
        raise ValueError(f"{text!r}: a brace stands alone")
    names = tuple(match.group(1) for match in _SLOT.finditer(text))
    for name in names:
        reading(name)
    return names


def fill(text: str, outcome: Outcome, translate: Translate = str) -> str | None:
    """Returns the text with its slots filled; None if one of them has no value."""
    text = translate(text)
    values = {slot: reading(slot).text(outcome) for slot in slots(text)}
    if None in values.values():
        return None
    return _SLOT.sub(lambda match: values[match.group(1)] or "", text)


def answer(claims: Sequence[Claim], outcome: Outcome, translate: Translate = str) -> str:
    """Returns the statements of the claims, with the states of the runs if one of the claims has none."""
    statements = [claim.statement(outcome, translate) for claim in claims] if outcome.as_declared else []
    texts = [text for text in statements if text is not None]
    if not outcome.as_declared or None in statements:
        lead = _CHANGED if not outcome.as_declared else _INSTEAD if outcome.whole else _OPEN
        counts = {"done": f"{max(outcome.last, 0):,}", "planned": f"{outcome.experiment.steps:,}"}
        states = "; ".join(_run_states(outcome, translate)) + "."
        texts.append(translate(lead).format(standings=states, **counts))
    return " ".join(texts)


def _run_states(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yields the verdict and the loss of each run."""
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
