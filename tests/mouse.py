"""The mouse over a plot, as the window system sends it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from lrstudio.ui.canvases.canvas import PlotCanvas

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
Kind = QEvent.Type


def pixel(canvas: PlotCanvas, x: float, y: float) -> QPointF:
    """Where a place of the plot is in the viewport."""
    return QPointF(canvas.plotItem.vb.mapViewToScene(QPointF(x, y)))


def send(canvas: PlotCanvas, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton = NONE,
         held: Qt.MouseButton = NONE) -> None:  # fmt: skip
    """One mouse event."""
    view = canvas.viewport()
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def move(canvas: PlotCanvas, at: QPointF) -> None:
    """Move there with no button held, and let it be painted."""
    send(canvas, Kind.MouseMove, at)
    QApplication.processEvents()


def click(canvas: PlotCanvas, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
    """Press and release there."""
    send(canvas, Kind.MouseButtonPress, at, button, button)
    send(canvas, Kind.MouseButtonRelease, at, button, NONE)


def leave(canvas: PlotCanvas) -> None:
    QApplication.sendEvent(canvas, QEvent(Kind.Leave))
    QApplication.processEvents()


def drag(canvas: PlotCanvas, start: QPointF, stop: QPointF, *, release: bool = True) -> None:
    """Press, move in ten pieces, release."""
    send(canvas, Kind.MouseButtonPress, start, LEFT, LEFT)
    for part in range(1, 11):
        send(canvas, Kind.MouseMove, start + (stop - start) * (part / 10), NONE, LEFT)
        QApplication.processEvents()
    if release:
        send(canvas, Kind.MouseButtonRelease, stop, LEFT, NONE)
        QApplication.processEvents()
