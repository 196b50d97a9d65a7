"""Pick a problem and an optimizer, press Run, watch it learn."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.table import write_csv
from lrstudio.store.session import load
from lrstudio.terminal.cli import main
from tests.e2e.conftest import Driver


def test_a_newcomer_sees_an_example_and_its_question(driver: Driver) -> None:
    assert driver.session.experiment == EXAMPLES[0].experiment
    assert driver.window.views.question.question_label.text() == EXAMPLES[0].question
    assert driver.window.views.question.isVisible()


def test_every_problem_can_be_chosen_from_its_menu_after_any_other_and_learns(driver: Driver) -> None:
    for kind in (*PROBLEMS[1:], PROBLEMS[0]):
        if not isinstance(driver.session.experiment.problem, kind):
            driver.until_new_trace(lambda title=kind.title: driver.menu("Problem", title))
        assert isinstance(driver.session.experiment.problem, kind)
        assert driver.window.dock.problem.currentData() == kind.key
        driver.window.run_actions.step.trigger()
        driver.until(lambda: driver.session.steps_done == 1)


def test_every_optimizer_can_be_chosen_for_the_selected_run(driver: Driver) -> None:
    driver.window.runs.select(1)
    problem = driver.session.experiment.problem
    fitting = [kind for kind in OPTIMIZERS if not kind().refusal(problem.key, problem.tensors)]
    assert len(fitting) == len(OPTIMIZERS) - 1
    for kind in (*fitting[1:], fitting[0]):
        driver.until_new_trace(lambda title=kind.title: driver.menu("Optimizer", title))
        kinds = [type(run.optimizer).__name__ for run in driver.session.experiment.runs]
        assert kinds == ["SGD", kind.__name__, "SGD"]
        driver.finish()


def test_every_schedule_can_be_chosen_and_is_previewed(driver: Driver) -> None:
    for kind in (*SCHEDULES[1:], SCHEDULES[0]):
        with driver.qtbot.waitSignal(driver.session.preview_changed):
            driver.until_new_trace(lambda title=kind.title: driver.menu("Schedule", title))
        assert isinstance(driver.session.experiment.runs[0].schedule, kind)
        assert driver.session.preview is not None


def test_run_pause_step_and_reset(driver: Driver) -> None:
    window, session = driver.window, driver.session
    window.run_actions.play.trigger()
    driver.until(lambda: session.steps_done > 2)
    assert window.run_actions.play.text() == "Pause"
    window.run_actions.play.trigger()
    driver.until_state(State.PAUSED)
    stood = session.steps_done
    window.run_actions.step.trigger()
    driver.until(lambda: session.steps_done == stood + 1)
    assert window.run_actions.play.text() == "Run"
    driver.until_new_trace(window.run_actions.reset.trigger)
    assert session.steps_done == 0
    driver.until_state(State.IDLE)


def test_the_space_key_runs_and_pauses(driver: Driver) -> None:
    driver.qtbot.keyClick(driver.window.views, Qt.Key.Key_Space)
    driver.until_state(State.RUNNING)
    driver.qtbot.keyClick(driver.window.views, Qt.Key.Key_Space)
    driver.until_state(State.PAUSED)


def type_rate(driver: Driver, text: str) -> None:
    edit = driver.window.dock.lr
    edit.setFocus()
    edit.selectAll()
    driver.qtbot.keyClicks(edit, text)
    driver.qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_the_rate_can_be_changed_during_a_run_and_the_trace_records_the_rates_used(driver: Driver) -> None:
    driver.window.run_actions.play.trigger()
    driver.until(lambda: driver.session.steps_done > 3)
    trace = driver.session.trace
    type_rate(driver, "2e-2")
    assert driver.session.experiment.runs[0].lr == 0.02
    driver.until(lambda: driver.session.trace is trace and trace.read("lr")[-2, 0] == 0.02)
    rates = trace.read("lr")[:-1, 0]
    assert set(rates) == {0.01, 0.02}
    assert driver.session.state is State.RUNNING
    driver.window.run_actions.play.trigger()
    driver.until_state(State.PAUSED)


def test_a_rate_that_is_no_number_is_not_taken(driver: Driver) -> None:
    type_rate(driver, "fast")
    assert driver.session.experiment == EXAMPLES[0].experiment
    assert driver.window.dock.lr.text() == "0.01"


def test_the_arrows_go_through_1_2_5(driver: Driver) -> None:
    edit = driver.window.dock.lr
    edit.setFocus()
    for expected in (0.02, 0.05, 0.1):
        driver.qtbot.keyClick(edit, Qt.Key.Key_Up)
        assert driver.session.experiment.runs[0].lr == expected
    driver.qtbot.keyClick(edit, Qt.Key.Key_Down)
    assert driver.session.experiment.runs[0].lr == 0.05


def test_runs_are_added_duplicated_and_removed(driver: Driver) -> None:
    runs = driver.window.runs
    driver.until_new_trace(runs.actions_by_name["add"].trigger)
    assert [run.lr for run in driver.session.experiment.runs] == [0.01, 0.1, 1, 3]
    assert len({run.color for run in driver.session.experiment.runs}) == 4
    assert runs.current == 3
    runs.select(0)
    driver.until_new_trace(runs.actions_by_name["duplicate"].trigger)
    assert driver.session.experiment.runs[4].lr == 0.01
    runs.select(2)
    driver.until_new_trace(runs.actions_by_name["remove"].trigger)
    assert [run.lr for run in driver.session.experiment.runs] == [0.01, 0.1, 3, 0.01]


def test_the_measured_gradient_makes_the_exploding_run_stand_still_one_click_away(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("Run", "Gradient", "Measured: one-sided difference"))
    precision = driver.window.dock.field("precision")
    driver.until_new_trace(lambda: (precision.setCurrentText("mixed"), precision.activated.emit(2)))
    driver.finish()
    assert driver.session.state is State.FINISHED
    assert driver.session.trace is not None
    assert driver.session.trace.read("params")[-1, 2, 0] == 12755.16015625


def test_a_divergence_is_shown_with_its_step_and_the_other_runs_continue(driver: Driver) -> None:
    driver.finish()
    trace = driver.session.trace
    assert trace is not None
    model = driver.window.runs.view.model()
    texts = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert "diverged at step 128" in texts[2]
    assert np.isfinite(trace.read("loss")[-1, :2]).all()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The file names that the dialogs will give."""
    names = {"open": "", "save": ""}
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_kwargs: (names["open"], ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_kwargs: (names["save"], ""))
    return names


