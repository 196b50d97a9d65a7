"""Asks what the open example asks and, when its run is over, has the answer told of what ran, on the bench."""

from __future__ import annotations

from PySide6.QtCore import QObject

from lrstudio.engine.claims import Outcome
from lrstudio.engine.examples import Example
from lrstudio.engine.training.pilot import State
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.question import QuestionBar

_OVER = (State.FINISHED, State.DIVERGED)


class AnswerFeed(QObject):
    """The question stands above the views as long as the experiment is that of an example; it is not kept anywhere.

    Everything but names, colours and how the runs are listed makes it another experiment, and taking that back makes it
    the example again.
    """

    def __init__(self, session: OpenSession, bench: Bench, bar: QuestionBar) -> None:
        super().__init__(bar)
        self._session, self._bar = session, bar
        self._example: Example | None = None
        self._job = LatestJob[object](bench)
        session.experiment_changed.connect(self._ask)
        session.simulation_changed.connect(self._forget)
        session.state_changed.connect(self._look)
        self._ask()

    def _ask(self) -> None:
        """Another experiment, or other names in the answer."""
        example = self._session.example
        if example is not self._example:
            self._example = example
            self._bar.show_question("" if example is None else example.question)
        self._look()

    def _forget(self) -> None:
        """Another trace: what was told of the one before says nothing of it."""
        self._job.cancel()
        self._bar.take_back()

    def _look(self) -> None:
        """Have the answer told where the run is over; the last one that was asked for counts."""
        session, example = self._session, self._example
        trace, experiment = session.trace, session.experiment
        if example is None or trace is None or session.simulation is None or session.state not in _OVER:
            self._forget()
            return
        self._job.ask(
            (experiment, trace, trace.length),
            lambda work: example.answer(Outcome(experiment, trace, work.stop)),
            self._bar.offer,
            failed=self._fail,
        )

    def _fail(self, why: str) -> None:
        self._session.failed.emit(self.tr("Could not tell the answer"), why)
