"""A table that puts what somebody printed beside what the run has computed."""

from __future__ import annotations

from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome, Translate, fill
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.fitting import equal_but_for
from lrstudio.engine.lessons.prose import Prose, prose

OPEN = "…"
"""Stands in a cell whose number is not known yet, or that has none."""


@dataclass(frozen=True)
class Table:
    """Cells with slots, which are filled once the run is over; the first row is the heading."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def head(self) -> tuple[str, ...]:
        return self.rows[0]

    def cells(self, outcome: Outcome | None, setup: Experiment, translate: Translate = str) -> list[list[str]]:
        """Returns the filled cells; OPEN for those with slots where the run is not over, or is another than set up."""
        whole = outcome is not None and outcome.whole and equal_but_for((), outcome.experiment, setup)
        return [[_cell(cell, outcome if whole else None, translate) for cell in row] for row in self.rows]

    def filled(self, outcome: Outcome | None, setup: Experiment, translate: Translate = str) -> Prose:
        """Returns the table as Markdown with its cells filled."""
        head, *body = ("| " + " | ".join(row) + " |" for row in self.cells(outcome, setup, translate))
        return prose("\n".join((head, "|" + "---|" * len(self.head), *body)))


def _cell(text: str, outcome: Outcome | None, translate: Translate) -> str:
    if "{" not in text:
        return translate(text)
    return (fill(text, outcome, translate) if outcome is not None else None) or OPEN
