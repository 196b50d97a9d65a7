"""Feeds that connect canvases to the session: data beside the trace, and edits by the mouse."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject

from lrstudio.core.array import Array
from lrstudio.core.landscape import Domain
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Point
from lrstudio.engine.curvature_track import CurvatureTrack, Samples
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.canvases.landscape.background import Background, domain_background, view_background
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.raster import Request
from lrstudio.ui.canvases.landscape.surface_view import SurfaceView, TurnableLandscape
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.updater import CanvasUpdater

_JOB_SECONDS = 0.05
"""Longest duration of a job in seconds."""
_PAUSE = 3.0
"""Pause after a job while a run goes on, as a multiple of the job's duration."""


class LandscapeFeed(QObject):
    """Requests backgrounds and next steps for the landscape, and applies dragged starts."""

    def __init__(self, session: OpenSession, bench: Bench, updater: CanvasUpdater, canvas: LandscapeCanvas) -> None:
        super().__init__(canvas)
        self._session, self._updater, self._canvas = session, updater, canvas
        session.query_done.connect(self._show_result)
        session.next_step_changed.connect(self._set_next)
        session.simulation_changed.connect(self._request_domain)
        session.state_changed.connect(self._update_slice)
        for changed in (session.simulation_changed, session.experiment_changed):
            changed.connect(self._end_drag)
        canvas.background_requested.connect(self._request_view)
        canvas.start_dragged.connect(self._start_at)
        if isinstance(canvas, TurnableLandscape):
            self._picture = LatestJob[Request](bench)
            canvas.surface.picture_requested.connect(partial(self._draw_surface, canvas.surface))
        if session.simulation is not None:
            updater.update(canvas)
            self._request_domain()
            session.query_next_step()

    def _request_domain(self) -> None:
        self._session.query("landscape", _domain_background)

    def _request_view(self, whole: Background, view: Domain) -> None:
        self._session.query("background", lambda _simulation: view_background(whole, view))

    def _draw_surface(self, view: SurfaceView, request: Request) -> None:
        self._picture.ask(
            request, lambda work: request.picture(work.stop), lambda image: view.show_picture(request, image)
        )

    def _update_slice(self) -> None:
        """Moves a slice to the newest point of the first run."""
        if self._session.state is not State.RUNNING and len(self._session.experiment.problem.domain) > 2:
            self._request_domain()

    def _show_result(self, name: str, background: Any) -> None:
        if name == "landscape":
            self._updater.update(self._canvas)
            self._canvas.set_domain_background(background)
        elif name == "background":
            self._canvas.set_view_background(background)

    def _set_next(self, row: int, params: Array | None) -> None:
        self._updater.update(self._canvas)
        self._canvas.set_next(row, params)

    def _end_drag(self) -> None:
        self._canvas.dragger.cancel_unless(self._session.experiment)

    def _start_at(self, runs: tuple[int, ...], point: tuple[float, ...]) -> None:
        if self._session.simulation is None:  # the runs to come replace the dragged ones
            return
        experiment = self._session.experiment
        for run in runs:
            start = (*point, *experiment.starts()[run][len(point) :])
            experiment = experiment.with_run(run, start=start)
        self._session.edit(experiment)


class RateFeed(QObject):
    """Shows the preview of the schedules, and applies drawn points."""

    def __init__(self, session: OpenSession, bench: Bench, updater: CanvasUpdater, canvas: RateCanvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas = session, canvas
        session.preview_changed.connect(self._show_preview)
        canvas.points_drawn.connect(self._draw_points)
        self._show_preview()

    def _show_preview(self) -> None:
        if self._session.preview is not None:
            self._canvas.set_preview(*self._session.preview)

    def _draw_points(self, run: int, points: tuple[Point, ...]) -> None:
        experiment = self._session.experiment
        try:
            schedule = experiment.runs[run].schedule.with_pairs(points)
        except ValueError as error:
            self._session.message.emit(str(error))
        else:
            self._session.edit(experiment.with_run(run, schedule=schedule))


class CurvatureFeed(QObject):
    """Measures curvatures in background jobs while the canvas is visible, from coarse to fine.

    One job at a time measures some steps of the shown trace; a CurvatureTrack keeps the results of a trace.
    """

    def __init__(self, session: OpenSession, bench: Bench, updater: CanvasUpdater, canvas: CurvatureCanvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas = session, canvas
        self._track: CurvatureTrack | None = None
        self._job = LatestJob[object](bench)
        self._done: tuple[int, bool] | None = None
        self._next_time = 0.0
        session.simulation_changed.connect(self._restart)
        session.feed.frame.connect(self._measure)
        if session.simulation is not None:
            self._restart()

    @property
    def busy(self) -> bool:
        """Whether more steps are to be measured."""
        return self._track is not None and self._canvas.isVisible() and self._done != self._stage()

    def _restart(self) -> None:
        """Starts again with another trace, unless another experiment was opened as it came, by a lesson that waited."""
        self._job.cancel()
        simulation = self._session.simulation
        self._done, self._next_time = None, 0.0
        self._track = None if simulation is None else CurvatureTrack(self._session.experiment, simulation.trace)

    def _stage(self) -> tuple[int, bool]:
        assert self._track is not None
        return self._track.trace.length, self._session.state is State.RUNNING

    def _measure(self) -> None:
        """Starts the next job, once a frame, if steps are missing and the canvas is visible."""
        track = self._track
        if track is None or self._job.busy or not self._canvas.isVisible():
            return
        if self._canvas.trace is not track.trace:  # the canvas is not updated yet
            return
        stage = self._stage()
        if stage == self._done or perf_counter() < self._next_time:
            return
        steps = track.missing(whole=not stage[1])
        if not steps:
            self._done = stage
            return

        def job(work: Work) -> tuple[Samples, float]:
            begin = perf_counter()
            track.measure(steps, work.stop, lambda: perf_counter() - begin > _JOB_SECONDS)
            return track.samples(), perf_counter() - begin

        self._job.ask(None, job, self._show_samples, failed=self._fail)

    def _show_samples(self, result: tuple[Samples, float]) -> None:
        samples, seconds = result
        self._next_time = perf_counter() + (_PAUSE * seconds if self._session.state is State.RUNNING else 0.0)
        if self._track is not None and self._canvas.trace is self._track.trace:
            self._canvas.show_samples(samples)

    def _fail(self, why: str) -> None:
        self._track = None
        self._session.failed.emit(tr("Could not measure the curvature"), why)


def _domain_background(simulation: Simulation | None) -> Background | None:
    if simulation is None:
        return None
    last = simulation.trace.rows(0) - 1
    point = simulation.trace.read("params", last, last + 1)[0, 0]
    return domain_background(simulation.experiment.problem, simulation.objective, tuple(point.tolist()))
