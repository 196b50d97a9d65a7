"""The sweep in the real window."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from lrstudio.core.analysis.verdict import DIVERGED, VERDICTS
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Quadratic
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.ui.instruments.sweep.window import SweepWindow
from tests.e2e.conftest import Driver
from tests.mouse import click, move, pixel

NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shown(driver: Driver) -> SweepWindow:
    """The window of sweeps with 40 rates of gradient descent and of Adam."""
    driver.menu("Tools", "Sweep…")
    window = driver.window.tools.opened[SweepWindow]
    assert isinstance(window, SweepWindow)
    window.resize(1000, 700)
    window.form_fields.count.setValue(40)
    window.form_fields.steps.setValue(60)
    window.form_fields.entries.check(["SGD", "Adam"])
    swept(driver, window)
    return window


def swept(driver: Driver, window: SweepWindow) -> None:
    driver.until(lambda: not window.pending.isActive() and not window.busy and bool(window.curves))


def point(window: SweepWindow, number: int, index: int) -> QPointF:
    """Returns the pixel of a curve at one of its rates."""
    curve = window.curves[number]
    return pixel(window.canvas, math.log10(curve.rates[index]), math.log10(curve.values("final_loss")[index]))


@pytest.mark.parametrize(("key", "held"), [(Qt.Key.Key_Escape, NONE), (Qt.Key.Key_W, CTRL)], ids=["escape", "ctrl+w"])
def test_an_instrument_is_closed_with_the_keys(driver: Driver, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    driver.menu("Tools", "Sweep…")
    window = driver.window.tools.opened[SweepWindow]
    driver.until(window.isActiveWindow)
    driver.qtbot.keyClick(window, key, held)
    driver.until(lambda: not window.isVisible() and not window.busy)
    assert driver.window.isVisible()


def test_no_axes_are_shown_before_there_are_curves(driver: Driver) -> None:
    driver.menu("Tools", "Sweep…")
    window = driver.window.tools.opened[SweepWindow]
    assert isinstance(window, SweepWindow) and not window.curves
    assert not window.canvas.plotItem.isVisible()
    swept(driver, window)
    assert window.canvas.plotItem.isVisible()


def test_its_curves_are_those_of_sweeps(driver: Driver, shown: SweepWindow) -> None:
    assert [curve.entry.label for curve in shown.curves] == ["SGD", "Adam"]
    rates = Axis("lr", tuple(np.geomspace(1e-4, 10, 40).tolist()))
    for curve, optimizer in zip(shown.curves, (SGD(), Adam()), strict=True):
        experiment = driver.session.experiment.with_run(0, optimizer=optimizer)
        truth = Sweep(curve.entry.experiment, [rates]).run()
        np.testing.assert_array_equal(curve.summary.verdict, truth.verdict)
        assert curve.entry.experiment.runs[0].optimizer == experiment.runs[0].optimizer
        assert curve.entry.experiment.steps == 60


def test_hovering_reads_every_curve_at_a_rate(driver: Driver, shown: SweepWindow) -> None:
    at = point(shown, 0, 20)
    move(shown.canvas, at)
    reading = shown.canvas.hover.reading
    assert reading is not None
    assert f"{shown.curves[0].rates[20]:.7g}" in reading.title
    for row, curve in zip(reading.rows, shown.curves, strict=True):
        assert row.values == (
            f"{curve.values('final_loss')[20]:.7g}",
            VERDICTS[int(curve.summary.verdict[20])].replace("_", " "),
        )


def test_a_strip_shows_the_verdict_of_each_rate(driver: Driver, shown: SweepWindow) -> None:
    curve = shown.curves[0]
    diverged = int(np.flatnonzero(curve.summary.verdict == DIVERGED)[3])
    x = pixel(shown.canvas, math.log10(curve.rates[diverged]), 0).x()
    assert shown.strips.text_at(QPointF(x, 12)) == f"SGD, {curve.rates[diverged]:.7g}: diverged"
    assert shown.strips.text_at(QPointF(2, 12)) == ""
    assert "diverged" in shown.strips.accessibleDescription()


def test_the_table_shows_limit_best_rate_and_a_comparison(driver: Driver, shown: SweepWindow) -> None:
    assert shown.table.item(1, 5).text().startswith("bears every rate here")
    shown.form_fields.entries.check(["SGD", "SGD momentum=0.9"])
    shown.form_fields.count.setValue(400)
    shown.form_fields.steps.setValue(600)
    driver.until(lambda: len(shown.curves) == 2 and len(shown.curves[0].rates) == 400)
    swept(driver, shown)
    texts = [[shown.table.item(row, column).text() for column in range(6)] for row in range(2)]
    low, high = (float(part) for part in texts[0][1].split("–"))
    steepest = float(np.linalg.eigvalsh(2 * np.array([[7.5, 2.5], [2.5, 1.0]])).max())
    assert low * 0.999 <= 2 / steepest <= high * 1.001
    assert "bears rates 1.9× larger" in texts[1][5]


def test_a_click_opens_a_rate_as_a_run_and_undo_takes_it_back(driver: Driver, shown: SweepWindow) -> None:
    before = driver.session.experiment
    click(shown.canvas, point(shown, 1, 25))
    added = driver.session.experiment.runs[-1]
    assert added.optimizer == Adam()
    assert added.lr == pytest.approx(shown.curves[1].rates[25], rel=1e-3)
    swept(driver, shown)
    driver.menu("Edit", "Undo adding runs")
    assert driver.session.experiment == before
    swept(driver, shown)


def test_a_click_can_give_the_rate_to_a_run(driver: Driver, shown: SweepWindow) -> None:
    shown.form_fields.click.setCurrentIndex(2)
    click(shown.canvas, point(shown, 0, 20))
    runs = driver.session.experiment.runs
    assert len(runs) == 3
    assert runs[1].lr == pytest.approx(shown.curves[0].rates[20], rel=1e-3)


def test_the_keyboard_goes_through_rates_and_curves_and_chooses(driver: Driver, shown: SweepWindow) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(shown.canvas, key)
    added = driver.session.experiment.runs[-1]
    assert added.optimizer == Adam()
    assert added.lr == pytest.approx(shown.curves[1].rates[2], rel=1e-3)
    swept(driver, shown)


def test_steps_to_the_target_need_a_target(driver: Driver, shown: SweepWindow) -> None:
    shown.show_column("steps_to_target")
    assert "target" in shown.note.text()
    shown.form_fields.target.setFocus()
    shown.form_fields.target.setText("0.5")
    shown.form_fields.target.setModified(True)
    shown.form_fields.target.editingFinished.emit()
    driver.until(lambda: np.isfinite(shown.curves[0].values("steps_to_target")).any())
    steps = shown.curves[0].values("steps_to_target")
    best = shown.curves[0].best
    assert best is not None and best.rule == "target"
    assert best.summary.steps_to_target <= np.nanmin(steps)
    assert shown.table.item(0, 2).text() == f"{best.text}: {best.summary.steps_to_target} steps to the target"
    swept(driver, shown)


def test_another_problem_starts_a_sweep_and_another_rate_does_not(driver: Driver, shown: SweepWindow) -> None:
    before = shown.curves
    driver.session.edit(driver.session.experiment.with_run(0, lr=0.02))
    assert not shown.pending.isActive() and shown.curves is before
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_problem(Quadratic())))
    driver.until(lambda: shown.curves is not before)
    swept(driver, shown)
    assert shown.curves[0].entry.experiment.problem == Quadratic()
    assert [curve.entry.label for curve in shown.curves] == ["SGD", "Adam"]


def test_more_than_eight_are_refused(driver: Driver, shown: SweepWindow) -> None:
    for row in range(shown.form_fields.entries.count()):
        shown.form_fields.entries.item(row).setCheckState(Qt.CheckState.Checked)
    assert len(shown.form_fields.entries.checked()) == 8
    assert "8 optimizers" in shown.note.text()
    shown.form_fields.entries.check([])
    swept(driver, shown)
    assert "Check an optimizer" in shown.note.text()


def test_ends_in_the_wrong_order_are_refused(driver: Driver, shown: SweepWindow) -> None:
    shown.form_fields.low.set_value(20.0)
    shown.form_fields.low.value_changed.emit(20.0)
    driver.until(lambda: "first rate" in shown.note.text())


def test_it_is_exported(driver: Driver, shown: SweepWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for button, name in ((shown.exports.table, "sweep.csv"), (shown.exports.figure, "sweep.png")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, name=name: (str(tmp_path / name), ""))
        button.click()
        driver.until(lambda name=name: f"Exported {name}" in shown.note.text())
    rows = list(csv.DictReader((tmp_path / "sweep.csv").read_text().splitlines()))
    assert len(rows) == 80 and list(rows[0])[:3] == ["optimizer", "lr", "verdict"]
    image = QImage(str(tmp_path / "sweep.png"))
    assert image.height() == 2 * (shown.canvas.height() + shown.strips.height())


def test_it_follows_the_theme_and_its_controls_are_explained(driver: Driver, shown: SweepWindow) -> None:
    driver.window.set_theme("dark")
    assert shown.grab().toImage().pixelColor(shown.width() // 2, 12).lightness() < 80
    fields, exports = shown.form_fields, shown.exports
    controls = (fields.low, fields.high, fields.count, fields.steps, fields.target, fields.column, fields.click)
    for control in (*controls, fields.entries, exports.table, exports.figure):
        assert control.accessibleName() and control.toolTip(), control


def test_ends_in_the_wrong_order_end_the_sweep_before(driver: Driver, shown: SweepWindow) -> None:
    shown.form_fields.steps.setValue(20_000)
    shown.sweep()
    assert shown.busy
    shown.form_fields.low.set_value(10.0)
    shown.form_fields.high.set_value(1e-4)
    shown.sweep()
    assert not shown.busy and "below" in shown.note.text()


def test_a_sweep_that_is_closed_half_way_goes_on_when_it_is_shown_again(driver: Driver, shown: SweepWindow) -> None:
    shown.form_fields.steps.setValue(20_000)
    driver.until(lambda: len(shown.curves) == 1)
    shown.close()
    assert not shown.busy
    driver.menu("Tools", "Sweep…")
    driver.until(lambda: len(shown.curves) == 2)
    swept(driver, shown)
    assert {curve.entry.experiment.steps for curve in shown.curves} == {20_000}


def test_a_sweep_that_is_complete_is_not_repeated_when_it_is_shown_again(driver: Driver, shown: SweepWindow) -> None:
    before = shown.curves
    shown.close()
    driver.menu("Tools", "Sweep…")
    swept(driver, shown)
    assert shown.curves is before


def test_a_change_just_before_closing_is_swept_when_it_is_shown_again(driver: Driver, shown: SweepWindow) -> None:
    shown.form_fields.count.setValue(50)
    shown.close()
    assert not shown.pending.isActive() and not shown.busy
    driver.menu("Tools", "Sweep…")
    driver.until(lambda: len(shown.curves) == 2 and len(shown.curves[0].rates) == 50)
    swept(driver, shown)
