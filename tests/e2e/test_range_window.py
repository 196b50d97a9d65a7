"""The range test's window: its result, suggestions, sweep, edits of the session and exports."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.problems import Formula
from lrstudio.core.schedules import Cyclic
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.range_test import RangeTest, range_test
from lrstudio.terminal.cli import main
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from tests.e2e.conftest import Driver


def until_complete(driver: Driver, window: RangeTestWindow) -> None:
    driver.until(lambda: window.result is not None and window.result.complete and not window.busy)


def opened(driver: Driver, key: str, *, complete: bool = True) -> RangeTestWindow:
    """Opens the range test of an example and waits for all results or, if not `complete`, for the test alone."""
    example = next(example for example in EXAMPLES if example.key == key)
    driver.until_new_trace(lambda: driver.session.show(example.experiment))
    driver.menu("Tools", "Range test…")
    window = driver.window.tools.opened[RangeTestWindow]
    assert isinstance(window, RangeTestWindow) and window.isVisible()
    if complete:
        until_complete(driver, window)
    else:
        driver.until(lambda: window.result is not None and window.result.rising.ended != "running")
    return window


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def enter(driver: Driver, window: RangeTestWindow, field: str, text: str) -> None:
    """Types a number into a field of the form and waits for the result."""
    before = window.result
    edit = window.form_fields.field(field)
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    driver.until(lambda: window.result is not before)
    until_complete(driver, window)


def suggested_rates(window: RangeTestWindow) -> dict[str, float | None]:
    return {choice.rule: choice.lr for choice in window.panel.choices}


def test_the_digits_are_tested_with_the_default_rates(driver: Driver) -> None:
    window = opened(driver, "digits", complete=False)
    result = window.result
    assert result is not None
    factor = (1 / 1e-5) ** (1 / 100)
    assert result.rising.lr == pytest.approx([1e-5 * factor**step for step in range(101)], rel=1e-10)
    assert result.rising.test.stops_above == 4
    expected = range_test(driver.session.experiment, RangeTest())
    assert result.rising.loss.tolist() == expected.loss.tolist()
    shown = window.panel.loss.lines[0].curve
    assert shown.loss.tolist() == expected.loss.tolist() and shown.smoothed.tolist() == expected.smoothed.tolist()
    assert window.panel.rates.lines[0].curve.lr.tolist() == expected.lr.tolist()
    assert {suggestion.rule: suggestion.lr for suggestion in expected.suggestions()}.items() <= suggested_rates(
        window
    ).items()


def test_the_sweep_shows_by_which_factor_the_suggestion_is_off(driver: Driver) -> None:
    window = opened(driver, "noisy_line")
    window.panel.table.select("valley")
    assert window.result is not None and window.result.swept is not None
    swept, valley = window.result.swept, suggested_rates(window)["valley"]
    assert swept.computed.all() and valley is not None
    data = driver.session.experiment.problem.data(0)

    def trained(lr: float) -> float:
        w, b = -1.0, 1.0
        for _ in range(100):
            residual = w * data["x"] + b - data["y"]
            w, b = w - lr * float(np.mean(2 * residual * data["x"])), b - lr * float(np.mean(2 * residual))
        return float(np.mean((w * data["x"] + b - data["y"]) ** 2))

    losses = [trained(lr) for lr in swept.rates[:150]]
    assert swept.summary.final_loss[:150] == pytest.approx(losses, rel=1e-6)
    assert trained(valley) > 1.5 * min(losses)
    assert window.panel.answer.text().startswith("The test is ")
    assert f"times too careful: valley says {valley:.3g}, which ends at the loss" in window.panel.answer.text()
    assert window.panel.why.text() == "All 101 rates were tried; the raw loss never rose above 4 × the best."


def test_choosing_a_suggestion_changes_the_selected_mark_and_the_answer(driver: Driver) -> None:
    window = opened(driver, "parabola")
    table, panel = window.panel.table, window.panel
    table.select("valley")
    table.setFocus()
    for _ in range(3):
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.rule == "steep"
    steep = suggested_rates(window)["steep"]
    selected = [mark for mark in panel.loss.marks.marks if mark.selected]
    assert [mark.lr for mark in selected] == [steep]
    assert [mark.lr for mark in panel.sweep.marks.marks if mark.selected] == [steep]
    assert f"steep says {steep:.3g}" in panel.answer.text()
    valley = suggested_rates(window)["valley"]
    assert valley is not None
    at = panel.loss.to_pixel(np.log10(valley), 10.0)
    assert at is not None
    QTest.mouseClick(panel.loss.viewport(), Qt.MouseButton.LeftButton, pos=at.toPoint())
    driver.until(lambda: table.rule == "valley")
    assert "valley says" in panel.answer.text()


@pytest.mark.parametrize("example", ["parabola", "noisy_line", "parabola_edge"])
def test_the_rate_selected_by_default_is_good(driver: Driver, example: str) -> None:
    window = opened(driver, example)
    chosen = window.panel.choice
    assert chosen is not None and chosen.verdict is not None and VERDICTS[chosen.verdict] != "diverged"
    answer = window.panel.answer.text()
    assert answer.startswith(("The test is right", "Trained for", "None of the rules suggests a good rate."))
    window.panel.table.select("lightning")
    before = window.result
    enter(driver, window, "num", "90")
    assert window.result is not before and window.panel.table.rule == "lightning"


def test_the_result_of_each_suggestion_is_that_of_training_with_its_rate(driver: Driver) -> None:
    window = opened(driver, "parabola")
    steps = driver.session.experiment.steps
    for choice in window.panel.choices:
        if choice.rule != "best" and choice.lr is not None:
            assert choice.loss == pytest.approx(36 * (1 - 2 * choice.lr) ** (2 * steps), rel=0.01, abs=1e-12)


def test_a_loss_below_zero_and_the_smoothed_loss_stop_the_test(driver: Driver) -> None:
    window = opened(driver, "parabola")
    quadratic = Experiment(problem=Formula(loss="a^2-5"), runs=(Run(lr=0.1),), steps=60)
    before = window.result
    driver.session.show(quadratic)
    driver.until(lambda: window.result is not before)
    until_complete(driver, window)
    enter(driver, window, "end_lr", "30")
    raw = window.result
    assert raw is not None and raw.rising.ended == "loss" and len(raw.rising.loss) > 90
    assert "the raw loss" in window.panel.why.text() and "the spread of the losses before" in window.panel.why.text()
    assert not window.log_loss.isEnabled()
    QTest.keyClick(window.form_fields.field("stop_on"), Qt.Key.Key_Down)
    driver.until(lambda: window.result is not raw)
    until_complete(driver, window)
    assert window.result is not None and len(window.result.rising.loss) >= len(raw.rising.loss)
    assert "the smoothed loss" in window.panel.why.text()


def test_too_few_losses_give_no_suggestion(driver: Driver) -> None:
    window = opened(driver, "parabola")
    enter(driver, window, "num", "5")
    assert window.panel.answer.text().startswith("No suggestion: 6 losses are too few, the rules need 15. Trained for")
    assert window.panel.table.rule == "best"
    assert [window.panel.table.item(row, 1).text() for row in range(5)] == ["too few losses"] * 5


def test_use_this_rate_edits_the_run_and_can_be_undone(driver: Driver) -> None:
    window = opened(driver, "parabola")
    before = driver.session.experiment
    window.panel.table.select("minimum")
    click(window.panel.use)
    rate = suggested_rates(window)["minimum"]
    assert driver.session.experiment == before.with_run(0, lr=float(f"{rate:.3g}"))
    assert "Ctrl+Z" in window.note.text()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert driver.session.experiment == before


def test_a_cycle_between_the_two_rates_is_given_to_the_selected_run(driver: Driver) -> None:
    window = opened(driver, "parabola")
    driver.window.runs.select(1)
    assert window.form_fields.run.currentIndex() == 1
    until_complete(driver, window)
    before, bounds = driver.session.experiment, window.panel.bounds
    assert bounds is not None
    click(window.panel.use_cycle)
    run = driver.session.experiment.runs[1]
    assert isinstance(run.schedule, Cyclic)
    assert (run.schedule.base_lr, run.schedule.max_lr) == (
        float(f"{bounds.base_lr:.3g}"),
        float(f"{bounds.max_lr:.3g}"),
    )
    assert run.schedule.step_size_up == before.steps // 10
    assert driver.session.experiment.runs[0] == before.runs[0]
    driver.session.history.undo()
    assert driver.session.experiment == before


def test_a_falling_test_is_drawn_over_the_rising_one_and_explains_why_the_rate_must_rise(driver: Driver) -> None:
    window = opened(driver, "proportional", complete=False)
    click(window.falling)
    driver.until(lambda: window.result is not None and window.result.falling is not None)
    driver.until(lambda: window.result.falling.ended != "running")
    assert window.result is not None and window.result.falling is not None
    assert window.result.falling.lr == pytest.approx(np.geomspace(1, 1e-5, 101)[: len(window.result.falling.lr)])
    assert [line.name for line in window.panel.loss.lines] == ["rising", "falling"]
    assert "throw the loss from 67.5 up to" in window.panel.why.text()
    click(window.falling)
    driver.until(lambda: len(window.panel.loss.lines) == 1)
    assert "must rise" not in window.panel.why.text()


def test_an_end_rate_below_the_start_rate_gives_no_suggestion(driver: Driver) -> None:
    window = opened(driver, "parabola")
    enter(driver, window, "end_lr", "1e-7")
    assert "must rise" in window.panel.answer.text()
    rules = {rule: lr for rule, lr in suggested_rates(window).items() if rule != "best"}
    assert set(rules.values()) == {None}
    assert window.panel.bounds is None and not window.panel.use_cycle.isEnabled()


def test_only_relevant_changes_rerun_the_test(driver: Driver) -> None:
    window = opened(driver, "noisy_line")
    result = window.result
    driver.session.edit(driver.session.experiment.with_run(0, lr=0.02))
    driver.until(lambda: not window.pending.isActive())
    assert window.result is result and not window.busy
    enter(driver, window, "num", "50")
    assert window.result is not None and len(window.result.rising.loss) == 51
    assert driver.session.experiment.steps == 100
    result = window.result
    QTest.keyClick(window.form_fields.field("batch_size"), Qt.Key.Key_Up)
    driver.until(lambda: window.result is not result)
    until_complete(driver, window)
    assert window.result.request.experiment.batch_size == 1 and driver.session.experiment.batch_size is None
    result = window.result
    example = next(example for example in EXAMPLES if example.key == "rosenbrock")
    driver.session.show(example.experiment)
    driver.until(lambda: window.result is not result)
    until_complete(driver, window)
    assert window.result.request.experiment.problem == example.experiment.problem
    assert window.panel.why.text().startswith("Ended at iteration 32, rate 0.0158: the raw loss 406 is above")


def test_a_long_test_shows_partial_results_and_can_be_cancelled(driver: Driver) -> None:
    window = opened(driver, "spiral", complete=False)
    window.form_fields.field("stop_factor").set_value(1e9)
    window.form_fields.field("num").setValue(1_000_000)
    driver.until(lambda: window.result is not None and window.result.rising.ended == "running")
    assert window.result is not None
    length = len(window.result.rising.loss)
    driver.until(lambda: len(window.result.rising.loss) > length)
    assert window.cancel_button.isVisible() and "1 000 001" not in window.panel.answer.text()
    click(window.cancel_button)
    assert not window.busy and not window.cancel_button.isVisible()
    assert "of 1000001 rates" in window.panel.why.text()


def test_an_invalid_batch_size_is_reported_and_not_tested(driver: Driver) -> None:
    window = opened(driver, "noisy_line")
    window.form_fields.field("batch_size").setValue(5000)
    driver.until(lambda: "batch size = 5000" in window.note.text())
    assert not window.busy


def test_the_csv_is_that_of_the_terminal(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window = opened(driver, "noisy_line")
    path = tmp_path / "curve.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    driver.until(path.exists)
    assert main(["range-test", "--problem", "noisy_line", "--lr", "0.1", "--csv", "-", "--quiet"]) == 0
    assert path.read_text() == capsys.readouterr().out


@pytest.mark.parametrize("name", ["a.png", "a.svg"])
def test_the_figure_is_written(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    window = opened(driver, "parabola")
    path = tmp_path / name
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    driver.until(path.exists)
    data = path.read_bytes()
    if name.endswith("svg"):
        assert b"valley" in data and b"<image" not in data
    else:
        assert data.startswith(b"\x89PNG")


def test_the_figure_is_copied(driver: Driver) -> None:
    window = opened(driver, "parabola")
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage() and b"valley" in data.data("image/svg+xml").data()
    QGuiApplication.clipboard().clear()


def test_hovering_shows_rate_loss_and_verdict(driver: Driver) -> None:
    window = opened(driver, "parabola")
    panel = window.panel
    middle = panel.loss.plotItem.vb.sceneBoundingRect().center()
    reading = panel.loss.reading(panel.loss.to_plot(middle), middle)
    assert reading is not None and "rate" in reading.title and reading.rows[0].name == "rising"
    reading = panel.sweep.reading(panel.sweep.to_plot(middle), middle)
    assert reading is not None and reading.rows[0].name in ("converging", "too slow")
    reading = panel.rates.reading(panel.rates.to_plot(middle), middle)
    assert reading is not None and reading.title.startswith("iteration")


def test_an_unlucky_batch_is_distinguished_from_the_stability_limit(driver: Driver) -> None:
    window = opened(driver, "noisy_batches")
    assert window.result is not None and window.result.rising.ended == "loss"
    assert "Trained with this rate the loss does not rise" in window.panel.why.text()
    enter(driver, window, "stop_factor", "1e30")
    enter(driver, window, "end_lr", "100")
    assert window.result.rising.ended == "loss" and "unlucky" not in window.panel.why.text()


def test_a_closed_window_computes_nothing_and_is_updated_when_it_opens(driver: Driver) -> None:
    window = opened(driver, "parabola")
    window.close()
    result = window.result
    example = next(example for example in EXAMPLES if example.key == "noisy_line")
    driver.until_new_trace(lambda: driver.session.show(example.experiment))
    assert window.result is result and not window.busy
    driver.menu("Tools", "Range test…")
    driver.until(lambda: window.result is not result)
    until_complete(driver, window)
    assert window.result is not None and window.result.request.experiment.problem == example.experiment.problem


def test_the_window_is_drawn_in_both_themes_and_with_a_logarithmic_loss(driver: Driver) -> None:
    window = opened(driver, "noisy_batches")
    for theme in ("dark", "light"):
        driver.window.set_theme(theme)
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert window.panel.loss.log == (theme == "dark")
        assert not window.grab().isNull()


def test_every_control_has_an_accessible_name_and_a_tooltip(driver: Driver) -> None:
    window = opened(driver, "parabola")
    for kind in (QPushButton,):
        for widget in window.findChildren(kind):
            assert widget.accessibleName() and widget.toolTip(), widget.text()
    form = window.form_fields
    names = [parameter.name for parameter in RangeTest.parameters()]
    for field in (form.run, form.field("batch_size"), *map(form.field, names)):
        assert field.accessibleName() and field.toolTip()


@pytest.mark.parametrize("points", [9, 24])
def test_nothing_overlaps_in_a_small_or_a_large_font(driver: Driver, points: float) -> None:
    window = opened(driver, "parabola")
    window.resize(1280, 800)
    driver.window.font_size.choose(points)
    panel = window.panel
    parts = [panel.table, panel.use, panel.use_cycle, panel.bounds_text]
    driver.until(lambda: panel.bounds_text.height() >= panel.bounds_text.heightForWidth(panel.bounds_text.width()))
    for one, other in combinations(parts, 2):
        assert not one.geometry().intersects(other.geometry())
    assert window.width() == 1280 and panel.loss.height() >= 10 * panel.fontMetrics().height()
