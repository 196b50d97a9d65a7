"""The worker thread that trains, and the timer of the window's frames."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QThread, QTimer, Signal

from lrstudio.engine.training.pilot import GATE_SECONDS, Event, JobDone, Loaded, Pilot, StateChanged
from lrstudio.engine.training.simulation import Simulation

FRAME_MS = 16


@cache
def _freeze() -> None:
    """Leaves the program's own objects out of collections, once in a process: to search them takes 36 ms."""
    gc.freeze()
    gc.enable()


class _Worker(QThread):
    def __init__(self, pilot: Pilot, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("pilot")
        self._pilot = pilot

    def run(self) -> None:
        self._pilot.run()


class RunFeed(QObject):
    """Runs the pilot in a thread. Its events arrive as signals in the window's thread; `frame` is the repaint timer.

    Signals carry changes of state, never data. A frame shows what is there; between two frames the window has as long
    for other events as the first one took.

    While the window paints, other threads wait between two blocks of steps: every call of a painter frees Python's
    lock, and taking it back from a thread that computes in Python makes a frame several times as long. A kernel goes on
    in its block, which takes as long as most frames.
    """

    state_changed = Signal(object)
    loaded = Signal(object)
    job_done = Signal(object)
    frame = Signal()
    stopped = Signal()
    _event = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = threading.Event()
        self._gate.set()
        self.pilot = Pilot(self._event.emit, self._gate)
        self._event.connect(self._dispatch, Qt.ConnectionType.QueuedConnection)
        self.drawn: int | None = None
        """The number of rows that every visible plot has drawn; None without such plots."""
        self._worker = _Worker(self.pilot, self)
        self._worker.finished.connect(self.stopped)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._plan_frame)
        self._busy = QElapsedTimer()
        self._jobs = 0

    def start(self) -> None:
        self._worker.start()
        self._timer.start(FRAME_MS)

    @property
    def busy(self) -> bool:
        """Whether a submitted job has not ended."""
        return self._jobs > 0

    @property
    def alive(self) -> bool:
        return self._worker.isRunning()

    def submit(self, key: object, job: Callable[[Simulation | None], Any]) -> None:
        """Runs a job in the worker thread; `job_done` is emitted when it ends."""
        self._jobs += 1
        self.pilot.submit(key, job)

    def wait_for_painting(self) -> None:
        """Waits while the window paints; jobs in other threads call it every few milliseconds."""
        self._gate.wait(GATE_SECONDS)

    def hold(self) -> None:
        """Makes other threads wait until the window is idle: a timer of 0 ms fires after all pending events."""
        self._gate.clear()
        self._idle.start()

    def stop(self) -> None:
        """Stops the worker; `stopped` is emitted when it has ended."""
        self._timer.stop()
        self._gate.set()
        self.pilot.stop()

    def _tick(self) -> None:
        self._busy.start()
        self.pilot.look(self.drawn)
        self.hold()
        self.frame.emit()

    def _plan_frame(self) -> None:
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
                _freeze()
            case JobDone():
                self._jobs -= 1
                self.job_done.emit(event)
