"""Closing is safe, every time."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

CLOSES = 50
NO_WINDOW_MANAGER = "propagateSizeHints"

PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from lrstudio.ui.app import application
from lrstudio.ui.main_window import MainWindow

app = application()
window = MainWindow("light")
window.show()
window.transport.set_pace(None if {fast} else 200)
QTimer.singleShot({run}, window.run_actions.play.trigger)
QTimer.singleShot({close}, window.close)
sys.exit(app.exec())
"""


def close_once(seed: int) -> subprocess.CompletedProcess[str]:
    chance = random.Random(seed)
    program = PROGRAM.format(fast=chance.random() < 0.7, run=chance.randrange(60), close=chance.randrange(250))
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program], capture_output=True, text=True, timeout=60
    )


def test_a_window_that_is_closed_at_any_moment_ends_with_exit_code_0() -> None:
    with ThreadPoolExecutor(2) as pool:
        for seed, ended in enumerate(pool.map(close_once, range(CLOSES))):
            said = [line for line in ended.stderr.splitlines() if NO_WINDOW_MANAGER not in line]
            assert (ended.returncode, said) == (0, []), f"seed {seed}"
