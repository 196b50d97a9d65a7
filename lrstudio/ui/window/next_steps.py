"""Proposes what to try after a run, and does what was chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from lrstudio.engine.proposals import Proposal, proposals
from lrstudio.engine.training.pilot import State
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.instruments.tools import Tools
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession

_ENDED = (State.FINISHED, State.DIVERGED)


class NextStepsFeed(QObject):
    """Shows proposals at the end of the current run; none while it runs, or while a lesson asks for a rate."""

    def __init__(
        self, session: OpenSession, cursor: Cursor, dock: ExperimentDock, tools: Tools, course: Course
    ) -> None:
        super().__init__(dock)
        self._session, self._cursor, self._dock, self._tools = session, cursor, dock, tools
        self._concealed = False
        dock.runs.judged.connect(self._update)
        dock.ruler.zones_shown.connect(self._update)
        session.state_changed.connect(self._update)
        cursor.moved.connect(self._update)
        course.concealed.connect(self._conceal)
        dock.runs.next_steps.chosen.connect(self._choose)

    def _update(self) -> None:
        session, runs = self._session, self._dock.runs
        verdict, run = runs.verdict, runs.current
        over = session.simulation is not None and session.state in _ENDED and self._cursor.step is None
        if self._concealed or not over or verdict is None or run >= len(session.experiment.runs):
            runs.next_steps.show_proposals(())
            return
        runs.next_steps.show_proposals(proposals(session.experiment, run, verdict, self._best()))

    def _best(self) -> float | None:
        """Returns the best of the rates that were tried for the ruler, with the digits that are shown there."""
        ruler = self._dock.ruler
        best = None if ruler.zones is None or ruler.outdated else ruler.zones.best
        return None if best is None else float(best.text)

    def _conceal(self, concealed: bool) -> None:
        self._concealed = concealed
        self._update()

    def _choose(self, proposal: Proposal) -> None:
        if proposal.experiment is not None:
            self._session.edit(proposal.experiment)
        elif proposal.instrument is not None:
            self._tools.show_instrument(proposal.instrument)
