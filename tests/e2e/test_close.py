"""Closing is safe, every time."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from lrstudio.ui.window.main_window import MainWindow
from tests.patience import patience

CLOSES = int(os.environ.get("LRSTUDIO_CLOSES", "16"))
NO_WINDOW_MANAGER = "propagateSizeHints"

PROGRAM = """
import os, random, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from lrstudio.ui.window.app import application
from lrstudio.ui.window.main_window import MainWindow

folder, *seeds = sys.argv[1:]
for seed in seeds:
    child = os.fork() if len(seeds) > 1 else 0  # importing takes longer than the rest: it is done once
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit(0)

os.dup2(os.open(os.path.join(folder, seed), os.O_CREAT | os.O_WRONLY), 2)
chance = random.Random(int(seed))
app = application()
window = MainWindow("light", recovery=Path(folder) / f"recovery {seed}")
window.show()
window.transport.set_pace(None if chance.random() < 0.7 else 200)
QTimer.singleShot(chance.randrange(60), window.run_actions.play.trigger)
QTimer.singleShot(chance.randrange(250), window.close)
sys.exit(app.exec())
"""


def closed(folder: Path, seeds: Sequence[int]) -> Iterator[tuple[int, int, list[str]]]:
    """Seed, exit code and what was said, of windows that are closed, each in a process of its own."""
    command = [sys.executable, "-X", "faulthandler", "-c", PROGRAM, str(folder), *map(str, seeds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(240))
    codes = [int(line) for line in done.stdout.split()] if len(seeds) > 1 else [done.returncode]
    for seed, code in zip(seeds, codes, strict=True):
        said = (folder / str(seed)).read_text(encoding="utf-8").splitlines()
        yield seed, code, [line for line in said if NO_WINDOW_MANAGER not in line]


def test_a_window_that_is_closed_at_any_moment_ends_with_exit_code_0(tmp_path: Path) -> None:
    at_once = CLOSES // 2 if sys.platform == "linux" else 1
    groups = [range(first, first + at_once) for first in range(0, CLOSES, at_once)]
    with ThreadPoolExecutor(2) as pool:
        found = [each for group in pool.map(lambda seeds: list(closed(tmp_path, seeds)), groups) for each in group]
    assert found == [(seed, 0, []) for seed in range(CLOSES)]


def shows_a_trace(window: MainWindow) -> bool:
    return window.session.trace is not None


def is_gone(window: MainWindow) -> bool:
    return not window.feed.alive and not window.isVisible()


def test_closed_windows_do_not_pile_up(qtbot: QtBot) -> None:
    closed = []
    for _ in range(3):
        window = MainWindow("light")
        window.show()
        qtbot.waitUntil(partial(shows_a_trace, window))
        window.close()
        qtbot.waitUntil(partial(is_gone, window))
        window.deleteLater()
        closed.append(weakref.ref(window))
    del window
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert sum(window() is not None for window in closed) <= 1  # one stays in reach of Qt
