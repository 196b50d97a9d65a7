"""Clicks on the plot of an instrument, and the run that takes the clicked values."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.fields.rows import Combo, narrow, show_choice
from lrstudio.ui.look.theme import Theme

_CLICK = 4.0
"""Number of pixels that the mouse may move between press and release of a click."""


class ClickPlot(Plot):
    """A plot that takes the keyboard focus and tells clicks from drags."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._pressed: QPointF | None = None
        super().__init__(theme, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def click(self, pixel: QPointF) -> None:
        """Reacts to a click on a point of the viewport inside the axes."""
        raise NotImplementedError

    def read_at(self, x: float, y: float) -> None:
        """Shows the reading at these coordinates, as if the mouse were there."""
        pixel = self.to_pixel(x, y)
        if pixel is not None:
            self._mouse = pixel
            self.read()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        near = (event.position() - pressed).manhattanLength() <= _CLICK
        if near and self.plotItem.vb.sceneBoundingRect().contains(event.position()):
            self.click(event.position())


class ClickTarget(Combo):
    """Chooses whether a click adds a run (data None) or changes one (data: the index of the run)."""

    def __init__(self) -> None:
        super().__init__()
        narrow(self)

    def show_runs(self, session: Experiment, text: str) -> None:
        """Lists the runs, `text` formatted with the `label` of each; the choice stays if its run still exists."""
        chosen = self.currentData()
        self.clear()
        self.addItem(tr("adds it as a run"), None)
        for index in range(len(session.runs)):
            self.addItem(text.format(label=session.label(index)), index)
        show_choice(self, chosen if chosen is not None and chosen < len(session.runs) else None)

    def follow(self, run: int) -> None:
        """Chooses the run that is selected in the main window, unless clicks add runs."""
        if self.currentData() is not None:
            show_choice(self, run)
