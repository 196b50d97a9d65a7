"""Independent parts are computed on several threads, and their results come in order."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from lrstudio.engine.sweep.parallel import in_order, threads


def never() -> bool:
    return False


@pytest.mark.parametrize("count", [1, 2, 4])
def test_results_come_in_order(count: int) -> None:
    later = threading.Event()

    def work(job: int, stop: Callable[[], bool]) -> int:
        if job == 0 and count > 1:
            later.wait(10)  # a later job ends first
        if job == 1:
            later.set()
        return job * job

    assert list(in_order(range(20), work, never, count)) == [job * job for job in range(20)]


def test_a_single_job_is_computed_by_the_caller() -> None:
    caller = threading.current_thread()
    assert list(in_order([1], lambda job, stop: threading.current_thread() is caller, never, 4)) == [True]
    assert list(in_order([], lambda job, stop: job, never, 4)) == []


@pytest.mark.parametrize("count", [1, 2])
def test_it_stops_within_a_job(count: int) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    def work(job: int, stop: Callable[[], bool]) -> int | None:
        while not stop():
            pass
        return None

    assert list(in_order(range(5), work, stop, count)) == []
    assert asked >= 4


def test_every_thread_that_computes_may_be_made_to_wait() -> None:
    asked_by: set[threading.Thread] = set()

    def stop() -> bool:
        asked_by.add(threading.current_thread())
        return False

    def work(job: int, stop: Callable[[], bool]) -> threading.Thread:
        stop()
        return threading.current_thread()

    assert set(in_order(range(5), work, stop, 2)) <= asked_by


def test_an_error_in_a_job_reaches_the_caller() -> None:
    def work(job: int, stop: Callable[[], bool]) -> int:
        raise ArithmeticError(f"job {job}")

    with pytest.raises(ArithmeticError, match="job 0"):
        list(in_order(range(5), work, never, 2))


def test_there_is_a_thread_for_each_processor_up_to_four() -> None:
    assert 1 <= threads() <= 4
