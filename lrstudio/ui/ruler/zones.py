"""Finds the zones of a rate ruler while somebody works with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event
from time import thread_time

from PySide6.QtCore import QObject, QTimer

from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.sweep.zones import Zones
from lrstudio.ui.ruler.view import RateRulerView, SurveyQuestion
from lrstudio.ui.session.bench import Bench, LatestJob, Work

_PATIENCE_MS = 150
"""So long the zones of what was before are shown as if nothing had changed: they would only flicker."""


_AT_ONCE, _TURN, _REST = 0.3, 0.003, 0.1
"""Seconds of work before a survey is gentle to a run that goes on; then it works so long and rests so long."""


class RateZones(QObject):
    """Answers what a ruler asks on the bench; a new question ends the work on the one before.

    `running` says whether a run goes on, to which a long survey leaves most of the time.
    """

    def __init__(self, ruler: RateRulerView, bench: Bench, running: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._ruler, self._running = ruler, running
        self._job = LatestJob[SurveyQuestion](bench)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_PATIENCE_MS)
        self._late.timeout.connect(self._fade)
        ruler.asked.connect(self.answer)

    @property
    def busy(self) -> bool:
        """Whether more is to come."""
        return self._job.busy

    def answer(self, question: SurveyQuestion) -> None:
        """Find the zones, coarse ones first."""
        job = partial(_survey, question=question, running=self._running)
        if self._job.ask(question, job, lambda _none: None, partial=self._show, failed=self._fail):
            self._late.start()

    def _show(self, zones: Zones) -> None:
        self._late.stop()
        self._ruler.show_zones(zones)

    def _fail(self, why: str) -> None:
        self._late.stop()
        self._ruler.show_zones(None, failed=why)

    def _fade(self) -> None:
        self._ruler.show_zones(self._ruler.zones, pale=True)


class _Gentle:
    """Whether a survey should stop; asked often, it rests while somebody else has more to do."""

    def __init__(self, work: Work, running: Callable[[], bool]) -> None:
        self._work, self._running = work, running
        self._begin = self._turn = thread_time()
        self._rest = Event()  # never set

    def __call__(self) -> bool:
        if self._work.stop():
            return True
        now = thread_time()
        if now - self._turn > _TURN:
            if now - self._begin > _AT_ONCE and self._running():
                self._rest.wait(_REST)
            self._turn = thread_time()
        return False


def _survey(work: Work, question: SurveyQuestion, running: Callable[[], bool]) -> None:
    survey = Survey(question.experiment, 0, question.low, question.high)
    for zones in survey.pictures(_Gentle(work, running)):
        zones.zones  # noqa: B018 - made here, not in the window
        work.publish(zones)
