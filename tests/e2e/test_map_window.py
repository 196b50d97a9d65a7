"""The map in the real window: it is computed, read, zoomed, clicked and exported."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from lrstudio.core.analysis.verdict import DIVERGED, VERDICTS
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import NoisyLine
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.ui.instruments.map.range import usual_range
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.look.theme import DARK, LIGHT
from tests.e2e.conftest import Driver
from tests.mouse import click, drag, move, pixel

SIDE = 16


@pytest.fixture
def shown(driver: Driver) -> MapWindow:
    """The window of maps with a small map of gradient descent with momentum."""
    driver.menu("Tools", "Map…")
    window = driver.window.tools.opened[MapWindow]
    assert isinstance(window, MapWindow)
    window.resize(1000, 700)
    preset = window.presets[0]
    window.show_source(replace(preset, request=replace(preset.request, side=SIDE)))
    finished(driver, window)
    return window


def finished(driver: Driver, window: MapWindow) -> None:
    driver.until(lambda: not window.busy and window.result is not None and window.result.picture.share == 1)


def middle(window: MapWindow, column: int, row: int) -> QPointF:
    """The pixel in the middle of a cell."""
    assert window.request is not None
    (left, right), (low, high) = window.request.x.ends, window.request.y.ends
    x, y = left + (column + 0.5) / SIDE * (right - left), low + (row + 0.5) / SIDE * (high - low)
    return pixel(window.canvas, x, y)


def test_it_shows_the_verdicts_of_a_sweep_of_the_same_values(driver: Driver, shown: MapWindow) -> None:
    assert shown.result is not None and shown.request is not None
    edges = np.linspace(-3, 0, SIDE + 1)
    rates = tuple((10 ** ((edges[1:] + edges[:-1]) / 2)).tolist())
    momenta = tuple(((np.arange(SIDE) + 0.5) * 0.99 / SIDE).tolist())
    truth = Sweep(shown.request.experiment, [Axis("lr", rates), Axis("optimizer.momentum", momenta)]).run()
    np.testing.assert_array_equal(shown.result.picture.summary.verdict, truth.verdict)
    shown.canvas.limit.setVisible(False)
    picture = shown.canvas.grab().toImage()
    for row in range(0, SIDE, 3):
        for column in range(0, SIDE, 5):
            key = VERDICTS[int(truth.verdict[row, column])]
            assert picture.pixelColor(middle(shown, column, row).toPoint()) == QColor(LIGHT.verdicts[key]), (
                row,
                column,
            )


def test_hovering_shows_both_values_the_verdict_and_the_loss(driver: Driver, shown: MapWindow) -> None:
    move(shown.canvas, middle(shown, 15, 0))
    reading = shown.canvas.hover.reading
    assert reading is not None and shown.result is not None
    rates, momenta = shown.result.sweep.axes
    assert f"{rates.values[15]:.7g}" in reading.title and f"{momenta.values[0]:.7g}" in reading.title
    assert reading.rows[0].name == "diverged"
    assert shown.result.picture.summary.verdict[0, 15] == DIVERGED
    move(shown.canvas, middle(shown, 5, 8))
    reading = shown.canvas.hover.reading
    assert reading is not None
    loss = float(shown.result.picture.summary.final_loss[8, 5])
    assert (reading.rows[1].name, reading.rows[1].values) == ("final loss", (f"{loss:.7g}",))


def test_a_click_opens_the_cell_as_a_run_and_undo_takes_it_back(driver: Driver, shown: MapWindow) -> None:
    before = driver.session.experiment
    click(shown.canvas, middle(shown, 9, 12))
    assert shown.result is not None
    rates, momenta = shown.result.sweep.axes
    added = driver.session.experiment.runs[-1]
    assert len(driver.session.experiment.runs) == len(before.runs) + 1
    assert (added.lr, added.optimizer) == (rates.values[9], SGD(momentum=momenta.values[12]))
    driver.menu("Edit", "Undo adding runs")
    assert driver.session.experiment == before


def test_a_click_can_change_a_run(driver: Driver, shown: MapWindow) -> None:
    shown.form_fields.click.setCurrentIndex(2)
    color = driver.session.experiment.runs[1].color
    click(shown.canvas, middle(shown, 3, 3))
    assert shown.result is not None
    run = driver.session.experiment.runs[1]
    assert (run.lr, run.color) == (shown.result.sweep.axes[0].values[3], color)


def test_a_cell_of_another_problem_takes_the_place_of_the_experiment(driver: Driver, shown: MapWindow) -> None:
    before = driver.session.experiment
    preset = shown.presets[1]
    shown.show_source(replace(preset, request=replace(preset.request, side=SIDE)))
    finished(driver, shown)
    driver.until_new_trace(lambda: click(shown.canvas, middle(shown, 2, 2)))
    assert driver.session.experiment.problem == preset.request.experiment.problem
    driver.until_new_trace(lambda: driver.menu("Edit", "Undo problem"))
    assert driver.session.experiment == before


def test_a_frame_zooms_and_back_forward_and_all_go_through_the_ranges(driver: Driver, shown: MapWindow) -> None:
    home = shown.request
    assert home is not None
    assert not shown.form_fields.back.isEnabled()
    drag(shown.canvas, middle(shown, 4, 4), middle(shown, 11, 11))
    driver.until(lambda: shown.request != home)
    finished(driver, shown)
    part = shown.request
    assert part is not None
    assert home.x.low < part.x.low < part.x.high < home.x.high
    assert home.y.low < part.y.low < part.y.high < home.y.high
    assert part.side == SIDE
    assert part.x.low == pytest.approx(10 ** (-3 + 3 * 4.5 / SIDE), rel=0.05)
    shown.form_fields.back.click()
    assert (shown.request.x, shown.request.y) == (home.x, home.y)
    shown.form_fields.forward.click()
    assert (shown.request.x, shown.request.y) == (part.x, part.y)
    shown.form_fields.home.click()
    assert (shown.request.x, shown.request.y) == (home.x, home.y)
    finished(driver, shown)


def test_zooming_recomputes_at_full_resolution(driver: Driver, shown: MapWindow) -> None:
    shown.canvas.plotItem.vb.showAxRect(QRectF(-1.0, 0.2, 0.3, 0.4))
    driver.until(lambda: shown.request is not None and shown.request.x.low > 0.09)
    finished(driver, shown)
    assert shown.result is not None
    rates = np.array(shown.result.sweep.axes[0].values)
    assert len(rates) == SIDE
    assert 0.099 < rates[0] < 0.11 and 0.18 < rates[-1] < 0.205
    image = shown.result.colored.image
    assert (image.width(), image.height()) == (SIDE, SIDE)


def test_the_keyboard_moves_a_mark_chooses_zooms_and_shows_all(driver: Driver, shown: MapWindow) -> None:
    home = shown.request
    runs = len(driver.session.experiment.runs)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(shown.canvas, key)
    assert len(driver.session.experiment.runs) == runs + 1
    QTest.keyClicks(shown.canvas, "+")
    driver.until(lambda: shown.request != home)
    QTest.keyClick(shown.canvas, Qt.Key.Key_Home)
    assert shown.request is not None and home is not None
    assert (shown.request.x, shown.request.y) == (home.x, home.y)


def test_other_names_ranges_colours_and_cells_are_computed(driver: Driver, shown: MapWindow) -> None:
    fields = shown.form_fields
    fields.upwards.name.setCurrentIndex(fields.upwards.name.findData("start.w"))
    fields.upwards.name.activated.emit(fields.upwards.name.currentIndex())
    finished(driver, shown)
    assert shown.result is not None
    assert shown.result.sweep.axes[1].name == "start.w"
    assert shown.canvas.header.title == "Learning rate →, start of w ↑"
    fields.across.low.set_value(0.01)
    fields.across.low.value_changed.emit(0.01)
    finished(driver, shown)
    assert shown.request is not None and shown.request.x.low == 0.01
    fields.side_chosen.emit(64)
    finished(driver, shown)
    assert len(shown.result.sweep.axes[0].values) == 64
    fields.column.setCurrentIndex(fields.column.findData("final_loss"))
    shown.show_column("final_loss")
    driver.until(lambda: shown.legend.scale is not None and shown.legend.scale.column == "final_loss")
    fields.across.renamed.emit("start.w")
    assert (shown.request.x.name, shown.request.y.name) == ("start.w", "lr")
    finished(driver, shown)


def test_a_map_that_cannot_be_computed_has_a_message(driver: Driver, shown: MapWindow) -> None:
    shown.form_fields.across.high.set_value(1e-9)
    shown.form_fields.across.high.value_changed.emit(1e-9)
    assert "first must be below" in shown.note.text()
    shown.form_fields.upwards.high.set_value(3.0)
    shown.form_fields.upwards.high.value_changed.emit(3.0)
    driver.until(lambda: "momentum" in shown.note.text() and not shown.busy)


def test_cancel_keeps_the_computed_cells(driver: Driver, shown: MapWindow) -> None:
    assert shown.request is not None
    experiment = replace(shown.request.experiment, steps=5000)
    shown.show_map(replace(shown.request, side=512, experiment=experiment))
    driver.until(lambda: shown.result is not None)
    shown.cancel()
    assert not shown.busy and shown.result is not None
    assert 0 < shown.result.picture.share < 1
    move(shown.canvas, middle(shown, 3, 3))
    assert shown.canvas.hover.reading is not None


def test_it_is_exported_as_the_terminal_would_and_as_a_picture(
    driver: Driver, shown: MapWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for button, name in ((shown.exports.table, "map.csv"), (shown.exports.figure, "map.png")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, name=name: (str(tmp_path / name), ""))
        button.click()
        driver.until(lambda name=name: f"Exported {name}" in shown.note.text())
    rows = list(csv.DictReader((tmp_path / "map.csv").read_text().splitlines()))
    assert list(rows[0])[:3] == ["lr", "optimizer.momentum", "verdict"]
    assert len(rows) == SIDE * SIDE
    image = QImage(str(tmp_path / "map.png"))
    assert image.width() == 2 * (shown.canvas.width() + shown.legend.width())
    colors = {image.pixelColor(x, y).name().upper() for x in range(0, image.width(), 7) for y in range(0, 1200, 7)}
    assert {LIGHT.verdicts["diverged"], LIGHT.verdicts["arrived"]} <= colors


def test_nothing_is_exported_until_another_map_has_its_first_picture(driver: Driver, shown: MapWindow) -> None:
    assert shown.exports.isEnabled()
    assert shown.request is not None
    shown.show_map(replace(shown.request, side=SIDE * 2))
    assert shown.result is None and not shown.exports.isEnabled()
    finished(driver, shown)
    assert shown.exports.isEnabled()


def test_the_theme_changes_the_picture_too(driver: Driver, shown: MapWindow) -> None:
    driver.window.set_theme("dark")
    dark = QColor(DARK.verdicts["diverged"])
    driver.until(lambda: shown.result is not None and shown.result.colored.image.pixelColor(SIDE - 1, SIDE - 1) == dark)


def test_a_map_of_the_session_follows_its_run(driver: Driver, shown: MapWindow) -> None:
    shown.show_source(0)
    assert shown.request is not None
    shown.show_map(replace(shown.request, side=SIDE))
    finished(driver, shown)
    driver.session.edit(driver.session.experiment.with_run(0, optimizer=SGD(momentum=0.7)))
    assert shown.request is not None
    assert shown.request.experiment.runs[0].optimizer == SGD(momentum=0.7)
    assert shown.request.side == SIDE
    request = shown.request
    driver.session.edit(driver.session.experiment.with_run(1, lr=0.2))
    assert shown.request is request
    finished(driver, shown)


def test_when_the_run_of_a_map_is_removed_the_last_run_is_mapped(driver: Driver, shown: MapWindow) -> None:
    shown.show_source(2)
    assert shown.form_fields.source.currentText() == "this session: run 1"
    session = driver.session.experiment
    driver.session.edit(replace(session, runs=session.runs[:2]))
    assert shown.form_fields.source.currentText() == "this session: run 0.1"
    assert shown.request is not None and shown.request.experiment.runs[0].lr == 0.1
    shown.cancel()


def test_a_map_that_is_closed_half_way_goes_on_when_it_is_shown_again(driver: Driver, shown: MapWindow) -> None:
    assert shown.request is not None
    shown.show_map(replace(shown.request, experiment=replace(shown.request.experiment, steps=3000), side=64))
    shown.close()
    assert not shown.busy
    driver.menu("Tools", "Map…")
    finished(driver, shown)


def test_every_control_has_a_name_and_a_tip(driver: Driver, shown: MapWindow) -> None:
    fields = shown.form_fields
    for control in (
        fields.source, fields.side, fields.steps, fields.column, fields.click, fields.back, fields.forward, fields.home,
        fields.across.name, fields.across.low, fields.across.high, fields.across.scale, fields.upwards.name,
        shown.exports.table, shown.exports.figure,
    ):  # fmt: skip
        assert control.accessibleName() and control.toolTip(), control


def test_a_name_with_only_one_value_is_refused_with_a_message(driver: Driver, shown: MapWindow) -> None:
    problem = NoisyLine(n=100_000)
    experiment = replace(driver.session.experiment.with_problem(problem), batch_size=100_000, steps=3)
    driver.until_new_trace(lambda: driver.session.edit(experiment))
    shown.show_source(0)
    shown.form_fields.across.renamed.emit("problem.n")
    assert "problem.n" in shown.note.text()
    assert shown.request is not None and shown.request.x.name != "problem.n"


def test_the_text_of_a_preset_is_not_shown_for_another_map(driver: Driver, shown: MapWindow) -> None:
    about, home = shown.presets[0].about, shown.request
    assert home is not None and about in shown.note.text()
    for other in (
        replace(home, y=usual_range(home.experiment, "start.w")),
        replace(home, experiment=home.experiment.with_run(0, optimizer=SGD(nesterov=True, momentum=0.5))),
    ):
        shown.show_map(other)
        finished(driver, shown)
        assert about not in shown.note.text()
    shown.show_map(home)
    assert about in shown.note.text()
