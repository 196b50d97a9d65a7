"""All steps of the experiment on a line: how far it is, and which step is looked at."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QWidget

from lrstudio.ui.session.cursor import Cursor


class Timeline(QSlider):
    """A slider over all steps. Where it is pressed it goes, at most to the newest step, where it follows the run."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Timeline"))
        self.setToolTip(self.tr("Drag to look at another step; to the right end to follow the run"))
        self._newest = 0
        self._shown: tuple[Cursor, int] | None = None
        self.actionTriggered.connect(lambda _action: self._scrub(self.sliderPosition()))
        self.sliderReleased.connect(self._stand)

    def show_cursor(self, cursor: Cursor, steps: int) -> None:
        """Stand where the cursor is."""
        self._shown, self._newest = (cursor, steps), cursor.newest
        if not self.isSliderDown():
            self.setRange(0, steps)
            self.setPageStep(max(1, steps // 20))
            self.setValue(cursor.place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._on_handle(event):
            self._scrub(self._value_at(event.position().x()))
        super().mousePressEvent(event)

    def _scrub(self, step: int) -> None:
        """Look at this step, or at the newest."""
        self.setSliderPosition(min(step, self._newest))
        self.scrubbed.emit(self.sliderPosition())

    def _stand(self) -> None:
        """The handle is free again: it stands where the cursor is."""
        if self._shown is not None:
            self.show_cursor(*self._shown)

    def _on_handle(self, event: QMouseEvent) -> bool:
        return self._part(QStyle.SubControl.SC_SliderHandle).contains(event.position().toPoint())

    def _value_at(self, x: float) -> int:
        groove, handle = self._part(QStyle.SubControl.SC_SliderGroove), self._part(QStyle.SubControl.SC_SliderHandle)
        room = groove.width() - handle.width()
        place = round(x - groove.x() - handle.width() / 2)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, room)

    def _part(self, part: QStyle.SubControl) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)
