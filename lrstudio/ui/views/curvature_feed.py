"""Has curvatures measured while somebody looks at them: on the bench, little by little, from coarse to fine."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject

from lrstudio.engine.curvature_track import CurvatureTrack, Samples
from lrstudio.engine.training.pilot import State
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession

_TURN = 0.05
"""Seconds after which a job tells what it has."""
_PAUSE = 3.0
"""While a run goes on, the pause after a job, in lengths of that job."""


class CurvatureFeed(QObject):
    """One job at a time, each of some steps of the trace that is shown; what is known of a trace is kept with it."""

    def __init__(self, session: OpenSession, bench: Bench, canvas: CurvatureCanvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas = session, canvas
        self._track: CurvatureTrack | None = None
        self._job = LatestJob[object](bench)
        self._done: tuple[int, bool] | None = None
        self._next = 0.0
        session.simulation_changed.connect(self._begin)
        session.feed.frame.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether more is being measured or waits for its turn."""
        return self._track is not None and self._canvas.isVisible() and self._done != self._stage()

    def _begin(self) -> None:
        """Another trace: what is measured of the old one is of no use."""
        self._job.cancel()
        assert self._session.trace is not None
        self._done, self._next = None, 0.0
        self._track = CurvatureTrack(self._session.experiment, self._session.trace)

    def _stage(self) -> tuple[int, bool]:
        assert self._track is not None
        return self._track.trace.length, self._session.state is State.RUNNING

    def _look(self) -> None:
        """Once a frame: start the next job where there is something to measure and somebody to see it."""
        track = self._track
        if track is None or self._job.busy or not self._canvas.isVisible():
            return
        if self._canvas.trace is not track.trace:  # it will be, soon
            return
        stage = self._stage()
        if stage == self._done or perf_counter() < self._next:
            return
        steps = track.missing(whole=not stage[1])
        if not steps:
            self._done = stage
            return

        def job(work: Work) -> tuple[Samples, float]:
            begin = perf_counter()
            track.measure(steps, work.stop, lambda: perf_counter() - begin > _TURN)
            return track.samples(), perf_counter() - begin

        self._job.ask(None, job, self._take, failed=self._fail)

    def _take(self, result: tuple[Samples, float]) -> None:
        samples, seconds = result
        self._next = perf_counter() + (_PAUSE * seconds if self._session.state is State.RUNNING else 0.0)
        if self._track is not None and self._canvas.trace is self._track.trace:
            self._canvas.show_samples(samples)

    def _fail(self, why: str) -> None:
        self._track = None
        self._session.failed.emit(self.tr("Could not measure the curvature"), why)
