"""Computes independent parts on several threads and yields the results in order."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waiting
from itertools import chain, islice
from typing import TypeVar

Stop = Callable[[], bool]
Job = TypeVar("Job")
Result = TypeVar("Result")

_MOST = 4
_POLL = 0.005
"""Seconds between two questions whether to stop."""


def threads() -> int:
    """Returns the number of threads that compute at once: one for each processor, at most 4."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(_MOST, len(affinity(0)) if affinity is not None else os.cpu_count() or 1)


def in_order(
    jobs: Iterable[Job], work: Callable[[Job, Stop], Result | None], stop: Stop, count: int
) -> Iterator[Result]:
    """Yields the results of jobs, computed by `work` on `count` threads, until `stop()` returns True.

    `work` takes a job and a function that returns whether to stop, in which case it returns None. A single job, and
    every job of one thread, is computed by the calling thread. `stop` is called in every thread that computes.
    """
    remaining = iter(jobs)
    first = list(islice(remaining, 2))
    if count < 2 or len(first) < 2:
        for job in chain(first, remaining):
            result = work(job, stop)
            if result is None:
                return
            yield result
        return
    cancelled = threading.Event()
    pool = ThreadPoolExecutor(count, "chunk")
    waiting: deque[Future[Result | None]] = deque()
    try:
        remaining = chain(first, remaining)
        while True:
            for job in islice(remaining, 2 * count - len(waiting)):
                waiting.append(pool.submit(work, job, lambda: cancelled.is_set() or stop()))
            if not waiting:
                return
            result = _result(waiting.popleft(), stop)
            if result is None or stop():
                return
            yield result
    finally:
        cancelled.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _result(future: Future[Result | None], stop: Stop) -> Result | None:
    """Returns the result of a job; None where `stop()` returns True before it is there."""
    while True:
        try:
            return future.result(_POLL)
        except Waiting:
            if stop():
                return None
