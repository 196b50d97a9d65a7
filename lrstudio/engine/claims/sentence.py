"""Fills the slots of sentences with the measures of an outcome.

A claim is stated if it holds; otherwise the state of every run is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import reduce

from lrstudio.core.language import mark, sentences, tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims.grammar import predicate, reading
from lrstudio.engine.claims.outcome import Outcome

_SOON = 4
"""Number of steps before the state of a run has a verdict."""
_SLOT = re.compile(r"\{([^{}]*)\}")
_OPEN = mark("After {done} of {planned} steps the whole answer is not known yet. {standings}.")
_CHANGED = mark("The rates were changed on the way, so this is not what was planned. {standings}.")
_INSTEAD = mark("It went otherwise here. {standings}.")
_STANDING = mark("{name}: {verdict}, loss {loss} at step {step}")
_VERDICT_ONLY = mark("{name}: {verdict} at step {step}")
_LOSS_ONLY = mark("{name}: loss {loss} at step {step}")
_ENDED = mark("{name}: diverged at step {step}")
_VERDICTS = {
    "too_slow": mark("too slow"),
    "converging": mark("converging"),
    "oscillating": mark("oscillating"),
    "cycling": mark("cycling"),
    "diverged": mark("diverged"),
    "stuck": mark("stuck"),
    "plateau": mark("on a plateau"),
    "arrived": mark("arrived"),
}


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
        return None if true and fill(tr(self.text), outcome) is None else true

    def statement(self, outcome: Outcome) -> str | None:
        """Returns the filled sentence that applies; None if there is none or it is unknown."""
        holds = self.holds(outcome)
        if holds:
            return fill(tr(self.text), outcome)
        decided = holds is False or outcome.whole
        return fill(tr(self.otherwise), outcome) if self.otherwise and decided else None


def slots(text: str) -> tuple[str, ...]:
    """Returns the readings in a text; ValueError for an invalid one or an unmatched brace."""
    if set("{}") & set(_SLOT.sub("", text)):
        raise ValueError(tr("{typed!r}: a brace stands alone", typed=text))
    names = tuple(match.group(1) for match in _SLOT.finditer(text))
    for name in names:
        reading(name)
    return names


def fill(text: str, outcome: Outcome) -> str | None:
    """Returns the text with its slots filled; None if one of them has no value."""
    values = {slot: reading(slot).text(outcome) for slot in slots(text)}
    if None in values.values():
        return None
    return _SLOT.sub(lambda match: values[match.group(1)] or "", text)


def answer(claims: Sequence[Claim], outcome: Outcome) -> str:
    """Returns the statements of the claims, with the states of the runs if one of the claims has none."""
    statements = [claim.statement(outcome) for claim in claims] if outcome.as_declared else []
    texts = [text for text in statements if text is not None]
    if not outcome.as_declared or None in statements:
        lead = _CHANGED if not outcome.as_declared else _INSTEAD if outcome.whole else _OPEN
        counts = {"done": f"{max(outcome.last, 0):,}", "planned": f"{outcome.experiment.steps:,}"}
        states = reduce(lambda one, other: tr("{one}; {other}", one=one, other=other), _run_states(outcome))
        texts.append(tr(lead, standings=states, **counts))
    return sentences(*texts)


def _run_states(outcome: Outcome) -> Iterator[str]:
    """Yields the verdict and the loss of each run."""
    for run in range(len(outcome.experiment.runs)):
        name, end = outcome.experiment.label(run), outcome.ended(run)
        if end is not None:
            yield tr(_ENDED, name=name, step=f"{end:,}")
            continue
        step = max(0, outcome.rows(run) - 1)
        loss = outcome.loss(run, step)
        text = _VERDICT_ONLY if math.isnan(loss) else _STANDING if step >= _SOON else _LOSS_ONLY
        verdict = tr(_VERDICTS[outcome.verdict(run).key])
        yield tr(text, name=name, verdict=verdict, loss=f"{loss:.3g}", step=f"{step:,}")
