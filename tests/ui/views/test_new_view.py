"""A new plot is a canvas and a declaration: menu, key, layout, settings and exported files know it by that alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from lrstudio.engine.examples import EXAMPLES
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.figures.dialog import FigureDialog
from lrstudio.ui.views.catalogue import RIGHT, VIEWS, View
from tests.ui.views.conftest import Opened

TITLE = "Gradient against step"
OLD_LAYOUT = """{"columns": [["data", "landscape", "boundary", "mistakes", "first_layer", "curvature"],
 ["loss", "weights", "accuracy", "rate"]], "widths": [700, 300], "heights": {"landscape": 300, "data": 700,
 "weights": 350.5, "loss": 449.5, "rate": 250, "boundary": 600, "mistakes": 500, "first_layer": 500, "accuracy": 400,
 "curvature": 400}, "hidden": ["curvature", "weights"]}"""
"""As the versions wrote it that had ten views and knew no others."""


class GradientCanvas(StepCanvas):
    """The length of each run's gradient."""

    def build(self) -> None:
        assert self.trace is not None
        trace = self.trace
        self.set_columns(lambda start, stop: np.linalg.norm(trace.read("grad", start, stop), axis=2), trace.runs)
        for run in range(trace.runs):
            self.add_curve(run, run, self.style(run))
        self.set_titles("gradient", "step")

    def y_range(self) -> tuple[float, float]:
        return 0.0, self.extremes(self.visible_runs())[1]


GRADIENT = View("gradient", TITLE, GradientCanvas, RIGHT, 300, "Ctrl+Alt+G", lambda problem: bool(problem.domain))


def test_it_is_in_the_menu_shown_at_its_place_and_hidden_again(opened: Opened) -> None:
    driver = opened(GRADIENT)
    area = driver.window.views.area
    assert area.shown() == ["landscape", "data", "weights", "loss", "rate", "gradient"]
    assert area.layout_of_views.columns[1] == ("weights", "loss", "accuracy", "gradient", "rate")
    assert area.frames["gradient"].isVisible() and driver.entry("View", TITLE).isChecked()
    driver.finish()
    canvas = driver.window.views.canvas(GradientCanvas)
    driver.until(lambda: canvas.pyramid.length == 1001)
    driver.menu("View", TITLE)
    assert not area.frames["gradient"].isVisible() and "gradient" not in area.shown()


def test_its_key_enlarges_it_where_it_applies(opened: Opened, qtbot: QtBot) -> None:
    driver = opened(GRADIENT)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(driver.window, Qt.Key.Key_G, keys)
    assert driver.window.views.area.shown() == ["gradient"]
    qtbot.keyClick(driver.window, Qt.Key.Key_G, keys)
    network = next(example for example in EXAMPLES if not example.experiment.problem.domain)
    driver.until_new_trace(lambda: driver.session.show(network.experiment))
    assert "gradient" not in driver.window.views.area.shown()
    assert not driver.entry("View", TITLE).isVisible()


def test_it_is_exported_under_its_own_name(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = opened(GRADIENT)
    driver.window.views.area.enlarge("gradient")
    driver.menu("File", "Export plot…")
    dialog = driver.window.findChild(FigureDialog)
    assert dialog is not None and dialog.plot.currentText() == TITLE
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *question: asked.append(question[2]) or ("", ""))
    dialog.export.click()
    dialog.close()
    assert [Path(name).name for name in asked] == [f"{driver.session.experiment.problem.key}-gradient.png"]


def test_a_layout_that_was_saved_before_it_was_there_survives(opened: Opened) -> None:
    for more in ((), (GRADIENT,)):
        area = opened(*more, layout=OLD_LAYOUT).window.views.area
        layout, old = area.layout_of_views, json.loads(OLD_LAYOUT)
        left, right = (tuple(column) for column in old["columns"])
        assert layout.columns == (left, (*right[:3], "gradient", right[3]) if more else right)
        assert layout.widths == (700, 300)
        assert layout.heights == old["heights"] | {view.key: view.height for view in more}
        assert layout.hidden == {"curvature", "weights"}
        assert "weights" not in area.shown() and ("gradient" in area.shown()) == bool(more)


def test_where_it_stood_is_left_out_when_it_is_gone(opened: Opened) -> None:
    first = opened(GRADIENT)
    first.window.views.area.set_layout(first.window.views.area.layout_of_views.swapped("gradient", "landscape"))
    layout = json.dumps(first.window.settings.layout)
    assert '"gradient"' in layout
    columns = opened(layout=layout).window.views.area.layout_of_views.columns
    assert columns[0][0] == "data" and columns[1] == ("weights", "loss", "accuracy", "landscape", "rate")


def test_an_eleventh_and_a_twelfth_without_keys_leave_those_of_the_others(opened: Opened, qtbot: QtBot) -> None:
    more = tuple(View(f"more{number}", f"More {number}", GradientCanvas, RIGHT, 100) for number in (1, 2))
    driver = opened(*more)
    assert driver.window.views.area.shown()[-2:] == ["more1", "more2"]
    assert driver.entry("View", "Enlarge", "More 2").shortcut().isEmpty()
    qtbot.keyClick(driver.window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert driver.window.views.area.shown() == ["landscape"]
    driver.menu("View", "Enlarge", "More 2")
    assert driver.window.views.area.shown() == ["more2"]


def test_keys_and_shortcuts_are_those_of_one_view() -> None:
    assert len({view.key for view in VIEWS}) == len({view.shortcut for view in VIEWS}) == len(VIEWS)


def test_examples_show_views_that_there_are() -> None:
    assert {key for example in EXAMPLES for key in example.views} <= {view.key for view in VIEWS}