def test_a_reopened_session_shows_the_same_and_goes_on_bit_for_bit(
    driver: Driver, tmp_path: Path, answers: dict[str, str]
) -> None:
    driver.until_new_trace(lambda: driver.menu("Optimizer", "Adam"))
    for _ in range(7):
        driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 7)
    answers["save"] = answers["open"] = str(tmp_path / "mine")
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.menu("File", "Save as…")
    assert not driver.session.modified
    answers["open"] += ".lrs"
    saved = load(tmp_path / "mine.lrs")
    old = driver.session.trace
    assert old is not None
    driver.until_new_trace(lambda: driver.menu("File", "New"))
    driver.until_new_trace(lambda: driver.menu("File", "Open…"))
    trace = driver.session.trace
    assert trace is not None
    assert np.array_equal(trace.read("params"), old.read("params"))
    assert driver.window.windowTitle().startswith("mine")
    driver.finish()
    alone = Simulation(saved.experiment)
    alone.advance(saved.experiment.steps)
    assert np.array_equal(driver.session.trace.read("params"), alone.trace.read("params"), equal_nan=True)


def test_export_is_the_table_that_the_terminal_writes(
    driver: Driver, tmp_path: Path, answers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    driver.finish()
    answers["save"] = str(tmp_path / "table.csv")
    with driver.qtbot.waitSignal(driver.session.message):
        driver.menu("File", "Export CSV…")
    main(
        [
            "run",
            "--problem",
            "proportional",
            "--lr",
            "0.01",
            "--lr",
            "0.1",
            "--lr",
            "1",
            "--steps",
            "1000",
            "--csv",
            "-",
        ]
    )
    assert (tmp_path / "table.csv").read_text() == capsys.readouterr().out
    direct = io.StringIO()
    assert driver.session.trace is not None
    write_csv(direct, driver.session.experiment, driver.session.trace)
    assert (tmp_path / "table.csv").read_text() == direct.getvalue()


def test_a_damaged_file_leaves_everything_as_it_was_and_says_why(
    driver: Driver, tmp_path: Path, answers: dict[str, str]
) -> None:
    bad = tmp_path / "bad.lrs"
    bad.write_bytes(b"PK\x03\x04")
    answers["open"] = str(bad)
    before = driver.session.trace
    with driver.qtbot.waitSignal(driver.session.failed) as failure:
        driver.menu("File", "Open…")
    assert "bad.lrs" in failure.args[0] + failure.args[1]
    assert driver.session.trace is before


def test_closing_with_unsaved_changes_asks_and_cancel_keeps_the_window_open(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.until_new_trace(lambda: driver.menu("Optimizer", "Adam"))
    asked = []
    cancel = QMessageBox.StandardButton.Cancel
    monkeypatch.setattr(QMessageBox, "question", lambda *args: asked.append(args) or cancel)
    driver.window.close()
    assert len(asked) == 1
    assert driver.window.isVisible()
    assert driver.window.feed.alive


def test_saving_from_the_question_closes_when_it_is_saved(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answers: dict[str, str]
) -> None:
    driver.until_new_trace(lambda: driver.menu("Optimizer", "Adam"))
    save = QMessageBox.StandardButton.Save
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: save)
    answers["save"] = str(tmp_path / "kept.lrs")
    driver.window.close()
    driver.until(lambda: not driver.window.feed.alive)
    assert load(tmp_path / "kept.lrs").experiment == driver.session.experiment


def test_an_invalid_start_is_refused_with_a_message(driver: Driver, qtbot: QtBot) -> None:
    start = driver.window.dock.start
    start.setFocus()
    start.selectAll()
    qtbot.keyClicks(start, "1, 2, 3")
    with qtbot.waitSignal(driver.window.dock.refused) as refusal:
        qtbot.keyClick(start, Qt.Key.Key_Return)
    assert "proportional takes 2 (w, b)" in refusal.args[0]
    assert start.text() == "0, 0"


def test_light_and_dark_switch_at_run_time(driver: Driver) -> None:
    def lightness() -> int:
        return driver.window.grab().toImage().pixelColor(5, 400).lightness()

    assert lightness() > 200
    driver.menu("View", "Theme", "Dark")
    driver.until(lambda: lightness() < 60)
    driver.menu("View", "Theme", "Light")
    driver.until(lambda: lightness() > 200)


@pytest.mark.parametrize("start", ["2e100, 0", "1e10, 0", "1e308, 1e308", "-1e-310, 0"])
def test_a_start_that_is_far_out_is_drawn_and_run(driver: Driver, qtbot: QtBot, start: str) -> None:
    edit = driver.window.dock.start
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, start)
    driver.until_new_trace(lambda: qtbot.keyClick(edit, Qt.Key.Key_Return))
    driver.window.grab()
    driver.finish()
    driver.window.grab()


