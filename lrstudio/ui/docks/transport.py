"""Run, step, reset, how far it is and how fast it goes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLabel, QSlider, QStyle, QToolBar, QToolButton, QWidget

from lrstudio.ui.docks.timeline import Timeline
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.session.cursor import Cursor

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
        self._named = [self.widgetForAction(action) for action in actions[2:4]]
        """What is pressed all the time has its name beside its picture."""
        self.step_label = QLabel()
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(PACES) - 1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(144)
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("Steps per second ([ slower, ] faster)"))
        self.speed_label = QLabel()
        caption = QLabel(self.tr("Speed"))
        for widget in (_gap(), self.timeline, _gap(), self.step_label, _gap()):
            self.addWidget(widget)
        self._caption = self.addWidget(caption)
        self.addWidget(self.speed)
        self.addWidget(_gap())
        self._pace = self.addWidget(self.speed_label)
        FontFit(self, self._fit_font)
        FieldBehavior(self).install(self.speed)
        self.speed.valueChanged.connect(self._speed_moved)

    @property
    def pace(self) -> float | None:
        return PACES[self.speed.value()]

    def set_pace(self, pace: float | None) -> None:
        self.speed.setValue(PACES.index(pace))
        self._speed_moved()

    def take_pace(self, pace: object) -> None:
        """Go so fast, if it is one of the speeds."""
        known = [index for index, other in enumerate(PACES) if other == pace and not isinstance(pace, bool)]
        if known:
            self.speed.setValue(known[0])

    def change_speed(self, by: int) -> None:
        """One notch faster or slower."""
        self.speed.setValue(self.speed.value() + by)

    def show_cursor(self, cursor: Cursor, steps: int) -> None:
        """Show the step that is looked at, of how many."""
        text = self.tr("step {step:,} / {steps:,}")
        widest = text.format(step=max(cursor.place, steps), steps=steps)
        width = self.step_label.fontMetrics().horizontalAdvance(widest)
        if width != self.step_label.minimumWidth():
            self.step_label.setMinimumWidth(width)
            self._fit()
        self.step_label.setText(text.format(step=cursor.place, steps=steps))
        self.timeline.show_cursor(cursor, max(steps, cursor.place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit_font(self) -> None:
        side = max(self.style().pixelMetric(QStyle.PixelMetric.PM_ToolBarIconSize), self.fontMetrics().height())
        self.setIconSize(QSize(side, side))
        self.timeline.setMinimumWidth(4 * side)
        widest = self.fontMetrics().horizontalAdvance(self.tr("as fast as it goes"))
        self.speed_label.setMinimumWidth(widest + 8)
        self._fit()

    def _fit(self) -> None:
        """Give up texts, the least needed first, until the rest has room."""
        for given_up in range(4):
            self._give_up(given_up)
            if self.sizeHint().width() <= self.width():
                break

    def _give_up(self, count: int) -> None:
        """Of the caption of the speed, the names of the buttons and the speed itself hide the first `count`."""
        style = Qt.ToolButtonStyle
        for button in self._named:
            assert isinstance(button, QToolButton)
            button.setToolButtonStyle(style.ToolButtonIconOnly if count > 1 else style.ToolButtonTextBesideIcon)
        self._caption.setVisible(count < 1)
        self._pace.setVisible(count < 3)

    def _speed_moved(self) -> None:
        pace = self.pace
        text = self.tr("as fast as it goes") if pace is None else self.tr("{pace:g} / s").format(pace=pace)
        self.speed_label.setText(text)
        self.pace_changed.emit(pace)


def _gap() -> QWidget:
    gap = QWidget()
    gap.setFixedWidth(8)
    return gap
