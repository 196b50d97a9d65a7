"""Where instruments compute: threads of their own, so that a long map holds up neither the window nor the run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

_THREADS = 3
_TURN = 0.002
"""Seconds after which a job lets the window go first."""


def _ignore(_result: Any) -> None:
    """Nobody wants to know."""


class Work:
    """A job that is computed. `stop`, `progress` and `tell` are for the job, the rest for the window."""

    def __init__(self, yield_to_gui: Callable[[], None], post: Callable[[object, str, object], None]) -> None:
        self.fraction = 0.0
        self.cancelled = False
        self.ended = False
        self.told: Callable[[Any], None] = _ignore
        self.done: Callable[[Any], None] = _ignore
        self.failed: Callable[[str], None] = _ignore
        self._yield_to_gui, self._post = yield_to_gui, post
        self._turn = 0.0
        self._news: list[Any] = []
        self._lock = Lock()

    def cancel(self) -> None:
        """Nothing more comes of it; the job returns soon."""
        self.cancelled = True

    def stop(self) -> bool:
        """Whether the job should return; asked often. The window, where it has something to do, goes first."""
        now = perf_counter()
        if now - self._turn > _TURN:
            self._yield_to_gui()
            self._turn = perf_counter()
        return self.cancelled

    def progress(self, fraction: float) -> None:
        """Say which share is done."""
        self.fraction = fraction

    def tell(self, result: Any) -> None:
        """Send a result before the end; of several that wait the window gets the last."""
        with self._lock:
            waiting = bool(self._news)
            self._news.append(result)
        if not waiting:
            self._post(self, "told", None)

    def take_news(self) -> Any:
        """The last result that was told."""
        with self._lock:
            news, self._news = self._news, []
        return news[-1]


class Bench(QObject):
    """Computes jobs side by side and calls back in the window's thread.

    `yield_to_gui` is called by the jobs every few milliseconds and returns when the window has nothing to do.
    """

    _event = Signal(object, str, object)

    def __init__(self, yield_to_gui: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._yield_to_gui = yield_to_gui
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="bench")
        self.works: set[Work] = set()
        self._stopped = False
        self._event.connect(self._dispatch, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        job: Callable[[Work], Any],
        *,
        done: Callable[[Any], None] = _ignore,
        told: Callable[[Any], None] = _ignore,
        failed: Callable[[str], None] = _ignore,
    ) -> Work:
        """Do a job. Its result goes to `done`, what it tells meanwhile to `told`, its error, in words, to `failed`.

        After `cancel` none of them is called, and nothing is done after `stop`: a window that closes may still ask.
        """
        work = Work(self._yield_to_gui, self._event.emit)
        work.told, work.done, work.failed = told, done, failed
        if self._stopped:
            work.cancelled = work.ended = True
            return work
        self.works.add(work)
        self._pool.submit(self._do, work, job)
        return work

    @property
    def busy(self) -> bool:
        """Whether something is computed whose result is wanted."""
        return any(not work.cancelled for work in self.works)

    def stop(self) -> None:
        """Cancel everything; what is started from now on is cancelled too."""
        self._stopped = True
        for work in self.works:
            work.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, work: Work, job: Callable[[Work], Any]) -> None:
        try:
            kind, result = "done", None if work.cancelled else job(work)
        except Exception as error:  # noqa: BLE001 - it must reach the user, not end the thread
            kind, result = "failed", str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        try:
            self._event.emit(work, kind, result)
        except RuntimeError:  # the window is gone
            return

    def _dispatch(self, work: Work, kind: str, result: Any) -> None:
        if kind == "told":
            result = work.take_news()
        else:
            work.ended = True
            self.works.discard(work)
        if not work.cancelled:
            {"told": work.told, "done": work.done, "failed": work.failed}[kind](result)
