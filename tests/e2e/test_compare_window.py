"""Comparing the runs in the real window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import Adam
from lrstudio.core.problems import NoisyLine, Parabola
from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.compare.seeds import Spread, over_seeds
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.pilot import State
from lrstudio.store.csv.table import comparison_csv
from lrstudio.ui.instruments.compare.dock import Compare
from lrstudio.ui.instruments.compare.view import SEEDS
from tests.e2e.conftest import Driver

LOSS, BEST = 3, 4
NOISY = Experiment(
    problem=NoisyLine(), runs=(Run(lr=0.05), Run(lr=0.02, optimizer=Adam())), steps=60, batch_size=4, seed=3
)


@pytest.fixture
def opened(driver: Driver) -> Driver:
    driver.menu("Tools", "Compare runs")
    driver.until(lambda: driver.window.compare.seen)
    return driver


def show(driver: Driver, experiment: Experiment) -> None:
    driver.until_new_trace(lambda: driver.session.show(experiment))


def cell(driver: Driver, run: int, column: int = LOSS) -> str:
    model = driver.window.compare.model
    row = model.row_of(run)
    return "" if row is None else str(model.index(row, column).data())


def standings(driver: Driver, step: int | None = None) -> tuple[Standing, ...]:
    """Returns the standings computed here from the same trace."""
    session = driver.session
    assert session.trace is not None
    result = Comparison(session.experiment, session.trace).at(session.experiment, step)
    assert result is not None
    return result


def until_shown(driver: Driver, step: int | None = None) -> None:
    expected = [f"{standing.final_loss:.4g}" for standing in standings(driver, step)]
    driver.until(lambda: [cell(driver, run) for run in range(len(expected))] == expected)


def order(compare: Compare) -> list[int]:
    return [compare.model.run(row) for row in range(compare.model.rowCount())]


def test_it_opens_and_closes_with_its_keys_and_shares_its_tabs_with_the_step_table(
    driver: Driver, qtbot: QtBot
) -> None:
    window = driver.window
    entry = driver.entry("Tools", "Compare runs")
    table: list[bool] = []
    window.table_dock.visibilityChanged.connect(table.append)
    qtbot.keyClick(window.views, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: window.compare.seen)
    assert entry.isChecked()
    driver.menu("View", "Step table")
    driver.until(lambda: table[-1:] == [True] and not window.compare.seen)
    assert not entry.isChecked()
    assert window.table_dock in window.tabifiedDockWidgets(window.compare_dock)
    entry.trigger()
    driver.until(lambda: window.compare.seen and not table[-1])
    entry.trigger()
    driver.until(lambda: not window.compare.seen and table[-1])
    assert not entry.isChecked()
    assert window.compare_dock.isHidden()


def test_at_the_end_it_shows_how_all_runs_stand(opened: Driver) -> None:
    opened.finish()
    until_shown(opened)
    diverged = [standing.key for standing in standings(opened)].index("diverged")
    assert cell(opened, diverged, 1) == "diverged"
    assert cell(opened, 0, 2) == "–"
    assert "target loss" in opened.window.compare.controls.note.text()


def test_it_follows_a_run_that_goes_on(opened: Driver) -> None:
    opened.window.transport.set_pace(200)
    opened.window.run_actions.play.trigger()
    seen = set()

    def many() -> bool:
        seen.add(cell(opened, 0))
        return len(seen) > 4

    opened.until(many)
    opened.window.run_actions.play.trigger()
    opened.until_state(State.PAUSED)
    until_shown(opened)


def test_it_compares_at_the_step_of_the_cursor(opened: Driver) -> None:
    opened.finish()
    until_shown(opened)
    opened.window.time_cursor.go(3)
    until_shown(opened, 3)
    assert cell(opened, 0, 6) == "4"
    opened.window.time_cursor.go(None)
    until_shown(opened)


def test_a_row_and_the_list_of_runs_choose_one_another(opened: Driver, qtbot: QtBot) -> None:
    window, view = opened.window, opened.window.compare.view
    place = view.visualRect(window.compare.model.index(2, 3)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.runs.current == 2
    window.runs.select(1)
    assert window.compare.model.run(view.currentIndex().row()) == 1
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert window.runs.current == 0


def test_a_click_on_a_header_sorts_turns_and_lets_go(opened: Driver, qtbot: QtBot) -> None:
    opened.finish()
    until_shown(opened)
    compare, header = opened.window.compare, opened.window.compare.view.horizontalHeader()
    losses = [standing.final_loss for standing in standings(opened)]
    best_first = sorted(range(len(losses)), key=lambda run: losses[run])
    at = QPoint(header.sectionViewportPosition(LOSS) + 20, header.height() // 2)
    for expected, reverse in ((best_first, False), (best_first[::-1], True)):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert order(compare) == expected
        assert compare.controls.order.currentText() == "final loss"
        assert compare.model.reversed is reverse
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert order(compare) == [0, 1, 2]
    assert compare.controls.order.currentText() == "as listed"


def test_it_is_sorted_with_the_keyboard(opened: Driver, qtbot: QtBot) -> None:
    opened.finish()
    until_shown(opened)
    compare = opened.window.compare
    compare.controls.order.setFocus()
    for _ in range(LOSS + 1):
        qtbot.keyClick(compare.controls.order, Qt.Key.Key_Down)
    assert compare.controls.order.currentText() == "final loss"
    losses = [standing.final_loss for standing in standings(opened)]
    assert order(compare) == sorted(range(len(losses)), key=lambda run: losses[run])


def test_a_baseline_and_hidden_runs_are_those_of_the_list(opened: Driver) -> None:
    opened.finish()
    until_shown(opened)
    opened.window.runs.select(1)
    opened.menu("Edit", "Use as baseline")
    opened.until(lambda: "×" in cell(opened, 0))
    found = standings(opened)
    assert cell(opened, 0).endswith(f"(×{found[0].final_loss / found[1].final_loss:.3g})")
    opened.menu("Edit", "Hide run")
    model = opened.window.compare.model
    opened.until(lambda: "Hidden" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole))


def test_a_name_is_changed_and_a_run_added_here_too(opened: Driver) -> None:
    opened.finish()
    opened.session.edit(opened.session.experiment.with_run(1, label="中等的学习率"))
    opened.until(lambda: cell(opened, 1, 0) == "中等的学习率")
    opened.until_new_trace(lambda: opened.menu("Edit", "Add run"))
    opened.until(lambda: opened.window.compare.model.rowCount() == 4)
    until_shown(opened)


def test_a_target_that_is_set_afterwards_is_counted_at_once(opened: Driver) -> None:
    show(opened, Experiment(problem=Parabola(), runs=(Run(lr=0.1), Run(lr=0.3)), steps=50))
    opened.finish()
    until_shown(opened)
    assert cell(opened, 1, 2) == "–"
    opened.session.edit(replace(opened.session.experiment, target_loss=1e-3))
    opened.until(lambda: cell(opened, 1, 2) == "6")


def test_ctrl_c_copies_the_table_with_its_header(opened: Driver, qtbot: QtBot) -> None:
    opened.finish()
    until_shown(opened)
    qtbot.keyClick(opened.window.compare.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][LOSS] == "final loss"
    assert [float(line[LOSS]) for line in lines[1:]] == [standing.final_loss for standing in standings(opened)]


def test_it_is_exported_as_csv(opened: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.finish()
    until_shown(opened)
    path = tmp_path / "runs.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "CSV (*.csv)"))
    opened.window.compare.export()
    opened.until(path.exists)
    opened.until(lambda: opened.session.task is None)
    assert path.read_text("utf-8") == comparison_csv(opened.session.experiment, [standings(opened)])


def test_over_several_seeds_all_runs_have_the_same_ones(opened: Driver, qtbot: QtBot) -> None:
    show(opened, NOISY)
    opened.finish()
    until_shown(opened)
    compare = opened.window.compare
    assert "One seed can be lucky" in compare.controls.note.text()
    compare.seeds.setFocus()
    qtbot.keyClick(compare.seeds, Qt.Key.Key_Return)
    opened.until(lambda: compare.over_seeds.fraction is None and len(compare.over_seeds.standings) == SEEDS)
    expected = list(over_seeds(NOISY, range(3, 8)))
    assert list(compare.over_seeds.standings) == expected
    spread = Spread.of([one[1].final_loss for one in expected])
    assert spread.half_width == pytest.approx(2.776445 * spread.deviation / 5**0.5)
    opened.until(lambda: cell(opened, 1).startswith(f"{spread.mean:.4g} ± {spread.half_width:.2g}"))
    opened.until(lambda: "with seeds 3 to 7" in compare.controls.note.text())
    compare.controls.count.setValue(3)
    opened.until(lambda: compare.over_seeds.fraction is None and len(compare.over_seeds.standings) == 3)
    assert list(compare.over_seeds.standings) == expected[:3]
    qtbot.keyClick(compare.seeds, Qt.Key.Key_Return)
    until_shown(opened)


def test_another_experiment_ends_the_comparison_over_seeds(opened: Driver) -> None:
    show(opened, NOISY)
    compare = opened.window.compare
    compare.seeds.click()
    opened.until(lambda: len(compare.over_seeds.standings) == SEEDS)
    opened.session.edit(opened.session.experiment.with_run(0, label="slow"))
    opened.until(lambda: cell(opened, 0, 0) == "slow")
    assert compare.seeds.isChecked()  # a name changes nothing
    opened.until_new_trace(lambda: opened.session.edit(replace(opened.session.experiment, seed=9)))
    opened.until(lambda: not compare.seeds.isChecked())
    until_shown(opened)


def test_where_nothing_is_random_there_is_nothing_to_repeat(opened: Driver) -> None:
    assert not opened.window.compare.seeds.isEnabled()
    assert "Nothing here is random" not in opened.window.compare.seeds.toolTip()
    assert "every seed gives the same" in opened.window.compare.seeds.toolTip()


def test_an_experiment_too_long_to_repeat_has_a_message(opened: Driver) -> None:
    show(opened, replace(NOISY, steps=5_000_000))
    compare = opened.window.compare
    with opened.qtbot.waitSignal(compare.message) as signal:
        compare.seeds.click()
    assert "too many to be repeated" in signal.args[0]
    assert not compare.seeds.isChecked()


def test_other_experiments_one_after_the_other_leave_the_last_one_in_the_table(opened: Driver) -> None:
    for count in (3, 60, 1, 12):
        opened.session.show(
            Experiment(problem=Parabola(), runs=tuple(Run(lr=0.01 * (run + 1)) for run in range(count)), steps=30)
        )
    opened.until(lambda: opened.session.simulation is not None and opened.session.trace.runs == 12)
    opened.finish()
    until_shown(opened)
    assert opened.window.compare.model.rowCount() == 12
