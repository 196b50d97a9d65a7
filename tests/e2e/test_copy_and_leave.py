"""A copied figure outlives the program."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.test_close import NO_WINDOW_MANAGER
from tests.patience import patience

PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from lrstudio.ui.window.app import application
from lrstudio.ui.window.main_window import MainWindow

app = application()
window = MainWindow("light")
window.show()

def copy_and_close():
    window.figures.copy()
    app.aboutToQuit.connect(lambda: print(app.clipboard().image().width(), window.views.width()))
    window.close()

QTimer.singleShot(300, copy_and_close)
sys.exit(app.exec())
"""


def test_after_copying_a_figure_the_program_exits_with_code_0_and_the_clipboard_keeps_the_image() -> None:
    process = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=patience(60))
    errors = [line for line in process.stderr.splitlines() if NO_WINDOW_MANAGER not in line]
    assert (process.returncode, errors) == (0, [])
    copied, shown = map(int, process.stdout.split())
    assert copied == 2 * shown
