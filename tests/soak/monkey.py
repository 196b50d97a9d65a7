"""Random clicks, keys, wheels and menus in every window: what grows, and what breaks.

python -m tests.soak.monkey --minutes 3 --seed 1

Every --rest seconds all windows are closed, layout, letters and theme are reset, the first example is opened and
mapped, the lists of combo boxes and completions are made, caches that have a bound are cleared, and memory, widgets,
windows and threads are counted. What is left open then differs from time to time, so the least of twenty counts is
taken, and a line is laid through these floors after the first third of the time. Succeeds only if all slopes are at
most those that are allowed, also with twice their standard error added, and if there were no errors; a run that is
too short to tell does not succeed.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import math
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")  # as the program does, before NumPy is loaded

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QFont, QPixmapCache, QWheelEvent
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)
from shiboken6 import isValid

from lrstudio.engine.examples import EXAMPLES
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from lrstudio.ui.window.app import application
from lrstudio.ui.window.errors import ErrorLog
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.program import release_pictures, return_memory

PER_HOUR = {"memory": 1e6, "widgets": 3.0, "windows": 1.0, "threads": 1.0}
"""By how much each may grow in an hour: less than what is counted once in a while and not at other times."""
_FLOOR_OF = 20
"""Counts of which the least is taken."""
KEYS = [*"abc123.-+*/^()e ,", *(Qt.Key.__members__[name] for name in (
    "Key_Return Key_Tab Key_Backtab Key_Delete Key_Backspace Key_Left Key_Right Key_Up Key_Down Key_Home Key_End"
    " Key_PageUp Key_PageDown Key_Space Key_Escape Key_F1 Key_F2").split())]  # fmt: skip
SIZE = (1280, 800)
LEFT_ALONE = ("Quit", "Print…")
TABLE = "step,lr,loss\n" + "".join(f"{step},{1e-4 * 1.1**step},{1 / (step + 1)}\n" for step in range(60))


@dataclass(slots=True)
class Count:
    """What there is at one time of rest."""

    seconds: float
    memory: int
    widgets: int
    windows: int
    threads: int


class Monkey:
    """Does something at random whenever the window is idle, and counts what there is every `rest` seconds."""

    def __init__(self, window: MainWindow, seed: int, minutes: float, rest: float) -> None:
        self.window, self.rest = window, rest
        self.chance = random.Random(seed)
        self.counts: list[Count] = []
        self.before, self.now = Counter[str](), Counter[str]()
        """The widgets by their class and their parent's, after a third of the time and at the last count."""
        self.done: Counter[str] = Counter()
        self.end = 60 * minutes
        self._begin, self._rested = time.monotonic(), 0.0
        self._act_began: float | None = None
        self._quiet: int | None = None
        for entry in self._entries():
            if entry.text().replace("&", "") in LEFT_ALONE:
                entry.setEnabled(False)
        self._map = window.tools.show(MapWindow)
        for kind in (RangeTestWindow, SweepWindow):  # each is made once, and kept
            window.tools.show(kind)
        for frame in window.views.area.frames.values():
            _ = frame.canvas
        self._unseen = self._entries()
        self._timer = QTimer()
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._act)
        self._timer.start()
        self._watch = QTimer()
        self._watch.setInterval(100)
        self._watch.timeout.connect(self._leave)
        self._watch.start()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def _act(self) -> None:
        if self._quiet is not None:
            self._rest()
        elif self.seconds - self._rested > self.rest:
            self._close_all()
            self._quiet = 0
        else:
            acts: tuple[tuple[Callable[[], None], int], ...] = (
                (self._click, 40), (self._key, 30), (self._wheel, 10), (self._drag, 8), (self._trigger, 6),
                (self._choose, 3), (self._menu, 2), (self._close_one, 2),
            )  # fmt: skip
            act = self.chance.choices([act for act, _ in acts], [often for _, often in acts])[0]
            if self._unseen and QApplication.activeModalWidget() is None:
                act = self._unseen.pop().trigger  # every window is opened once
            self.done[act.__name__] += 1
            self._act_began = self.seconds
            try:
                act()
            except RuntimeError as error:
                if "already deleted" not in str(error):  # a popup that closes itself meanwhile
                    raise
            finally:
                self._act_began = None

    def _leave(self) -> None:
        """Ends a drag or a menu that waits for its mouse inside the act, by Escape: no act follows before it ends."""
        if self._act_began is not None and self.seconds - self._act_began > 0.5:
            self.done["_leave"] += 1
            QTest.keyClick(QApplication.activePopupWidget() or self.window, Qt.Key.Key_Escape)

    def _close_all(self) -> None:
        for window in QApplication.topLevelWidgets():
            if window is not self.window and window.isVisible():
                window.close()
        for entry in self._entries():
            if entry.text().replace("&", "") in ("Reset layout", "Reset", "Light"):
                entry.trigger()
        self.window.presentation.end()
        self.window.showNormal()
        self.window.resize(*SIZE)
        self.window.lessons.course.leave()
        self.window.files.new()
        self.window.session.show(EXAMPLES[0].experiment)
        self._map.show_source(0)  # it keeps its last map, whose size is the user's choice
        make_lists(self.window)

    def _rest(self) -> None:
        """Counts after the last of many idle rounds, so that what was asked for is done."""
        assert self._quiet is not None
        self._quiet += 1
        busy = self.window.bench.busy or self.window.feed.busy or QApplication.activeModalWidget() is not None
        if self._quiet < 200 or (busy and self._quiet < 2000):
            return
        clear_bounded_caches()
        gc.collect()
        QPixmapCache.clear()  # Qt keeps up to 10 MB in it
        QFont.cleanup()  # and fonts in another cache that has a bound
        QApplication.clipboard().clear()
        release_pictures()  # as the idle window does
        return_memory()
        widgets = [widget for widget in QApplication.allWidgets() if isValid(widget)]
        count = Count(
            self.seconds, memory(), len(widgets), sum(widget.isWindow() for widget in widgets), threads()
        )  # fmt: skip
        self.counts.append(count)
        self.now = Counter(f"{type(each).__name__} in {type(each.parent()).__name__}" for each in widgets)
        if not self.before and self.seconds >= self.end / 3:
            self.before = self.now
        print(
            f"{count.seconds:6.0f} s  {count.memory / 1e6:6.1f} MB  {count.widgets} widgets  {count.windows} windows"
            f"  {count.threads} threads  {sum(self.done.values()):,} actions",
            flush=True,
        )
        self._quiet, self._rested = None, self.seconds
        if self.seconds > self.end:
            self._timer.stop()
            self.window.close()

    def _window(self) -> QWidget:
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        shown = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
        return front if front is not None and isValid(front) else self.chance.choice(shown or [self.window])

    def _target(self) -> tuple[QWidget, QPoint]:
        """A visible widget under a random point of a window."""
        window = self._window()
        at = QPoint(self.chance.randrange(max(1, window.width())), self.chance.randrange(max(1, window.height())))
        widget = window.childAt(at)
        if widget is None or not isValid(widget):
            widget = window
        return widget, widget.mapFrom(window, at)

    def _modifiers(self) -> Qt.KeyboardModifier:
        names = ("NoModifier",) * 6 + ("ControlModifier", "ShiftModifier")
        return Qt.KeyboardModifier[self.chance.choice(names)]

    def _click(self) -> None:
        widget, at = self._target()
        button = self.chance.choice((Qt.MouseButton.LeftButton,) * 5 + (Qt.MouseButton.RightButton,))
        press = QTest.mouseDClick if self.chance.random() < 0.1 else QTest.mouseClick
        press(widget, button, self._modifiers(), at)

    def _key(self) -> None:
        widget = QApplication.focusWidget() or self._window()
        key = self.chance.choice(KEYS)
        ctrl = self.chance.random() < 0.15
        modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        if not ctrl or key not in ("q", "p"):
            QTest.keyClick(widget, key, modifier)

    def _wheel(self) -> None:
        widget, at = self._target()
        turn = QPoint(0, self.chance.choice((-360, -120, 120, 360)))
        place, none = QPointF(at), Qt.MouseButton.NoButton
        screen = QPointF(widget.mapToGlobal(at))
        event = QWheelEvent(
            place, screen, QPoint(), turn, none, self._modifiers(), Qt.ScrollPhase.NoScrollPhase, False
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def _drag(self) -> None:
        widget, at = self._target()
        if not isValid(widget):
            return
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        for _ in range(4):
            if not isValid(widget):
                return
            at += QPoint(self.chance.randint(-40, 40), self.chance.randint(-40, 40))
            QTest.mouseMove(widget, at)
        if isValid(widget):
            QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _trigger(self) -> None:
        """An entry of the menu bar, as its shortcut would call it."""
        if QApplication.activeModalWidget() is None:
            self.chance.choice([entry for entry in self._entries() if entry.isEnabled()]).trigger()

    def _entries(self) -> list[QAction]:
        return leaves(self.window.menuBar().actions())

    def _choose(self) -> None:
        boxes = [box for box in self._window().findChildren(QComboBox) if box.isVisible() and box.count()]
        if boxes:
            box = self.chance.choice(boxes)
            index = self.chance.randrange(box.count())
            if box.itemData(index, Qt.ItemDataRole.AccessibleDescriptionRole) != "separator":
                box.setCurrentIndex(index)
                box.activated.emit(index)

    def _menu(self) -> None:
        menus = [entry.menu() for entry in self.window.menuBar().actions()]
        menu = self.chance.choice([menu for menu in menus if isinstance(menu, QMenu)])
        menu.popup(self.window.mapToGlobal(QPoint(50, 50)))

    def _close_one(self) -> None:
        window = self._window()
        if window is not self.window:
            window.close()


def leaves(actions: list[QAction]) -> list[QAction]:
    """The entries of menus and their submenus."""
    found = []
    for entry in actions:
        menu = entry.menu()
        found += leaves(menu.actions()) if isinstance(menu, QMenu) else [entry] * (not entry.isSeparator())
    return found


def make_lists(window: QWidget) -> None:
    """Makes the lists of combo boxes and of completions, which Qt makes when they are first used, and keeps."""
    for box in window.findChildren(QComboBox):
        box.view()
        if (completer := box.completer()) is not None:
            completer.popup()
    for line in window.findChildren(QLineEdit):
        if (completer := line.completer()) is not None:
            completer.popup()


def clear_bounded_caches() -> None:
    """Clears the caches of functions in the package that keep a stated number of results."""
    for name, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if name.startswith("lrstudio.") else ():
            if hasattr(value, "cache_parameters") and value.cache_parameters()["maxsize"] is not None:
                value.cache_clear()


def memory() -> int:
    """The memory of this process alone in bytes, without the pages of libraries' files; 0 where it is not known.

    The blocks of traces are anonymous maps, which Linux counts as shared.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    own = ("RssAnon:", "RssShmem:")
    return sum(1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith(own))


def threads() -> int:
    try:
        return len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return threading.active_count()


def answer_dialogs(folder: Path, chance: random.Random) -> None:
    """Answers what would wait for the system's own dialogs."""
    table = folder / "log.csv"
    table.write_text(TABLE)
    saved = [folder / name for name in ("a.lrs", "b.lrs", "c.csv", "d.png", "e.svg")]

    def to_open(*_arguments: Any) -> tuple[str, str]:
        return str(chance.choice([*saved, table])), ""

    def question(*_arguments: Any) -> QMessageBox.StandardButton:
        buttons = QMessageBox.StandardButton
        return chance.choice((buttons.Discard, buttons.Discard, buttons.Yes, buttons.Cancel))

    QFileDialog.getOpenFileName = to_open  # type: ignore[method-assign, assignment]
    QFileDialog.getOpenFileNames = lambda *_: ([str(table)], "")  # type: ignore[method-assign]
    QFileDialog.getExistingDirectory = lambda *_: str(folder)  # type: ignore[method-assign]
    QFileDialog.getSaveFileName = lambda *_: (str(chance.choice(saved)), "")  # type: ignore[method-assign]
    QMessageBox.question = question  # type: ignore[method-assign, assignment]
    QMessageBox.about = lambda *_: None  # type: ignore[method-assign]
    QPrintDialog.exec = lambda _self: QDialog.DialogCode.Rejected.value  # type: ignore[method-assign]


def slope(hours: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Returns the slope of the line of least squares and twice its standard error.

    What is left of the values beside the line may follow what was left before: with the correlation r of neighbours the
    error is larger by the root of (1 + r) / (1 - r).
    """
    x, y = np.array(hours) - np.mean(hours), np.array(values, float)
    rise = float(x @ y / (x @ x))
    rest = y - y.mean() - rise * x
    variance = float(rest @ rest) / (len(y) - 2)
    r = max(0.0, float(rest[1:] @ rest[:-1] / (rest @ rest))) if variance else 0.0
    return rise, 2 * math.sqrt(variance / float(x @ x) * (1 + r) / (1 - r))


def judged(counts: list[Count]) -> tuple[list[str], bool]:
    """Returns a line on each of what was counted, after the first third of the time, and whether nothing grows."""
    counts = [count for count in counts if count.seconds >= counts[-1].seconds / 3]
    parts = [counts[first : first + _FLOOR_OF] for first in range(0, len(counts) - _FLOOR_OF + 1, _FLOOR_OF)]
    if len(parts) < 6:
        return ["there were too few counts to tell what grows: --minutes must be more"], False
    hours = [float(np.mean([count.seconds for count in part])) / 3600 for part in parts]
    lines, holds = [], True
    for name, allowed in PER_HOUR.items():
        floors = [min(getattr(count, name) for count in part) for part in parts]
        rise, error = slope(hours, floors)
        told = (
            "holds" if rise + error <= allowed else "does not hold" if rise - error > allowed else "cannot be told yet"
        )
        holds &= told == "holds"
        lines.append(
            f"{name}: {rise:+,.3g} ± {error:,.2g} an hour (floors {min(floors):,} to {max(floors):,} in "
            f"{60 * (hours[-1] - hours[0]):.0f} minutes); at most {allowed:,.0f}: {told}"
        )
    return lines, holds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.monkey", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rest", type=float, default=10.0, help="seconds between two counts")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    faulthandler.enable()
    app = application()
    with tempfile.TemporaryDirectory() as folder:
        answer_dialogs(Path(folder), random.Random(options.seed + 1))
        errors = ErrorLog()
        errors.install()
        window = MainWindow("light", errors=errors)
        window.show()
        monkey = Monkey(window, options.seed, options.minutes, options.rest)
        app.exec()
        errors.uninstall()
    print(f"seed {options.seed}: {dict(monkey.done)}")
    lines, holds = judged(monkey.counts)
    print(*lines, sep="\n")
    grown = monkey.now - monkey.before
    print(f"widgets more than after a third of the time: {dict(grown.most_common(10))}")
    if errors.count:
        print(f"{errors.count} errors:\n{errors.details()}")
    if monkey.seconds < monkey.end:
        print(f"the window was closed after {monkey.seconds:.0f} s")
    return 0 if holds and not errors.count and monkey.seconds >= monkey.end else 1


if __name__ == "__main__":
    sys.exit(main())