def test_half_typed_text_is_committed_when_run_is_pressed(driver: Driver, qtbot: QtBot) -> None:
    edit = driver.window.dock.lr
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "0.05")
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1)
    assert driver.session.experiment.runs[0].lr == 0.05
    assert driver.session.trace is not None
    assert driver.session.trace.read("lr")[0, 0] == 0.05


def test_the_wheel_scrolls_past_a_field_without_focus(driver: Driver) -> None:
    before = driver.session.experiment
    dock = driver.window.dock
    driver.window.views.setFocus()
    for field in (dock.lr, dock.field("steps"), dock.optimizer, dock.problem, dock.field("precision")):
        place = QPointF(field.rect().center())
        turn = QWheelEvent(place, field.mapToGlobal(place), QPoint(0, 0), QPoint(0, -120), Qt.MouseButton.NoButton,
                           Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(field, turn)
    assert driver.session.experiment == before


def test_rates_that_all_diverge_on_another_problem_are_scaled_with_a_message_and_undone(driver: Driver) -> None:
    before, note = driver.session.experiment, driver.window.status.note
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    assert [run.lr for run in driver.session.experiment.runs] == [0.0001, 0.001, 0.01]
    assert note.text() == ("None of the rates suited this problem: 0.01 → 0.0001, 0.1 → 0.001, 1 → 0.01 (undo: Ctrl+Z)")
    driver.until_new_trace(lambda: driver.menu("Edit", "Undo problem"))
    assert driver.session.experiment == before
    driver.until_new_trace(lambda: driver.menu("Problem", "Parabola (w + 1)²"))
    assert [run.lr for run in driver.session.experiment.runs] == [run.lr for run in before.runs]
    assert note.text() == ""


def test_new_is_one_run_without_the_question_of_an_example(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "New"))
    assert len(driver.session.experiment.runs) == 1
    assert driver.session.example is None
    assert not driver.window.views.question.isVisible()
    title = driver.session.experiment.problem.title
    assert driver.window.status.note.text().startswith(f"New experiment: {title}, one run")
    assert not driver.session.modified


