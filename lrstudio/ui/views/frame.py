"""The frame of a plot: buttons in the corner of its header, and a border that marks the keyboard focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.targets import LEAST
from lrstudio.ui.look.theme import LIGHT, Theme, icon
from lrstudio.ui.views.catalogue import View

_EDGE, _PAD = 2, 6
_LEAST = QSize(120, 90)
_PALE = 0.6
_LARGEST = 22
"""Greatest size in pixels of a button's icon: the legend needs the room."""


class ViewFrame(QWidget):
    """Emits requests for its view, which the area carries out; creates the canvas on first access."""

    enlarge_requested = Signal()
    hide_requested = Signal()
    menu_requested = Signal(QPoint)
    dragged = Signal(QPoint)
    """The position on the screen to which the grip is dragged."""
    dropped = Signal(QPoint)

    def __init__(self, view: View, create_canvas: Callable[[View], PlotCanvas], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._create_canvas = view, create_canvas
        self.title = tr(view.title)
        set_help(self, f"view/{view.key}")
        self.built_canvas: PlotCanvas | None = None
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
        _set_texts(self.grip, tr("Move {name}: drag it onto another view, or click", name=self.title))
        _set_texts(self.close_button, tr("Hide {name}", name=self.title))
        self.grip.dragged.connect(self.dragged)
        self.grip.dropped.connect(self.dropped)
        self.grip.clicked.connect(self._request_menu)
        self.enlarge.clicked.connect(lambda _checked=False: self.enlarge_requested.emit())
        self.close_button.clicked.connect(lambda _checked=False: self.hide_requested.emit())
        FontFit(self, self._fit_font)

    @property
    def canvas(self) -> PlotCanvas:
        """The plot, created on first access."""
        if self.built_canvas is None:
            self.built_canvas = canvas = self._create_canvas(self.view)
            canvas.setAccessibleName(self.title)
            canvas.setAccessibleDescription(
                tr("The wheel zooms, dragging moves, a double click shows everything again")
            )
            canvas.customContextMenuRequested.connect(lambda at: self.menu_requested.emit(canvas.mapToGlobal(at)))
            canvas.header.geometryChanged.connect(self._place_corner)
            self._layout.addWidget(canvas)
            self._place_corner()
        return self.built_canvas

    def set_shown(self, shown: bool) -> None:
        """Shows the view, which creates its canvas, or hides it."""
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
        """Updates the enlarge button of a view that does or does not fill the area."""
        self._enlarged = self.enlarge.stays = enlarged
        self.enlarge.setIcon(icon("shrink" if enlarged else "enlarge", self._theme))
        text = tr("Show all views again (Esc)") if enlarged else tr("Enlarge {name}")
        _set_texts(self.enlarge, text.format(name=self.title))

    def show_focus(self, focused: bool) -> None:
        """Shows or hides the border that marks the keyboard focus."""
        if focused != self._focused:
            self._focused = focused
            self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.accent if self._focused else self._theme.background))
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._hover(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(False)

    def _hover(self, hovered: bool) -> None:
        for button in (self.grip, self.enlarge, self.close_button):
            button.is_hovered = hovered
            button.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def _fit_font(self) -> None:
        side = min(self.fontMetrics().height(), _LARGEST)
        for button in (self.grip, self.enlarge, self.close_button):
            button.setIconSize(QSize(side, side))
        self._place_corner()

    def _place_corner(self) -> None:
        if self.built_canvas is None:
            return
        size, header = self.corner.sizeHint(), self.built_canvas.header
        top = round(_EDGE + header.geometry().top() + (header.line_height - size.height()) / 2)
        self.corner.setGeometry(QRect(QPoint(self.width() - size.width() - 2 * _EDGE, max(_EDGE, top)), size))
        self.corner.raise_()
        header.reserve(size.width() + _EDGE)

    def _request_menu(self) -> None:
        self.menu_requested.emit(self.grip.mapToGlobal(self.grip.rect().bottomLeft()))


class CornerButton(QToolButton):
    """A button that is seen while the mouse is over its view, or always if it `stays`.

    Keyboard users have the View menu.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stays = self.is_hovered = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoRaise(True)  # repaints when the mouse enters or leaves

    def sizeHint(self) -> QSize:
        return (self.iconSize() + QSize(_PAD, _PAD)).expandedTo(QSize(LEAST, LEAST))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if not (self.stays or self.is_hovered):
            return
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), self.palette().color(self.palette().ColorRole.Midlight))
        painter.setOpacity(1.0 if self.underMouse() else _PALE)
        target = QRect(QPoint(), self.iconSize())
        target.moveCenter(self.rect().center())
        self.icon().paint(painter, target)
        painter.end()


class Grip(CornerButton):
    """A button that emits the positions of a drag, or `clicked` without one."""

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
        pressed = bool(event.buttons() & Qt.MouseButton.LeftButton)
        far = (event.position().toPoint() - self._from).manhattanLength() >= QApplication.startDragDistance()
        if pressed and (far or self._dragging):
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


def _set_texts(button: QToolButton, text: str) -> None:
    button.setToolTip(text)
    button.setAccessibleName(text)
