"""What the program does not do before its window is painted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.start import to_first_paint

NOTE = """
import json, sys
compiled = []

def note(event, arguments):
    if event == "compile" and arguments[1] == "<formula>":
        compiled.append(str(arguments[0]))

sys.addaudithook(note)
"""
REPORT = 'print(json.dumps({"modules": sorted(sys.modules), "compiled": compiled}), flush=True)'
LATER = (
    "pyqtgraph.multiprocess pyqtgraph.imageview pyqtgraph.parametertree pyqtgraph.graphicsItems.PlotItem"
    " PySide6.QtTest PySide6.QtOpenGLWidgets PySide6.QtPrintSupport wasmtime importlib.metadata"
    " lrstudio.ui.instruments.map.window lrstudio.ui.instruments.range_test.window"
    " lrstudio.ui.instruments.sweep.window lrstudio.ui.instruments.log.window lrstudio.store.logs.read"
    " lrstudio.ui.files.restore_dialog lrstudio.terminal.run lrstudio.terminal.sweep lrstudio.terminal.instruments"
    " lrstudio.terminal.benchmark"
).split()
MOST_COMPILED = 12
"""Formulas of the experiment in the window: its loss, its gradients and the rule of its optimizer."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The imported modules and the compiled formulas of a start in a process of its own."""
    folder = str(tmp_path_factory.mktemp("settings"))
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": folder}
    program = NOTE + to_first_paint(REPORT)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", LATER)
def test_the_window_opens_without(start: Any, name: str) -> None:
    assert "lrstudio.ui.window.main_window" in start["modules"]
    assert name not in start["modules"]


def test_only_formulas_of_the_first_experiment_are_compiled(start: Any) -> None:
    assert len(start["compiled"]) <= MOST_COMPILED


def test_pyqtgraph_is_imported_in_one_place() -> None:
    package = Path(__file__).parents[3] / "lrstudio"
    users = [file for file in package.rglob("*.py") if "\nimport pyqtgraph" in file.read_text("utf-8")]
    assert users == []
