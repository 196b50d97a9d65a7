"""How a run reaches the screen: the worker computes, the window takes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from lrstudio.engine.pilot import Event, JobDone, Loaded, Pilot, StateChanged
from lrstudio.engine.simulation import Simulation

FRAME_MS = 16
_SWITCH_SECONDS = 0.0001
"""At Python's own 5 ms a busy worker leaves the window some 11 frames a second."""


class _Worker(QThread):
    def __init__(self, pilot: Pilot, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("pilot")
        self._pilot = pilot

    def run(self) -> None:
        self._pilot.run()


class RunFeed(QObject):
    """The pilot in its thread. Events arrive as signals in the window's thread; `frame` ticks where there may be news.

    Signals carry changes of state only, never data. The worker waits while `gate` is cleared.
    """

    state_changed = Signal(object)
    loaded = Signal(object)
    job_done = Signal(object)
    frame = Signal()
    stopped = Signal()
    _event = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.gate = threading.Event()
        self.gate.set()
        self.pilot = Pilot(self._event.emit, self.gate)
        self._event.connect(self._dispatch, Qt.ConnectionType.QueuedConnection)
        self._worker = _Worker(self.pilot, self)
        self._worker.finished.connect(self.stopped)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.frame)
        self._jobs = 0

    def start(self) -> None:
        self._worker.start()
        self._timer.start()

    @property
    def busy(self) -> bool:
        """Whether a submitted job has not yet ended."""
        return self._jobs > 0

    @property
    def alive(self) -> bool:
        return self._worker.isRunning()

    def submit(self, key: object, job: Callable[[Simulation | None], Any]) -> None:
        """Do a job on the worker's thread; `job_done` tells its end."""
        self._jobs += 1
        self.pilot.submit(key, job)

    def stop(self) -> None:
        """Ask the worker to end; `stopped` comes when it has."""
        self._timer.stop()
        self.gate.set()
        self.pilot.stop()

    def _dispatch(self, event: Event) -> None:
        match event:
            case StateChanged():
                self.state_changed.emit(event)
            case Loaded():
                self.loaded.emit(event.simulation)
            case JobDone():
                self._jobs -= 1
                self.job_done.emit(event)
