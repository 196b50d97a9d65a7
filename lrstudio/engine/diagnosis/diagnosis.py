"""The diagnosis of a run: what was found, how sure that is, what to try next, and what drops of the rate gained."""

from __future__ import annotations

import numpy as np

from lrstudio.core.analysis.suggestions import Suggestion, suggest
from lrstudio.core.language import sentences
from lrstudio.core.record import dataclass
from lrstudio.engine.diagnosis.advice import Advice, advised
from lrstudio.engine.diagnosis.events import diverged_early
from lrstudio.engine.diagnosis.finding import Finding
from lrstudio.engine.diagnosis.findings import FEWEST, findings
from lrstudio.engine.diagnosis.measures import HUGE, Drop, measured
from lrstudio.engine.diagnosis.recorded import Recorded
from lrstudio.engine.diagnosis.words import about_sentence, advice_sentence, finding_sentence, sure_sentence

_PLAIN = 0.9


@dataclass(frozen=True)
class Said:
    """A finding, and what to try because of it, if anything, with their sentences; `counter` is what the log counts."""

    finding: Finding
    advice: Advice | None
    counter: str

    @property
    def sentence(self) -> str:
        return finding_sentence(self.finding.reason, self.finding.numbers, self.counter)

    @property
    def sureness(self) -> str:
        """How sure the finding is; "" for what is plain, that it cannot be told or that the rate rises throughout."""
        plain = self.finding.key in ("cannot_tell", "range_test") and self.finding.sure >= _PLAIN
        return "" if plain else sure_sentence(self.finding.sure)

    @property
    def try_next(self) -> str:
        """What to try next, with what it rests on; "" for nothing."""
        return "" if self.advice is None else advice_sentence(self.advice.key, self.advice.numbers, self.counter)


@dataclass(frozen=True)
class Diagnosis:
    """What a run shows, the main finding first; `suggestions` are those of a range test.

    `about` is the name of the loss, where the run has several.
    """

    said: tuple[Said, ...]
    drops: tuple[Drop, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    about: str = ""

    @property
    def certainty(self) -> str:
        """How sure the main finding is, and which of several losses it is about; "" for what goes without saying."""
        return sentences(self.said[0].sureness, self.subject)

    @property
    def subject(self) -> str:
        """Which of several losses the main finding is about; "" for what goes without saying."""
        return about_sentence(self.about) if self.about and self.main.key != "cannot_tell" else ""

    @property
    def main(self) -> Finding:
        return self.said[0].finding


def diagnosed(run: Recorded) -> Diagnosis:
    """Returns the diagnosis of a run, of which nothing is known but its log."""
    with np.errstate(all="ignore"):
        finite = int(np.argmin(np.append(np.abs(run.loss) < HUGE, False)))
        if finite < FEWEST:
            early = diverged_early(run, finite) or _too_few(run)
            return Diagnosis((Said(early, advised(run, None, early), run.counter),))
        if run.untold and finite == len(run.loss):
            why = Finding("cannot_tell", 0.95, run.untold, {})
            return Diagnosis((Said(why, advised(run, None, why), run.counter),))
        measures = measured(run)
        found = findings(run, measures)
        suggestions = tuple[Suggestion, ...]()
        if found[0].key == "range_test":
            suggestions = suggest(run.rate, run.loss)
        said = tuple(Said(each, advised(run, measures, each, suggestions), run.counter) for each in found)
        return Diagnosis(said, measures.drops, suggestions)


def _too_few(run: Recorded) -> Finding:
    rows = len(run.loss)
    return Finding("cannot_tell", 0.99, "few" if rows else "no_loss", {"rows": float(rows)})
