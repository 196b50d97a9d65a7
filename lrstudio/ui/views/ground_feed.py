"""The landscape's background, made in the worker's thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from lrstudio.core.landscape import Domain
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.ground import Ground, ground_of_view, whole_ground
from lrstudio.ui.session.open_session import OpenSession


class GroundFeed(QObject):
    """Asks for the ground of each new simulation, and for that of another part when the landscape shows one."""

    home_changed = Signal(object)  # the ground of the whole domain, or None

    def __init__(self, session: OpenSession, canvas: LandscapeCanvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas = session, canvas
        session.query_done.connect(self._looked)
        session.simulation_changed.connect(self._ask_for_whole)
        session.state_changed.connect(self._follow)
        canvas.ground_wanted.connect(self._ask_for_view)

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
            self.home_changed.emit(ground)
        elif name == "ground":
            self._canvas.set_ground(ground)


def _whole(simulation: Simulation | None) -> Ground | None:
    if simulation is None:
        return None
    last = simulation.trace.rows(0) - 1
    point = simulation.trace.read("params", last, last + 1)[0, 0]
    return whole_ground(simulation.experiment.problem, simulation.objective, tuple(point.tolist()))
