"""How a run reaches the screen: the worker computes, the window takes."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QThread, QTimer, Signal

from lrstudio.engine.training.pilot import Event, JobDone, Loaded, Pilot, StateChanged
from lrstudio.engine.training.simulation import Simulation

FRAME_MS = 16
_SWITCH_SECONDS = 0.0001
"""At Python's own 5 ms a busy worker leaves the window some 11 frames a second."""
_PATIENCE, _MOMENT = 0.05, 0.0002


class _Worker(QThread):
    def __init__(self, pilot: Pilot, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("pilot")
        self._pilot = pilot

    def run(self) -> None:
        self._pilot.run()


class RunFeed(QObject):
    """The pilot in its thread. Events arrive as signals in the window's thread; `frame` ticks where there may be news.

    Signals carry changes of state only, never data. The window goes first: `hold` closes the worker's gate until the
    window has nothing left to do. Without it every call of a painter loses Python's lock to the worker for a moment,
    and a frame of 5 ms takes 150.
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
        self._gate = threading.Event()
        self._gate.set()
        self._stop_for_a_moment = threading.Event()  # never set: waiting for it is what counts
        self.pilot = Pilot(self._event.emit, self._gate)
        self._event.connect(self._dispatch, Qt.ConnectionType.QueuedConnection)
        self._worker = _Worker(self.pilot, self)
        self._worker.finished.connect(self.stopped)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._release)
        self._busy = QElapsedTimer()
        self._jobs = 0
        self._settled = gc.get_freeze_count() > 0  # asking each time takes 30 ms

    def start(self) -> None:
        self._worker.start()
        self._timer.start(FRAME_MS)

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

    def yield_to_gui(self) -> None:
        """For a long job on the worker's thread, every few milliseconds: let the window go first.

        A job that only gives Python's lock up for moments takes it back before the window wakes.
        """
        self._stop_for_a_moment.wait(_MOMENT)
        self._gate.wait(_PATIENCE)

    def hold(self) -> None:
        """Keep the worker away until the window is idle: a timer of 0 ms comes after everything that waits."""
        self._gate.clear()
        self._idle.start()

    def stop(self) -> None:
        """Ask the worker to end; `stopped` comes when it has."""
        self._timer.stop()
        self._gate.set()
        self.pilot.stop()

    def _tick(self) -> None:
        self._busy.start()
        self.hold()
        self.frame.emit()

    def _release(self) -> None:
        """The window is idle: the worker may go on, and the next frame comes when it has had as long as this one."""
        self._gate.set()
        if self.alive and not self._timer.isActive():
            busy = self._busy.elapsed()
            self._timer.start(max(FRAME_MS - busy, busy))

    def _dispatch(self, event: Event) -> None:
        match event:
            case StateChanged():
                self.state_changed.emit(event)
            case Loaded():
                self.loaded.emit(event.simulation)
                if not self._settled:  # what the program itself is made of stays; looking through it takes 36 ms
                    gc.collect()
                    gc.freeze()
                    self._settled = True
            case JobDone():
                self._jobs -= 1
                self.job_done.emit(event)
