"""Run, step, reset, how far it is and how fast it goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QSlider, QToolBar, QToolButton, QWidget

from lrstudio.ui.cursor import Cursor
from lrstudio.ui.field_manners import FieldManners
from lrstudio.ui.timeline import Timeline

PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, None)
"""Steps per second; None is as fast as it goes."""


class Transport(QToolBar):
    """The tool bar. The actions are the window's; this bar shows them, the step and the speed."""

    pace_changed = Signal(object)

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setWindowTitle(self.tr("Transport"))
        self.setMovable(False)
        self.addActions(actions)
        self.timeline = Timeline()
        for action in actions[2:4]:  # what is pressed all the time has its name beside its picture
            button = self.widgetForAction(action)
            assert isinstance(button, QToolButton)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.step_label = QLabel()
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(PACES) - 1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(144)
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("Steps per second ([ slower, ] faster)"))
        self.speed_label = QLabel()
        widest = self.fontMetrics().horizontalAdvance(self.tr("as fast as it goes"))
        self.speed_label.setMinimumWidth(widest + 8)
        for widget in (_gap(), self.timeline, _gap(), self.step_label, _gap(), QLabel(self.tr("Speed")), self.speed):
            self.addWidget(widget)
        self.addWidget(_gap())
        self.addWidget(self.speed_label)
        FieldManners(self).teach(self.speed)
        self.speed.valueChanged.connect(self._speed_moved)

    @property
    def pace(self) -> float | None:
        return PACES[self.speed.value()]

    def set_pace(self, pace: float | None) -> None:
        self.speed.setValue(PACES.index(pace))
        self._speed_moved()

    def change_speed(self, by: int) -> None:
        """One notch faster or slower."""
        self.speed.setValue(self.speed.value() + by)

    def show_cursor(self, cursor: Cursor, steps: int) -> None:
        """Show the step that is looked at, of how many."""
        text = self.tr("step {step:,} / {steps:,}")
        widest = text.format(step=max(cursor.place, steps), steps=steps)
        self.step_label.setMinimumWidth(self.step_label.fontMetrics().horizontalAdvance(widest))
        self.step_label.setText(text.format(step=cursor.place, steps=steps))
        self.timeline.show_cursor(cursor, max(steps, cursor.place))

    def _speed_moved(self) -> None:
        pace = self.pace
        text = self.tr("as fast as it goes") if pace is None else self.tr("{pace:g} / s").format(pace=pace)
        self.speed_label.setText(text)
        self.pace_changed.emit(pace)


def _gap() -> QWidget:
    gap = QWidget()
    gap.setFixedWidth(8)
    return gap
