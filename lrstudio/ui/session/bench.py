"""The thread pool of the instruments, so that a long computation delays neither the window nor the run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from lrstudio.engine.training.pilot import reason_of
from lrstudio.ui.session.jobs import report

Question = TypeVar("Question")

_THREADS = 3


def _ignore(_result: Any) -> None:
    pass


class Work:
    """A running job, which calls `stop`, `progress` and `publish`; the rest is for the window."""

    def __init__(self, wait: Callable[[], None], post: Callable[[object, str, object], None]) -> None:
        self.fraction = 0.0
        self.cancelled = False
        self.ended = False
        self.callbacks: dict[str, Callable[[Any], None]] = {}
        self._wait, self._post = wait, post
        self._results: list[Any] = []
        self._lock = Lock()

    def cancel(self) -> None:
        """Cancels the job: no more results are delivered, and it returns soon."""
        self.cancelled = True

    def stop(self) -> bool:
        """Waits while the window paints, and returns whether the job should return; to be called often."""
        self._wait()
        return self.cancelled

    def progress(self, fraction: float) -> None:
        """Sets the fraction done, 0 to 1."""
        self.fraction = fraction

    def publish(self, result: Any) -> None:
        """Sends a partial result to the window, which receives only the last of several pending ones."""
        with self._lock:
            pending = bool(self._results)
            self._results.append(result)
        if not pending:
            self._post(self, "partial", None)

    def take_partial(self) -> Any:
        """Returns the last published result."""
        with self._lock:
            results, self._results = self._results, []
        return results[-1]


class Bench(QObject):
    """Computes jobs in parallel and calls back in the window's thread; they call `wait` as often as they can stop."""

    _event = Signal(object, str, object)

    def __init__(self, wait: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wait = wait
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="bench")
        self._pool.submit(int)  # starts the first thread, as later there may be no memory for it
        self.works: set[Work] = set()
        self._stopped = False
        self._event.connect(self._dispatch, Qt.ConnectionType.QueuedConnection)
        self._waiting: list[tuple[Work, Callable[[Work], Any]]] | None = None

    def start(
        self,
        job: Callable[[Work], Any],
        *,
        done: Callable[[Any], None] = _ignore,
        partial: Callable[[Any], None] = _ignore,
        failed: Callable[[str], None] = _ignore,
    ) -> Work:
        """Starts a job; its result is passed to `done`, published results to `partial`, an error message to `failed`.

        None of them is called after `cancel`. After `stop` no job is started.
        """
        work = Work(self._wait, self._event.emit)
        work.callbacks = {"partial": partial, "done": done, "failed": failed}
        if self._stopped:
            work.cancelled = work.ended = True
            return work
        self.works.add(work)
        if self._waiting is None:
            self._submit(work, job)
        else:
            self._waiting.append((work, job))
        return work

    @property
    def busy(self) -> bool:
        """Whether a job is running that is not cancelled."""
        return any(not work.cancelled for work in self.works)

    def stop(self) -> None:
        """Cancels all jobs, also those that are started later."""
        self._stopped = True
        for work in self.works:
            work.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def hold(self) -> None:
        """Lets jobs wait for `release`."""
        self._waiting = []

    def release(self) -> None:
        """Begins the jobs that wait."""
        waiting, self._waiting = self._waiting or [], None
        for work, job in [] if self._stopped else waiting:
            self._submit(work, job)

    def _submit(self, work: Work, job: Callable[[Work], Any]) -> None:
        with suppress(RuntimeError):  # no memory for another thread: those that are there do it
            self._pool.submit(self._do, work, job)

    def _do(self, work: Work, job: Callable[[Work], Any]) -> None:
        try:
            kind, result = "done", None if work.cancelled else job(work)
        except BaseException as error:  # noqa: BLE001 - it must reach the user; the pool would keep it to itself
            kind, result = "failed", reason_of(error)
            if not work.cancelled:
                report(error, expected=(ValueError, OSError))
        try:
            self._event.emit(work, kind, result)
        except RuntimeError:  # the window is gone
            return

    def _dispatch(self, work: Work, kind: str, result: Any) -> None:
        if kind == "partial":
            result = work.take_partial()
        else:
            work.ended = True
            self.works.discard(work)
        if not work.cancelled:
            work.callbacks[kind](result)


class LatestJob(Generic[Question]):
    """Computes the answer to one question at a time: a new question cancels the previous job.

    An equal question starts no new job unless it was cancelled; None is always a new question.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._work: Work | None = None
        self.question: Question | None = None

    @property
    def busy(self) -> bool:
        """Whether the answer is being computed."""
        return self._work is not None

    @property
    def fraction(self) -> float | None:
        """Fraction computed; None if no job is running."""
        return None if self._work is None else self._work.fraction

    def ask(
        self,
        question: Question | None,
        compute: Callable[[Work], Any],
        done: Callable[[Any], None],
        *,
        partial: Callable[[Any], None] = _ignore,
        failed: Callable[[str], None] = _ignore,
    ) -> bool:
        """Starts a job as `Bench.start` does; returns False if the question is the current one."""
        if question is not None and question == self.question:
            return False
        self.cancel()
        self.question = question
        self._work = self._bench.start(
            compute,
            done=lambda result: self._end(done, result),
            partial=partial,
            failed=lambda reason: self._end(failed, reason),
        )
        return True

    def cancel(self) -> None:
        """Cancels the job and clears the question: no more results are delivered."""
        if self._work is not None:
            self._work.cancel()
        self._work = self.question = None

    def _end(self, callback: Callable[[Any], None], result: Any) -> None:
        self._work = None
        callback(result)
