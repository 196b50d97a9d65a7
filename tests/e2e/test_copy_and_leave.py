"""What was copied does not disturb the end of the program."""

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


def test_after_a_figure_was_copied_the_program_ends_with_exit_code_0_and_leaves_the_picture() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=patience(60))
    said = [line for line in ended.stderr.splitlines() if NO_WINDOW_MANAGER not in line]
    assert (ended.returncode, said) == (0, [])
    left, shown = map(int, ended.stdout.split())
    assert left == 2 * shown
