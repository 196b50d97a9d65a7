"""Which page of the help is about a widget, and the key and the button that ask for it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QToolButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.look.targets import LEAST

_PAGE = "help page"


def set_help(widget: QWidget, page: str) -> None:
    """Sets the page about a widget and what is in it; a dialog then has the key F1."""
    widget.setProperty(_PAGE, page)
    if isinstance(widget, QDialog):
        add_help_key(widget)


def add_help_key(window: QWidget) -> None:
    """Lets F1 in a window of its own ask for help; in the main window it is an entry of a menu."""
    QShortcut(QKeySequence(Qt.Key.Key_F1), window, lambda: ask(pointed_at(window)))


def page_about(widget: QWidget | None) -> str:
    """Returns the page about a widget, that of the nearest widget around it; empty if there is none."""
    while widget is not None:
        page = widget.property(_PAGE)
        if page:
            return str(page)
        widget = widget.parentWidget()
    return ""


def pointed_at(window: QWidget) -> QWidget:
    """Returns the widget of a window that help is wanted for: the one below the mouse if it has moved since the
    keyboard focus changed, otherwise the one with the focus."""
    focus, below = QApplication.focusWidget(), QApplication.widgetAt(QCursor.pos())
    desk = _desk(window)
    moved = desk is None or QCursor.pos() != desk.mouse
    if moved and below is not None and below.window() is window and page_about(below):
        return below
    return focus if focus is not None and focus.window() is window else window


def ask(widget: QWidget) -> None:
    """Asks for the page about a widget."""
    desk = _desk(widget)
    if desk is not None:
        desk.asked.emit(page_about(widget))


def _desk(widget: QWidget) -> HelpDesk | None:
    top: QWidget = widget
    while (parent := top.parentWidget()) is not None:
        top = parent
    return top.findChild(HelpDesk)


class HelpDesk(QObject):
    """Receives what is asked for in a main window and the windows that belong to it."""

    asked = Signal(str)
    """The key of a page; empty for the guide."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.mouse = QPoint()
        """Where the mouse was when the keyboard focus changed."""
        QApplication.instance().focusChanged.connect(self._keep_mouse)  # type: ignore[union-attr]

    def _keep_mouse(self) -> None:
        self.mouse = QCursor.pos()


class HelpButton(QToolButton):
    """A question mark that asks for the page about what it is in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("?")
        self.setAutoRaise(True)
        self.setAccessibleName(tr("Help on this"))
        self.setToolTip(tr("What this is for and how to read it (F1)"))
        self.clicked.connect(lambda _checked=False: ask(self))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(LEAST, LEAST))
