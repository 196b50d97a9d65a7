"""What stands around a plot: buttons over the corner of its header, and an edge where the keyboard is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.theme import LIGHT, Theme, icon
from lrstudio.ui.views.catalogue import View

_EDGE, _PAD = 2, 6
_LEAST = QSize(120, 90)
_PALE = 0.6
_LARGEST = 22
"""Pixels of a button's picture at most: the legend needs the room."""


class ViewFrame(QWidget):
    """Says what should become of its view; the area does it. The canvas is made when it is first needed."""

    enlarge_asked = Signal()
    hide_asked = Signal()
    menu_asked = Signal(QPoint)
    dragged = Signal(QPoint)
    """The grip is held over this point of the screen."""
    dropped = Signal(QPoint)

    def __init__(self, view: View, make: Callable[[View], PlotCanvas], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._make = view, make
        self.title = QCoreApplication.translate("View", view.title)
        self.made: PlotCanvas | None = None
        self._theme = LIGHT
        self._focused = self._enlarged = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        self.corner = QWidget(self)
        self.grip, self.enlarge, self.close_button = Grip(), CornerButton(), CornerButton()
        row = QHBoxLayout(self.corner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.grip, self.enlarge, self.close_button):
            row.addWidget(button)
        _explain(self.grip, self.tr("Move {name}: drag it onto another view, or click").format(name=self.title))
        _explain(self.close_button, self.tr("Hide {name}").format(name=self.title))
        self.grip.dragged.connect(self.dragged)
        self.grip.dropped.connect(self.dropped)
        self.grip.clicked.connect(self._ask_menu)
        self.enlarge.clicked.connect(lambda _checked=False: self.enlarge_asked.emit())
        self.close_button.clicked.connect(lambda _checked=False: self.hide_asked.emit())
        FontFit(self, self._fit_font)

    @property
    def canvas(self) -> PlotCanvas:
        """The plot, made now where it was not needed before."""
        if self.made is None:
            self.made = canvas = self._make(self.view)
            canvas.setAccessibleName(self.title)
            canvas.setAccessibleDescription(
                self.tr("The wheel zooms, dragging moves, a double click shows everything again")
            )
            canvas.customContextMenuRequested.connect(lambda at: self.menu_asked.emit(canvas.mapToGlobal(at)))
            canvas.header.geometryChanged.connect(self._place_corner)
            self._layout.addWidget(canvas)
            self._place_corner()
        return self.made

    def set_shown(self, shown: bool) -> None:
        """Show the view, which then needs its canvas, or hide it."""
        self.setVisible(shown and self.canvas is not None)

    def minimumSizeHint(self) -> QSize:
        return _LEAST

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.grip.setIcon(icon("grip", theme))
        self.close_button.setIcon(icon("close", theme))
        self.show_enlarged(self._enlarged)
        self.update()

    def show_enlarged(self, enlarged: bool) -> None:
        """Whether this view fills the area."""
        self._enlarged = enlarged
        self.enlarge.setIcon(icon("shrink" if enlarged else "enlarge", self._theme))
        text = self.tr("Show all views again (Esc)") if enlarged else self.tr("Enlarge {name}")
        _explain(self.enlarge, text.format(name=self.title))

    def show_focus(self, focused: bool) -> None:
        """Whether keys go to this view."""
        if focused != self._focused:
            self._focused = focused
            self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.accent if self._focused else self._theme.background))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def _fit_font(self) -> None:
        side = min(self.fontMetrics().height(), _LARGEST)
        for button in (self.grip, self.enlarge, self.close_button):
            button.setIconSize(QSize(side, side))
        self._place_corner()

    def _place_corner(self) -> None:
        if self.made is None:
            return
        size, header = self.corner.sizeHint(), self.made.header
        top = round(_EDGE + header.geometry().top() + (header.line_height - size.height()) / 2)
        self.corner.setGeometry(QRect(QPoint(self.width() - size.width() - 2 * _EDGE, max(_EDGE, top)), size))
        self.corner.raise_()
        header.reserve(size.width() + _EDGE)

    def _ask_menu(self) -> None:
        self.menu_asked.emit(self.grip.mapToGlobal(self.grip.rect().bottomLeft()))


class CornerButton(QToolButton):
    """A picture that is pale until the mouse is there. The keyboard has the View menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._hovered = False

    def sizeHint(self) -> QSize:
        return self.iconSize() + QSize(_PAD, _PAD)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._hovered:
            painter.fillRect(self.rect(), self.palette().color(self.palette().ColorRole.Midlight))
        painter.setOpacity(1.0 if self._hovered else _PALE)
        place = QRect(QPoint(), self.iconSize())
        place.moveCenter(self.rect().center())
        self.icon().paint(painter, place)
        painter.end()


class Grip(CornerButton):
    """Tells where it is dragged to; a click that does not move is a click."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._from = QPoint()
        self._dragging = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from, self._dragging = event.position().toPoint(), False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        held = bool(event.buttons() & Qt.MouseButton.LeftButton)
        far = (event.position().toPoint() - self._from).manhattanLength() >= QApplication.startDragDistance()
        if held and (far or self._dragging):
            self._dragging = True
            self.setDown(False)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if self._dragging:
            self._dragging = False
            self.setDown(False)
            self.dropped.emit(event.globalPosition().toPoint())
        else:
            super().mouseReleaseEvent(event)


def _explain(button: QToolButton, text: str) -> None:
    button.setToolTip(text)
    button.setAccessibleName(text)
