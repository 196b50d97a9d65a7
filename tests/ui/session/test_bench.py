"""Jobs of the instruments: their results arrive in the window's thread, and cancelled ones are silent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.session.bench import Bench, LatestJob, Work
from tests.patience import PATIENCE


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(lambda: None)
    yield made
    made.stop()


def test_a_result_comes_in_the_window_s_thread_from_another_one(bench: Bench, qtbot: QtBot) -> None:
    found: list[tuple[int, int]] = []
    bench.start(lambda _work: threading.get_ident(), done=lambda there: found.append((there, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(found))
    there, here = found[0]
    assert here == threading.get_ident() != there
    assert not bench.busy


def test_an_error_is_told_in_words(bench: Bench, qtbot: QtBot) -> None:
    told: list[str] = []

    def job(_work: Work) -> None:
        raise ValueError("lr = 0: must be a number above 0")

    bench.start(job, failed=told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["lr = 0: must be a number above 0"]


def test_a_cancelled_job_is_told_to_stop_and_nothing_comes_of_it(bench: Bench, qtbot: QtBot) -> None:
    begun, ended, results = threading.Event(), threading.Event(), list[object]()

    def job(work: Work) -> int:
        begun.set()
        while not work.stop():
            pass
        ended.set()
        return 1

    work = bench.start(job, done=results.append, partial=results.append, failed=results.append)
    assert begun.wait(PATIENCE)
    assert bench.busy
    work.cancel()
    qtbot.waitUntil(lambda: work.ended)
    assert ended.is_set()
    assert not results
    assert not bench.busy


def test_of_many_results_that_wait_the_last_one_counts(bench: Bench, qtbot: QtBot) -> None:
    told: list[int] = []
    done: list[int] = []

    def job(work: Work) -> int:
        for number in range(1000):
            work.publish(number)
            work.progress(number / 1000)
        return 1000

    work = bench.start(job, partial=told.append, done=done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert told[-1] == 999
    assert told == sorted(told)
    assert len(told) < 1000
    assert work.fraction == pytest.approx(0.999)


def test_three_jobs_go_side_by_side(bench: Bench, qtbot: QtBot) -> None:
    together, done = threading.Barrier(3), list[int]()
    for _ in range(3):
        bench.start(lambda _work: together.wait(PATIENCE), done=done.append)
    qtbot.waitUntil(lambda: len(done) == 3)
    assert sorted(done) == [0, 1, 2]


def test_without_memory_for_another_thread_jobs_wait_for_the_first(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    go_on, done = threading.Event(), list[int]()
    bench.start(lambda _work: go_on.wait(PATIENCE))
    for number in range(3):
        bench.start(partial(_number, number), done=done.append)
    go_on.set()
    qtbot.waitUntil(lambda: done == [0, 1, 2])
    assert not bench.busy


def test_stopping_while_jobs_wait_ends_all(qtbot: QtBot) -> None:
    bench, results = Bench(lambda: None), list[object]()

    def job(work: Work) -> None:
        while not work.stop():
            pass

    works = [bench.start(job, done=results.append) for _ in range(5)]
    bench.stop()
    assert all(work.cancelled for work in works)
    qtbot.waitUntil(lambda: all(work.ended for work in works[:3]))
    assert not results


def test_after_stop_nothing_is_started_and_nobody_is_told(bench: Bench) -> None:
    bench.stop()
    work = bench.start(lambda _work: pytest.fail("started"))
    assert work.cancelled and work.ended
    assert not bench.busy


def _number(number: int, _work: Work) -> int:
    return number


def until_cancelled(work: Work) -> None:
    while not work.stop():
        pass


def test_a_new_question_cancels_the_one_before_and_drops_its_answer(bench: Bench, qtbot: QtBot) -> None:
    job, answers = LatestJob[str](bench), list[str]()
    assert job.ask("old", until_cancelled, lambda _none: answers.append("old"))
    assert job.busy
    assert job.ask("new", lambda _work: "new", answers.append)
    qtbot.waitUntil(lambda: not bench.busy and not job.busy)
    assert answers == ["new"]
    assert job.question == "new"


def test_an_equal_question_is_asked_again_only_after_a_cancel(bench: Bench, qtbot: QtBot) -> None:
    job, answers = LatestJob[tuple[int, int]](bench), list[int]()
    assert job.ask((1, 2), lambda _work: 1, answers.append)
    assert not job.ask((1, 2), lambda _work: 2, answers.append)
    qtbot.waitUntil(lambda: not job.busy)
    assert not job.ask((1, 2), lambda _work: 3, answers.append)
    job.cancel()
    assert job.ask((1, 2), lambda _work: 4, answers.append)
    qtbot.waitUntil(lambda: not job.busy)
    assert answers == [1, 4]


def _same(number: int, _work: Work) -> int:
    return number


def test_without_a_question_a_job_always_starts(bench: Bench, qtbot: QtBot) -> None:
    job, answers = LatestJob[object](bench), list[int]()
    for number in (1, 2):
        assert job.ask(None, partial(_same, number), answers.append)
        qtbot.waitUntil(lambda: not job.busy)
    assert answers == [1, 2]


def test_a_cancelled_job_delivers_nothing_and_a_failed_one_its_error(bench: Bench, qtbot: QtBot) -> None:
    job, results = LatestJob[str](bench), list[object]()

    def fail(_work: Work) -> None:
        raise ValueError("no rate")

    job.ask("cancelled", until_cancelled, results.append, partial=results.append, failed=results.append)
    job.cancel()
    assert not job.busy and job.question is None and job.fraction is None
    job.ask("failed", fail, results.append, failed=results.append)
    qtbot.waitUntil(lambda: not job.busy)
    assert results == ["no rate"]
    assert not job.ask("failed", fail, results.append)
