"""CPU time from process start to the first painted window, beside a bare import: python -m tests.benchmarks.start

Fresh processes of the program (offscreen) and of `import PySide6.QtWidgets, numpy` take turns; also the start of
`lrstudio --version` and `lrstudio list`, which need neither Qt nor a window.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from statistics import median

BARE = "import PySide6.QtWidgets, numpy, os; os._exit(0)"
_WINDOW = """
import os, sys
from lrstudio.__main__ import main
import gc; gc.disable()  # as `lrstudio` does before it imports the window
import lrstudio.terminal.cli
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from lrstudio.ui.window.main_window import MainWindow

class Painted(QObject):
    def event(self, event):
        REPORT
        os._exit(0)

paint = MainWindow.paintEvent

def first_paint(window, event):
    window.first_paint = Painted()
    QCoreApplication.postEvent(window.first_paint, QEvent(QEvent.Type.User))  # comes when all parts are painted
    paint(window, event)

MainWindow.paintEvent = first_paint
sys.argv = ["lrstudio"]
main()
"""
COMMANDS = {"--version": ["--version"], "list optimizers": ["list", "optimizers"]}


def to_first_paint(report: str = "pass") -> str:
    """Returns a program that opens the window, runs the statement `report` when it is painted, and ends."""
    return _WINDOW.replace("REPORT", report)


def code(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def cpu_seconds(command: list[str], folder: str) -> float:
    """The user and system time of one process; compiled modules and settings are kept in a folder.

    The number of threads is not set: the program sets it to one, a bare import starts as many as there are cores.
    """
    own = {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
    usual = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=usual | own | {"XDG_CONFIG_HOME": folder})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measured(rounds: int) -> dict[str, float]:
    """The medians of the CPU seconds by name."""
    commands = {"bare import": code(BARE), "window": code(to_first_paint())}
    commands |= {name: [sys.executable, "-m", "lrstudio", *words] for name, words in COMMANDS.items()}
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds + 1):  # the first of each only compiles the modules
            for name, command in commands.items():
                times[name].append(cpu_seconds(command, folder))
    return {name: median(all_of[1:]) for name, all_of in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    middle = measured(parser.parse_args().rounds)
    for name, seconds in middle.items():
        print(f"{name:16} {1000 * seconds:6.0f} ms CPU, {seconds / middle['bare import']:.2f} x the bare import")
    return 0


if __name__ == "__main__":
    sys.exit(main())
