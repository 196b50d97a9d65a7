"""The tool bar: run, step, reset, the timeline of all steps and the speed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QToolBar, QToolButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.fields.actions import set_default_action
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import Theme, mix
from lrstudio.ui.session.cursor import Cursor


class Timeline(QSlider):
    """A slider over all steps that jumps to the pressed position, up to the newest step, where it follows the run."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Timeline"))
        self.setToolTip(tr("Drag to look at another step; to the right end to follow the run"))
        self._newest = 0
        self._shown: tuple[Cursor, int] | None = None
        self.actionTriggered.connect(lambda _action: self._scrub(self.sliderPosition()))
        self.sliderReleased.connect(self._return_to_cursor)

    def show_cursor(self, cursor: Cursor, steps: int) -> None:
        """Moves the handle to the cursor unless it is being dragged."""
        self._shown, self._newest = (cursor, steps), cursor.newest
        if not self.isSliderDown():
            self.setRange(0, steps)
            self.setPageStep(max(1, steps // 20))
            self.setValue(cursor.position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._on_handle(event):
            self._scrub(self._value_at(event.position().x()))
        super().mousePressEvent(event)

    def _scrub(self, step: int) -> None:
        """Moves to a step, or to the newest if it is later."""
        self.setSliderPosition(min(step, self._newest))
        self.scrubbed.emit(self.sliderPosition())

    def _return_to_cursor(self) -> None:
        if self._shown is not None:
            self.show_cursor(*self._shown)

    def _on_handle(self, event: QMouseEvent) -> bool:
        return self._part(QStyle.SubControl.SC_SliderHandle).contains(event.position().toPoint())

    def _value_at(self, x: float) -> int:
        groove, handle = self._part(QStyle.SubControl.SC_SliderGroove), self._part(QStyle.SubControl.SC_SliderHandle)
        room = groove.width() - handle.width()
        position = round(x - groove.x() - handle.width() / 2)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), position, room)

    def _part(self, part: QStyle.SubControl) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)


PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**4, 10**5, 10**6, None)
"""Steps per second; None is unlimited."""
_SHORT = 72
"""Width of the slider of the speed in pixels where it is short, half of what it is else."""


class Transport(QToolBar):
    """The tool bar of the window's actions, the timeline, the step and the speed."""

    pace_changed = Signal(object)

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setWindowTitle(tr("Transport"))
        self.setMovable(False)
        self.addActions(actions)
        for action in actions:
            set_default_action(self.widgetForAction(action), action)  # type: ignore[arg-type] # a tool button
        self.timeline = Timeline()
        self._named = [self.widgetForAction(action) for action in actions[2:4]]
        """Buttons in frequent use, with their text beside the icon."""
        self._run = self._named[0]
        self._run.setObjectName("run")
        self.step_label = Label()
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(PACES) - 1)
        self.speed.setPageStep(1)
        self.speed.setAccessibleName(tr("Speed"))
        self.speed.setToolTip(tr("Steps per second ([ slower, ] faster)"))
        self.speed_label = Label()
        caption = Label(tr("Speed"))
        for widget in (_gap(), self.timeline, _gap()):
            self.addWidget(widget)
        self._steps = self.addWidget(self.step_label)
        self.addWidget(_gap())
        self._caption = self.addWidget(caption)
        self.addWidget(self.speed)
        self.addWidget(_gap())
        self._pace = self.addWidget(self.speed_label)
        FontFit(self, self._fit_font)
        FieldBehavior(self).install(self.speed)
        self.speed.valueChanged.connect(self._speed_moved)

    def set_theme(self, theme: Theme) -> None:
        """Makes Run the button that is seen first."""
        self._run.setStyleSheet(
            f"#run {{ background: {theme.accent}; color: {theme.on_accent}; border-radius: 4px;"
            f" padding: 4px 12px 4px 8px; font-weight: bold }}"
            f" #run:hover {{ background: {mix(theme.accent, theme.foreground, 0.2).name()} }}"
            f" #run:disabled {{ background: {theme.faint}; color: {theme.muted} }}"
            f" #run:focus {{ border: 2px solid {theme.foreground} }}"
        )

    @property
    def pace(self) -> float | None:
        return PACES[self.speed.value()]

    def set_pace(self, pace: float | None) -> None:
        self.speed.setValue(PACES.index(pace))
        self._speed_moved()

    def set_nearest_pace(self, pace: float | None) -> None:
        """Sets the speed of PACES that is nearest."""
        paces = [each for each in PACES if each is not None]
        self.set_pace(None if pace is None else min(paces, key=lambda each: abs(each - pace)))

    def restore_pace(self, pace: Any) -> None:
        """Sets a speed from a file; ignores a value that is not one of PACES."""
        if pace in PACES and not isinstance(pace, bool):
            self.speed.setValue(PACES.index(pace))

    def change_speed(self, by: int) -> None:
        """Changes the speed by a number of positions in PACES."""
        self.speed.setValue(self.speed.value() + by)

    def show_cursor(self, cursor: Cursor, steps: int) -> None:
        """Shows the cursor's step and the number of steps."""
        text = tr("step {step:,} / {steps:,}")
        widest = text.format(step=max(cursor.position, steps), steps=steps)
        width = self.step_label.fontMetrics().horizontalAdvance(widest)
        if width != self.step_label.minimumWidth():
            self.step_label.setMinimumWidth(width)
            self._fit()
        self.step_label.setText(text.format(step=cursor.position, steps=steps))
        self.timeline.show_cursor(cursor, max(steps, cursor.position))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit_font(self) -> None:
        side = max(self.style().pixelMetric(QStyle.PixelMetric.PM_ToolBarIconSize), self.fontMetrics().height())
        self.setIconSize(QSize(side, side))
        widest = self.fontMetrics().horizontalAdvance(tr("as fast as it goes"))
        self.speed_label.setMinimumWidth(widest + 8)
        self._fit()

    def _fit(self) -> None:
        """Hides texts and shortens sliders, the least important first, until the rest fits."""
        for hidden in range(6):
            self._hide_texts(hidden)
            if self.sizeHint().width() <= self.width():
                break

    def _hide_texts(self, count: int) -> None:
        """Does without the first `count` of: caption of the speed, texts of buttons, its value, long sliders, steps."""
        style = Qt.ToolButtonStyle
        for button in self._named:
            assert isinstance(button, QToolButton)
            button.setToolButtonStyle(style.ToolButtonIconOnly if count > 1 else style.ToolButtonTextBesideIcon)
        self._caption.setVisible(count < 1)
        self._pace.setVisible(count < 3)
        short = count > 3
        self.timeline.setMinimumWidth(self.iconSize().width() * (2 if short else 4))
        self.speed.setFixedWidth(_SHORT if short else 2 * _SHORT)
        self._steps.setVisible(count < 5)

    def _speed_moved(self) -> None:
        pace = self.pace
        text = tr("as fast as it goes") if pace is None else tr("{pace:,.0f} / s", pace=pace)
        self.speed_label.setText(text)
        self.pace_changed.emit(pace)


def _gap() -> QWidget:
    gap = QWidget()
    gap.setFixedWidth(8)
    return gap
