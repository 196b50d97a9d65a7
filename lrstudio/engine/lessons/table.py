"""A table that puts what somebody printed beside what the run has computed."""

from __future__ import annotations

from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome, fill
from lrstudio.engine.lessons.fitting import equal_but_for
from lrstudio.engine.lessons.prose import Prose, shown

OPEN = "…"
"""Stands in a cell whose number is not known yet, or that has none."""


@dataclass(frozen=True)
class Table:
    """Cells with slots, most of which are filled once the run is over; the first row is the heading."""

    rows: tuple[tuple[str, ...], ...]

    def cells(self, outcome: Outcome, start: Outcome) -> list[list[str]]:
        """Returns the filled cells.

        While the run is not over, or is another than the one that `start` begins, OPEN stands for what is not known at
        the start.
        """
        over = outcome.whole and equal_but_for((), outcome.experiment, start.experiment)
        known = outcome if over else start
        return [[fill(cell, known) or OPEN for cell in row] for row in self.rows]

    def filled(self, outcome: Outcome, start: Outcome) -> Prose:
        """Returns the table as Markdown with its cells filled."""
        head, *body = ("| " + " | ".join(row) + " |" for row in self.cells(outcome, start))
        return shown("\n".join((head, "|" + "---|" * len(self.rows[0]), *body)))
