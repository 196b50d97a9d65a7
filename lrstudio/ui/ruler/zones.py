"""Background computation of the zones of a rate ruler."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event, local
from time import monotonic, thread_time

from PySide6.QtCore import QObject, QTimer

from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.sweep.zones import Zones
from lrstudio.ui.ruler.view import RateRulerView, SurveyQuestion
from lrstudio.ui.session.bench import Bench, LatestJob, Work

_FADE_MS = 150
"""Delay before outdated zones are faded, against flicker."""
_GRACE, _WORK, _REST = 0.3, 0.003, 0.1
"""Seconds until a survey yields to a running run; then CPU time of each thread, and its rest."""


class RateZones(QObject):
    """Computes the zones that a ruler requests; a new request cancels the last.

    A long survey yields most of the CPU time while `running()` is true.
    """

    def __init__(self, ruler: RateRulerView, bench: Bench, running: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._ruler, self._running = ruler, running
        self._job = LatestJob[SurveyQuestion](bench)
        self._fade_timer = QTimer(self)
        self._fade_timer.setSingleShot(True)
        self._fade_timer.setInterval(_FADE_MS)
        self._fade_timer.timeout.connect(self._fade)
        ruler.zones_requested.connect(self.compute)

    @property
    def busy(self) -> bool:
        """Whether a survey is pending."""
        return self._job.busy

    def compute(self, question: SurveyQuestion) -> None:
        """Computes the zones, coarse ones first."""
        job = partial(_survey, question=question, running=self._running)
        if self._job.ask(question, job, lambda _none: None, partial=self._show, failed=self._fail):
            self._fade_timer.start()

    def _show(self, zones: Zones) -> None:
        self._fade_timer.stop()
        self._ruler.show_zones(zones)

    def _fail(self, why: str) -> None:
        self._fade_timer.stop()
        self._ruler.show_zones(None, failed=why)

    def _fade(self) -> None:
        self._ruler.show_zones(self._ruler.zones, outdated=True)


class _YieldingStop:
    """Returns whether a survey should stop; each thread that calls it rests at intervals while a run is running."""

    def __init__(self, work: Work, running: Callable[[], bool]) -> None:
        self._work, self._running = work, running
        self._begin = monotonic()
        self._thread = local()
        self._rest = Event()  # never set

    def __call__(self) -> bool:
        if self._work.stop():
            return True
        now = thread_time()
        if now - getattr(self._thread, "resumed", 0.0) > _WORK:
            if self._running() and monotonic() - self._begin > _GRACE:
                self._rest.wait(_REST)
            self._thread.resumed = thread_time()
        return False


def _survey(work: Work, question: SurveyQuestion, running: Callable[[], bool]) -> None:
    survey = Survey(question.experiment, 0, question.low, question.high)
    for zones in survey.pictures(_YieldingStop(work, running)):
        zones.zones  # noqa: B018 - cached here, not in the window
        work.publish(zones)
