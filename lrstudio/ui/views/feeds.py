"""What plots show beside the trace: fetched for a canvas once it exists, and what the mouse changes in it."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject

from lrstudio.core.array import Array
from lrstudio.core.landscape import Domain
from lrstudio.core.schedules.base import Point
from lrstudio.engine.curvature_track import CurvatureTrack, Samples
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.ground import Ground, ground_of_view, whole_ground
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.upkeep import Upkeep

_TURN = 0.05
"""Seconds after which a job tells what it has."""
_PAUSE = 3.0
"""While a run goes on, the pause after a job, in lengths of that job."""


class LandscapeFeed(QObject):
    """The ground of each new simulation, and that of another part when the landscape shows one; starts are dragged."""

    def __init__(self, session: OpenSession, bench: Bench, upkeep: Upkeep, canvas: LandscapeCanvas) -> None:
        super().__init__(canvas)
        self._session, self._upkeep, self._canvas = session, upkeep, canvas
        session.query_done.connect(self._looked)
        session.next_step_changed.connect(self._set_next)
        session.simulation_changed.connect(self._ask_for_whole)
        session.state_changed.connect(self._follow)
        for changed in (session.simulation_changed, session.experiment_changed):
            changed.connect(self._end_drag)
        canvas.ground_wanted.connect(self._ask_for_view)
        canvas.start_dragged.connect(self._start_at)
        if session.simulation is not None:
            upkeep.bring(canvas)
            self._ask_for_whole()
            session.query_next_step()

    def _ask_for_whole(self) -> None:
        self._session.query("landscape", _whole)

    def _ask_for_view(self, home: Ground, view: Domain) -> None:
        self._session.query("ground", lambda _simulation: ground_of_view(home, view))

    def _follow(self) -> None:
        """A slice goes through the newest point that the first run has."""
        if self._session.state is not State.RUNNING and len(self._session.experiment.problem.domain) > 2:
            self._ask_for_whole()

    def _looked(self, name: str, ground: Any) -> None:
        if name == "landscape":
            self._upkeep.bring(self._canvas)
            self._canvas.set_home(ground)
        elif name == "ground":
            self._canvas.set_ground(ground)

    def _set_next(self, row: int, params: Array | None) -> None:
        self._upkeep.bring(self._canvas)
        self._canvas.set_next(row, params)

    def _end_drag(self) -> None:
        self._canvas.dragger.end_unless(self._session.experiment)

    def _start_at(self, runs: tuple[int, ...], point: tuple[float, ...]) -> None:
        if self._session.simulation is None:  # other runs are on their way, and what was dragged is no more
            return
        experiment = self._session.experiment
        for run in runs:
            start = (*point, *experiment.starts()[run][len(point) :])
            experiment = experiment.with_run(run, start=start)
        self._session.edit(experiment)


class RateFeed(QObject):
    """The rates that the schedules will give; points of a schedule are drawn."""

    def __init__(self, session: OpenSession, bench: Bench, upkeep: Upkeep, canvas: RateCanvas) -> None:
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
    """Has curvatures measured while somebody looks at them: on the bench, little by little, from coarse to fine.

    One job at a time, each of some steps of the trace that is shown; what is known of a trace is kept with it.
    """

    def __init__(self, session: OpenSession, bench: Bench, upkeep: Upkeep, canvas: CurvatureCanvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas = session, canvas
        self._track: CurvatureTrack | None = None
        self._job = LatestJob[object](bench)
        self._done: tuple[int, bool] | None = None
        self._next = 0.0
        session.simulation_changed.connect(self._begin)
        session.feed.frame.connect(self._look)
        if session.simulation is not None:
            self._begin()

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


def _whole(simulation: Simulation | None) -> Ground | None:
    if simulation is None:
        return None
    last = simulation.trace.rows(0) - 1
    point = simulation.trace.read("params", last, last + 1)[0, 0]
    return whole_ground(simulation.experiment.problem, simulation.objective, tuple(point.tolist()))
