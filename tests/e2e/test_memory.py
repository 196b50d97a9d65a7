"""What the window keeps of experiments that it no longer shows."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections import Counter
from weakref import ref

import pytest
from PySide6.QtCore import SIGNAL, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton, QWidget
from shiboken6 import isValid

from lrstudio.core.problems import Parabola, Quadratic, Ravine, Rosenbrock
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from lrstudio.ui.session.history import Change, History
from lrstudio.ui.window import program
from tests.e2e.conftest import Driver
from tests.patience import patience


def test_no_trace_is_kept_of_experiments_that_are_closed(driver: Driver) -> None:
    window, session = driver.window, driver.session
    shown: list[ref[Trace]] = []
    session.simulation_changed.connect(lambda: shown.extend([ref(session.trace)] if session.trace is not None else []))
    for name in ("Compare runs", "Explain this step"):
        driver.menu("Tools", name)
    driver.menu("View", "Step table")
    windows = [window.tools.show(kind) for kind in (MapWindow, SweepWindow, RangeTestWindow)]
    for number, example in enumerate(EXAMPLES[:3] + EXAMPLES[-3:]):
        driver.until_new_trace(lambda example=example: session.show(example.experiment))
        for view in window.views.area.applicable:
            window.views.area.set_shown(view, True)
        window.transport.set_pace(None)
        window.run_actions.play.trigger()
        driver.until(lambda: session.steps_done > 5)
        window.run_actions.play.trigger()
        driver.until(lambda: session.state is not State.RUNNING)
        for each in windows if number == 2 else ():
            each.close()
    for dock in (window.compare_dock, window.explain, window.table_dock):
        dock.hide()
    driver.until_new_trace(lambda: session.show(EXAMPLES[0].experiment))
    driver.until(lambda: not window.bench.busy and not window.feed.busy)
    window.views.draw_frame()
    assert len(shown) > 6
    driver.until(lambda: gc.collect() >= 0 and {each() for each in shown} <= {None, session.trace})


def test_freed_memory_is_returned_when_the_window_is_idle(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    returned: list[bool] = []
    monkeypatch.setattr(program, "return_memory", lambda: returned.append(True))
    idle = program.IdleTrim(driver.window)
    idle.setInterval(5)
    driver.until_new_trace(lambda: driver.session.show(EXAMPLES[1].experiment))

    def rests() -> bool:
        """Whether nothing is returned in five periods: something may be computed late, and be followed by one more."""
        before = len(returned)
        for _ in range(5):
            driver.qtbot.waitSignal(idle.timeout).wait()
        return len(returned) == before > 0

    driver.until(rests)
    once = len(returned)
    driver.until_new_trace(lambda: driver.session.show(EXAMPLES[0].experiment))
    driver.until(lambda: len(returned) > once)


def test_the_actions_of_buttons_are_connected_no_more_often_after_many_changes(driver: Driver) -> None:
    """Qt connects a tool button to its action again at each change."""
    buttons = [button for button in driver.window.findChildren(QToolButton) if button.defaultAction() is not None]
    shown = {action.text(): action for action in (button.defaultAction() for button in buttons)}
    assert {"Run", "Step", "Add run"} <= {name.replace("&", "").rstrip("…") for name in shown}
    for action in shown.values():
        before, texts = action.receivers(SIGNAL("changed()")), []
        for count in range(21):
            action.setEnabled(count % 2 == 0)
            action.setToolTip(f"changed {count}")
            texts.append({button.toolTip() for button in buttons if button.defaultAction() is action})
        assert action.receivers(SIGNAL("changed()")) <= before and texts[-1] == {"changed 20"}


def test_no_trace_is_kept_of_changes_that_are_gone(driver: Driver) -> None:
    session = driver.session
    shown: list[ref[Trace]] = []
    session.simulation_changed.connect(lambda: shown.extend([ref(session.trace)] if session.trace is not None else []))
    for other in (Parabola(), Rosenbrock(), Ravine(), Parabola()):
        driver.until_new_trace(lambda other=other: session.edit(session.experiment.with_problem(other)))
    for _ in range(2):
        driver.until_new_trace(session.history.undo)
    driver.until_new_trace(lambda: session.edit(session.experiment.with_problem(Quadratic())))
    driver.until_new_trace(lambda: session.show(EXAMPLES[0].experiment))
    assert len(shown) == 8
    driver.until(lambda: gc.collect() >= 0 and {each() for each in shown} <= {None, session.trace})


def test_no_change_is_kept_that_a_drag_has_replaced_or_a_visit_has_made(driver: Driver) -> None:
    def kept() -> Counter[str]:
        driver.until_idle()
        gc.collect()
        return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, (Change, History)))

    session, before = driver.session, kept()
    for lr in range(1, 20):
        session.drag(session.experiment.with_run(0, lr=lr / 100))
    session.end_drag()
    assert kept() - before == {"Change": 1}
    for _ in range(3):
        driver.until(lambda: session.simulation is not None)
        assert session.visit(EXAMPLES[1].experiment)
        session.edit(session.experiment.with_run(0, lr=0.5))
        session.end_visit()
    assert kept() - before == {"Change": 1}
    session.history.undo()
    driver.until_new_trace(lambda: session.show(EXAMPLES[0].experiment))
    assert kept() == before


LIMITED = """
import os, resource, sys
from dataclasses import replace
from PySide6.QtWidgets import QMessageBox
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.ui.window.app import application, settle, wait_until
from lrstudio.ui.window.main_window import MainWindow

