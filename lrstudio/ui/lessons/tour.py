"""A first tour of the window in five steps, which can be left at any time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import mark, tr
from lrstudio.ui.lessons.spotlight import Place, Spotlight
from lrstudio.ui.look.plain import Label

STOPS = (
    ("problem", mark("This is what is minimised: a loss over one or two weights, a line through data, a network.")),
    ("lr", mark("The learning rate: the size of each step. Type another one, also while the run goes on.")),
    ("run", mark("Run it. Space runs and pauses, wherever you are.")),
    (
        "runs",
        mark("Each run has a verdict: it came to rest, crept, swung or exploded, with the number that proves it."),
    ),
    ("ruler", mark("The ruler knows which rates are too slow, good or too large. Drag a handle and run again.")),
)
"""The places that the tour points at, in the words of `engine.lessons.LOOKS`, and what it says of them."""
_CHARS = 38
_GAP = 10


class Tour(QFrame):
    """A note beside the part of the window that it tells of; parts of `places` that are hidden are left out."""

    def __init__(self, window: QMainWindow, spotlight: Spotlight, places: Mapping[str, Place]) -> None:
        super().__init__(window)
        self._spotlight, self._places = spotlight, places
        self._stops, self._index = list(STOPS), 0
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAccessibleName(tr("Tour"))
        self.text = Label()
        self.text.setWordWrap(True)
        self.count = Label()
        self.back, self.next, self.leave = QPushButton(tr("Back")), QPushButton(), QPushButton(tr("End the tour"))
        self.back.setToolTip(tr("The part before"))
        self.next.setToolTip(tr("The next part"))
        self.leave.setToolTip(tr("Esc ends the tour too; Help ▸ Tour begins it again"))
        self.back.clicked.connect(lambda: self._go(-1))
        self.next.clicked.connect(lambda: self._go(1))
        self.leave.clicked.connect(self.end)
        row = QHBoxLayout()
        row.addWidget(self.count, 1)
        for button in (self.leave, self.back, self.next):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addLayout(row)
        self.hide()

    def start(self) -> None:
        """Begins the tour."""
        self._stops, self._index = [stop for stop in STOPS if self._can_point_at(stop[0])], 0
        self._show_stop(1)
        self.next.setFocus()

    def end(self) -> None:
        """Leaves the tour."""
        self.hide()
        self._spotlight.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def _go(self, by: int) -> None:
        self._index += by
        self._show_stop(by)

    def _can_point_at(self, name: str) -> bool:
        seen = self._spotlight.point_at(self._places[name])
        self._spotlight.point_at(None)
        return seen

    def _show_stop(self, by: int) -> None:
        """Shows the stop, or the next one in a direction where it has been hidden meanwhile; ends without one."""
        self._spotlight.point_at(None)
        while 0 <= self._index < len(self._stops):
            if self._spotlight.point_at(self._places[self._stops[self._index][0]]):
                break
            self._index += by
        target = self._spotlight.target
        if target is None:
            self.end()
            return
        self.text.setText(tr(self._stops[self._index][1]))
        self.count.setText(tr("{number} of {count}", number=self._index + 1, count=len(self._stops)))
        self.back.setEnabled(self._index > 0)
        self.next.setText(tr("Next") if self._index < len(self._stops) - 1 else tr("Done"))
        self.setFixedWidth(max(self.fontMetrics().averageCharWidth() * _CHARS, self.minimumSizeHint().width()))
        self.adjustSize()
        self.move(self._beside(target))
        self.show()
        self.raise_()

    def _beside(self, target: QWidget) -> QPoint:
        """Returns a place at the right of a widget, or below it, inside the window."""
        window = self.window()
        at = target.mapTo(window, QPoint(target.width() + _GAP, 0))
        if at.x() + self.width() > window.width():
            at = target.mapTo(window, QPoint(0, target.height() + _GAP))
        across, down = window.width() - self.width(), window.height() - self.height()
        return QPoint(max(0, min(at.x(), across)), max(0, min(at.y(), down)))