def test_return_presses_the_focused_control_and_space_does_not(driver: Driver, qtbot: QtBot) -> None:
    driver.until_new_trace(lambda: driver.menu("Schedule", "Exponential"))
    box, problem = driver.window.dock.schedule_form.editor("staircase"), driver.window.dock.problem
    box.setFocus()
    driver.until_new_trace(lambda: qtbot.keyClick(box, Qt.Key.Key_Return))
    assert driver.session.experiment.runs[0].schedule.values()["staircase"] is True
    assert driver.session.state is not State.RUNNING
    driver.finish()
    before = driver.session.experiment
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert driver.session.experiment == before
    assert "Ctrl+R starts again" in driver.window.status.note.text()
    problem.setFocus()
    qtbot.keyClick(problem, Qt.Key.Key_Return)
    driver.until(problem.view().isVisible)
    problem.hidePopup()


def test_another_rate_after_the_end_is_a_new_start(driver: Driver) -> None:
    driver.finish()
    driver.until_new_trace(lambda: type_rate(driver, "0.05"))
    assert driver.session.steps_done == 0


def test_fewer_steps_than_are_done_lose_nothing(driver: Driver) -> None:
    driver.finish()
    trace = driver.session.trace
    driver.window.dock.field("steps").setValue(500)
    driver.window.run_actions.first.trigger()
    driver.until(lambda: driver.window.time_cursor.position == 0)
    assert driver.session.trace is trace
    assert driver.session.steps_done == 1000


def test_a_cancelled_save_from_the_question_is_forgotten(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answers: dict[str, str]
) -> None:
    driver.until_new_trace(lambda: driver.menu("Optimizer", "Adam"))
    save = QMessageBox.StandardButton.Save
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: save)
    driver.window.close()
    answers["save"] = str(tmp_path / "later.lrs")
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.menu("File", "Save")
    assert driver.window.isVisible()
    assert driver.window.feed.alive


def test_the_runs_say_their_state_in_a_word(driver: Driver) -> None:
    model = driver.window.runs.view.model()

    def words() -> list[str]:
        texts = [str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)) for row in range(3)]
        return [text.split(" · ")[-1].split(",")[0] for text in texts]

    driver.until(lambda: words() == ["ready"] * 3)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: words() == ["running"] * 3)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: words() == ["paused"] * 3)
    driver.finish()
    driver.until(lambda: words() == ["finished", "finished", "diverged"])


def test_export_script_is_what_the_terminal_prints(
    driver: Driver, tmp_path: Path, answers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    answers["save"] = str(tmp_path / "script.py")
    with driver.qtbot.waitSignal(driver.session.message):
        driver.menu("File", "Export script", "PyTorch…")
    rates = ("--lr", "0.01", "--lr", "0.1", "--lr", "1")
    main(["run", "--problem", "proportional", *rates, "--steps", "1000", "--code", "torch"])
    assert (tmp_path / "script.py").read_text() == capsys.readouterr().out
