"""The ruler of rates: mouse, keyboard, and what it says."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.ruler.axis import labels
from lrstudio.ui.ruler.ruler import RateRuler

Kind = QMouseEvent.Type
PLAIN = Qt.KeyboardModifier.NoModifier


class Shown:
    """A ruler beside an experiment that does what it asks for."""

    def __init__(self, qtbot: QtBot, *rates: float) -> None:
        self.ruler = RateRuler(1e6)
        qtbot.addWidget(self.ruler)
        self.ruler.resize(300, self.ruler.sizeHint().height())
        runs = tuple(Run(lr=lr, color=place) for place, lr in enumerate(rates))
        self.experiment = Experiment(problem=Parabola(), runs=runs)
        self.changes: list[tuple[int, float]] = []
        self.current, self.finished = 0, 0
        self.ruler.rate_changed.connect(self._change)
        self.ruler.selected.connect(self._select)
        self.ruler.drag_finished.connect(self._finish)
        self.ruler.show_runs(self.experiment, 0)
        self.ruler.show()
        qtbot.waitExposed(self.ruler)

    @property
    def rates(self) -> list[float]:
        return [run.lr for run in self.experiment.runs]

    def mouse(self, kind: QMouseEvent.Type, at: QPointF, keys: Qt.KeyboardModifier = PLAIN) -> None:
        button = Qt.MouseButton.NoButton if kind == Kind.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == Kind.MouseButtonRelease else Qt.MouseButton.LeftButton
        event = QMouseEvent(kind, at, self.ruler.mapToGlobal(at), button, held, keys)
        QApplication.sendEvent(self.ruler, event)

    def drag(self, start: QPointF, *stops: QPointF, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self.mouse(Kind.MouseButtonPress, start, keys)
        for stop in stops:
            self.mouse(Kind.MouseMove, stop, keys)
        self.mouse(Kind.MouseButtonRelease, stops[-1] if stops else start, keys)

    def at(self, rate: float) -> QPointF:
        return QPointF(self.ruler.scale.x(rate), self.ruler.handle_center(self.current).y())

    def _change(self, run: int, lr: float) -> None:
        self.changes.append((run, lr))
        self.experiment = self.experiment.with_run(run, lr=lr)
        self.ruler.show_runs(self.experiment, self.current)

    def _select(self, run: int) -> None:
        self.current = run
        self.ruler.show_runs(self.experiment, run)

    def _finish(self) -> None:
        self.finished += 1


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot, 0.01, 0.1, 1.0)


def test_a_handle_is_dragged_to_a_round_rate_and_the_end_of_the_drag_is_emitted(shown: Shown) -> None:
    shown.drag(shown.ruler.handle_center(0), shown.at(0.0231))
    run, rate = shown.changes[-1]
    assert run == 0
    assert rate == pytest.approx(0.023, rel=0.04)
    assert float(f"{rate:.2g}") == rate
    assert shown.finished == 1


def test_the_rate_changes_while_it_is_dragged(shown: Shown, qtbot: QtBot) -> None:
    shown.mouse(Kind.MouseButtonPress, shown.ruler.handle_center(0))
    shown.mouse(Kind.MouseMove, shown.at(0.02))
    qtbot.waitUntil(lambda: len(shown.changes) == 1)
    shown.mouse(Kind.MouseMove, shown.at(0.05))
    qtbot.waitUntil(lambda: len(shown.changes) == 2)
    assert shown.finished == 0


def test_many_moves_in_one_frame_are_one_change(shown: Shown) -> None:
    start = shown.ruler.handle_center(0)
    shown.drag(start, *(start + QPointF(dx, 0) for dx in range(1, 60)))
    assert len(shown.changes) < 10
    assert shown.rates[0] == pytest.approx(10 ** (-2 + 59 / shown.ruler.scale.decade), rel=0.05)


def test_grabbing_a_handle_beside_its_middle_moves_nothing(shown: Shown) -> None:
    shown.drag(shown.ruler.handle_center(1) + QPointF(4, 2))
    assert shown.changes == []
    assert shown.current == 1


def test_a_click_beside_the_handles_brings_the_selected_one_there(shown: Shown) -> None:
    shown.drag(shown.at(1e-5))
    assert [run for run, _ in shown.changes] == [0]
    assert shown.rates[0] == pytest.approx(1e-5, rel=0.05)
    assert shown.finished == 1


@pytest.mark.parametrize("key", [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier])
def test_with_shift_or_ctrl_it_goes_a_tenth_as_far(shown: Shown, key: Qt.KeyboardModifier) -> None:
    start = shown.ruler.handle_center(1)
    shown.drag(start, start + QPointF(20, 0), keys=key)
    assert shown.rates[1] == pytest.approx(0.1 * 10 ** (2 / shown.ruler.scale.decade), rel=1e-3)


def test_a_drag_beyond_the_end_stays_on_the_ruler(shown: Shown) -> None:
    shown.drag(shown.ruler.handle_center(0), QPointF(-500, 20), QPointF(5000, 20))
    assert shown.rates[0] == 10


def test_the_arrows_go_through_1_2_5_and_ctrl_by_one_percent(shown: Shown, qtbot: QtBot) -> None:
    for key, keys, rate in (
        ("Right", PLAIN, 0.02),
        ("Right", PLAIN, 0.05),
        ("Left", PLAIN, 0.02),
        ("Right", Qt.KeyboardModifier.ControlModifier, 0.0202),
        ("Left", Qt.KeyboardModifier.ControlModifier, 0.02),
        ("Home", PLAIN, 0.0001),
        ("End", PLAIN, 0.01),
    ):
        qtbot.keyClick(shown.ruler, getattr(Qt.Key, f"Key_{key}"), keys)
        assert shown.rates[0] == rate
    assert shown.finished == 7


def test_page_keys_and_tab_select_another_run(shown: Shown, qtbot: QtBot) -> None:
    shown.ruler.setFocus()
    for key, current in (("PageDown", 1), ("PageDown", 2), ("PageDown", 0), ("PageUp", 2), ("PageUp", 1), ("Tab", 2)):
        qtbot.keyClick(shown.ruler, getattr(Qt.Key, f"Key_{key}"))
        assert shown.current == current
    qtbot.keyClick(shown.ruler, Qt.Key.Key_Right)
    assert shown.changes == [(2, 2.0)]


def test_three_runs_of_one_rate_can_each_be_grabbed(qtbot: QtBot) -> None:
    shown = Shown(qtbot, 0.1, 0.1, 0.1)
    for run in (1, 2, 0):
        shown.drag(shown.ruler.handle_center(run))
        assert shown.current == run
    assert shown.changes == []
    heights = [shown.ruler.handle_center(run).y() for run in range(3)]
    assert len(set(heights)) == 3
    assert max(heights) == heights[0]


def test_eight_runs_of_one_rate_can_each_be_seen_and_grabbed(qtbot: QtBot) -> None:
    shown = Shown(qtbot, *[0.1] * 8)
    for run in (7, 3, 5, 0, 6, 2, 4, 1):
        places = [shown.ruler.handle_center(other) for other in range(8)]
        assert min((one - other).manhattanLength() for one, other in combinations(places, 2)) >= 7
        shown.drag(places[run])
        assert shown.current == run
    assert shown.changes == []


def test_many_runs_are_drawn(qtbot: QtBot) -> None:
    shown = Shown(qtbot, *[10 ** (-5 + place / 100) for place in range(500)])
    shown.ruler.grab()
    assert shown.ruler.handle_center(3).y() == shown.ruler.handle_center(4).y()


def test_the_ruler_grows_by_whole_decades_with_0_at_its_left_end(qtbot: QtBot) -> None:
    shown = Shown(qtbot, 0.01, 3e-9, 250.0, 0.0)
    scale = shown.ruler.scale
    assert (scale.low, scale.high) == (-9, 3)
    assert shown.ruler.handle_center(3).x() < scale.left
    assert Shown(qtbot, 0.01).ruler.scale.zero is None
    shown.drag(shown.ruler.handle_center(3), shown.at(0.1))
    assert shown.rates[3] == pytest.approx(0.1, rel=0.1)


def test_the_scale_of_the_ruler_is_frozen_during_a_drag(qtbot: QtBot) -> None:
    shown = Shown(qtbot, 1e-9, 0.1)
    shown.mouse(Kind.MouseButtonPress, shown.ruler.handle_center(0))
    shown.mouse(Kind.MouseMove, shown.at(0.01))
    qtbot.waitUntil(lambda: bool(shown.changes))
    assert shown.ruler.scale.low == -9
    shown.mouse(Kind.MouseButtonRelease, shown.at(0.01))
    assert shown.ruler.scale.low == -6


@pytest.mark.parametrize("rates", [(0.1,), (0.0, 0.1), (1e-20, 1e6), (5e-324, 1.7e308)])
@pytest.mark.parametrize(("width", "points"), [(180, 9), (300, 9), (900, 9), (500, 24)])
def test_at_least_three_decades_are_labelled_and_labels_never_touch(
    qtbot: QtBot, rates: tuple[float, ...], width: int, points: int
) -> None:
    shown = Shown(qtbot, *rates)
    font = shown.ruler.font()
    font.setPointSizeF(points)
    shown.ruler.setFont(font)
    shown.ruler.resize(width, shown.ruler.sizeHint().height())
    shown.ruler.grab()
    metrics = QFontMetricsF(shown.ruler.text_font())
    found = labels(shown.ruler.scale, metrics)
    assert len([text for _, text in found if text != "0"]) >= 3
    ends = [(x - metrics.horizontalAdvance(text) / 2, x + metrics.horizontalAdvance(text) / 2) for x, text in found]
    assert all(right < left for (_, right), (left, _) in pairwise(ends))
    assert ends[0][0] >= 0 and ends[-1][1] <= width


def test_the_accessible_description_contains_the_rate_of_the_selected_run(shown: Shown, qtbot: QtBot) -> None:
    assert "run 1 of 3" in shown.ruler.accessibleDescription()
    assert "rate 0.01, among the rates that usually work" in shown.ruler.accessibleDescription()
    qtbot.keyClick(shown.ruler, Qt.Key.Key_Right)
    assert "rate 0.02, above the rates that usually work" in shown.ruler.accessibleDescription()
    qtbot.keyClick(shown.ruler, Qt.Key.Key_Home)
    qtbot.keyClick(shown.ruler, Qt.Key.Key_Left)
    assert "rate 5e-05, below the rates that usually work" in shown.ruler.accessibleDescription()


def test_hovering_reads_the_rate_and_the_run(qtbot: QtBot) -> None:
    shown = Shown(qtbot, 0.01, 0.1)
    shown.experiment = shown.experiment.with_run(1, label="mine")
    shown.ruler.show_runs(shown.experiment, 0)
    assert shown.ruler.explanation(shown.ruler.handle_center(1)).startswith("mine: rate 0.1")
    assert "usually work" in shown.ruler.explanation(shown.at(0.001))
    assert "usually work" not in shown.ruler.explanation(QPointF(QPoint(0, 20)))