app, said, ended = application(), [], (State.FAILED, State.FINISHED)
window = MainWindow("light")
session = window.session
sys.excepthook = lambda kind, *_: said.append(kind.__name__)
session.failed.connect(lambda *texts: said.append(": ".join(texts)))
window.show()
window.transport.set_pace(None)

def run(experiment):
    session.show(experiment)
    wait_until(session.state_changed, lambda: session.simulation is not None and session.state is State.IDLE)
    window.run_actions.play.trigger()
    wait_until(session.state_changed, lambda: session.state in ended)
    settle(window)
    print(session.state, flush=True)

example = EXAMPLES[0].experiment
run(example)
used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000,) * 2)
rates = tuple(replace(example.runs[0], lr=0.001 * number) for number in range(1, 31))
for _ in range(2):
    run(replace(example, runs=rates, steps=1_900_000))
    run(example)
print(*said, sep="\\n")
QMessageBox.question = lambda *_: QMessageBox.StandardButton.Discard
window.close()
wait_until(window.feed.stopped, lambda: not window.feed.alive)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of the address space, as Linux has it")
def test_a_window_without_memory_says_so_and_runs_the_next_experiment() -> None:
    command = [sys.executable, "-X", "faulthandler", "-c", LIMITED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(120), check=False)
    assert done.returncode == 0, done.stderr
    states, said = done.stdout.splitlines()[:5], done.stdout.splitlines()[5:]
    assert states == ["finished", "failed", "finished", "failed", "finished"]
    told = "The run could not go on: there is not enough memory"
    assert [text.partition(" (")[0] for text in said if text != "MemoryError"] == [told, told]


def test_hidden_windows_and_menus_give_their_pictures_back_and_look_the_same_again(driver: Driver) -> None:
    window = driver.window
    shown: list[QWidget] = [window.tools.show(kind) for kind in (SweepWindow, MapWindow, RangeTestWindow)]
    menu = window.menuBar().actions()[0].menu()
    assert isinstance(menu, QMenu)
    menu.popup(window.mapToGlobal(QPoint(0, 20)))
    driver.until(lambda: menu.isVisible() and not window.bench.busy)
    before = [widget.size() for widget in (*shown, menu)]
    menu.hide()
    for each in shown:
        each.close()
    program.release_pictures()
    hidden = [widget for widget in (*shown, menu) if isValid(widget)]
    assert menu in hidden and all(widget.windowHandle() is None for widget in hidden)
    assert window.windowHandle() is not None
    again = [window.tools.show(kind) for kind in (SweepWindow, MapWindow, RangeTestWindow)]
    menu.popup(window.mapToGlobal(QPoint(0, 20)))
    driver.until(lambda: menu.isVisible() and all(each.isVisible() for each in again) and not window.bench.busy)
    assert [widget.size() for widget in (*again, menu)] == before
    for widget in (*again, menu):
        image = widget.grab().toImage()
        assert len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}) > 3
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
