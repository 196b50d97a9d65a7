"""Nothing is lost when the program is ended from outside, and nothing runs wild when it was stopped for a while."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lrstudio.store.recovery import read_point
from tests.e2e.test_close import NO_WINDOW_MANAGER
from tests.patience import patience

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

PROGRAM = """
import json, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from lrstudio.ui.window import app
from lrstudio.ui.window.main_window import MainWindow

def edit(window):
    if window.session.simulation is None:
        QTimer.singleShot(10, lambda: edit(window))
        return
    window.runs.actions_by_name["add"].trigger()
    window.transport.set_pace(100)
    window.session.simulation_changed.connect(lambda: window.run_actions.play.trigger())
    def tick():
        ticks.append((time.monotonic(), window.session.steps_done))
        if len(ticks) > 1 and ticks[-1][0] - ticks[-2][0] > 1:
            stops.append(len(ticks))
        if stops and len(ticks) == stops[0] + 30:
            print("going on", flush=True)
        if window.session.steps_done and not ready:
            ready.append(window)
            if len(sys.argv) > 1:
                QTimer.singleShot(0, window.close)  # which asks
            QTimer.singleShot(100, lambda: print("running", QApplication.activeModalWidget() is not None, flush=True))
    window.feed.frame.connect(tick)

ticks, stops, ready, shown = [], [], [], MainWindow.show
def show(window):
    shown(window)
    edit(window)

MainWindow.show = show
code = app.run_window(None)
print(json.dumps(ticks))
sys.exit(code)
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment in which the program keeps its settings and its recovery points in a folder of the test."""
    folders = {name: str(tmp_path / name) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    return os.environ | folders | {"QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture
def running(home: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """The program, whose experiment has one run more than the example and is running; with a question if asked for."""
    arguments = ["question"] if getattr(request, "param", False) else []
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=home, cwd=tmp_path,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == f"running {bool(arguments)}\n"
    yield process
    process.kill()
    process.communicate()


def ended(process: subprocess.Popen[str]) -> list[Any]:
    """Waits for the end, which must be in order; returns times and steps of the frames."""
    said, errors = process.communicate(timeout=patience(20))
    assert [line for line in errors.splitlines() if NO_WINDOW_MANAGER not in line] == []
    assert process.returncode == 0
    frames: list[Any] = json.loads(said)
    return frames


def points(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "XDG_STATE_HOME").rglob("*.point"))


@pytest.mark.parametrize(
    ("running", "number"),
    [(False, signal.SIGTERM), (True, signal.SIGHUP)],
    indirect=["running"],
    ids=["SIGTERM", "SIGHUP while a question stands"],
)
def test_a_program_that_is_told_to_end_keeps_what_is_unsaved_and_ends(
    running: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    running.send_signal(number)
    frames = ended(running)
    point = read_point(*points(tmp_path))
    assert len(point.experiment.runs) == 4
    assert point.steps >= frames[-1][1] > 0
    assert not list((tmp_path / "XDG_STATE_HOME").rglob(".*.lock"))


def test_a_program_that_was_stopped_for_a_while_catches_up_once(running: subprocess.Popen[str]) -> None:
    running.send_signal(signal.SIGSTOP)
    time.sleep(2)  # the pause itself
    resumed = time.monotonic()
    running.send_signal(signal.SIGCONT)
    assert running.stdout is not None and running.stdout.readline() == "going on\n"
    running.send_signal(signal.SIGTERM)
    frames = ended(running)
    last, before = max(frame for frame in frames if frame[0] < resumed)
    after = [(when - resumed, steps - before) for when, steps in frames if when >= resumed]
    jumps = [new - old - 100 * (now - then) for (then, old), (now, new) in pairwise(after)]  # beyond the pace
    assert 30 <= len(after) < after[-1][0] / 0.016 + 10  # no frame is made up for
    assert after[-1][1] <= 100 * (resumed - last + after[-1][0]) + 20
    assert sum(jump > 50 for jump in jumps) <= 1
