"""The views in their columns: order, sizes and visibility."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.layout import ViewLayout

_SCALE = 1000


class ViewArea(QWidget):
    """Arranges frames by a ViewLayout, restored from `saved` data, or shows one of them alone."""

    changed = Signal()
    """The layout, the enlarged view or the visible views have changed."""
    menu_requested = Signal(QPoint)
    """The screen position for the menu of the current view."""

    def __init__(
        self, frames: Mapping[str, ViewFrame], first: ViewLayout, saved: dict[str, Any], applicable: Iterable[str]
    ) -> None:
        super().__init__()
        self.frames, self._first = frames, first
        self.layout_of_views = first.restored(saved)
        self.enlarged: str | None = None
        self.current = next(iter(frames))
        """Name of the view that was used last, which `move_current` moves."""
        self.applicable = frozenset(applicable)
        """Names of the views that apply to the problem."""
        self._required: frozenset[str] = frozenset()
        self._only: frozenset[str] | None = None
        self._columns = [_splitter(Qt.Orientation.Vertical) for _ in first.columns]
        self._outer = _splitter(Qt.Orientation.Horizontal)
        self.empty_note = Label(tr("All views are hidden. View > Reset layout shows them again."))
        self.empty_note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty_note.setWordWrap(True)
        self.drop_mark = DropMark(self)
        self._arrange()
        for name, frame in frames.items():
            self._listen(name, frame)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self.drop_mark.theme = theme
        for frame in self.frames.values():
            frame.set_theme(theme)

    def set_layout(self, layout: ViewLayout) -> None:
        """Arranges the views by another layout."""
        self.layout_of_views = layout
        if self.enlarged is not None and not self.is_requested(self.enlarged):
            self.enlarged = None
        self._show()
        self.changed.emit()

    def reset(self) -> None:
        """Restores the initial layout."""
        self.enlarged = None
        self.set_layout(self._first)

    def set_applicable(self, names: Iterable[str]) -> None:
        """Sets the views that apply to the problem; the others are not shown."""
        before, self.applicable = self.applicable, frozenset(names)
        if self.enlarged not in self.applicable:
            self.enlarge(None)
        self._show()
        if before != self.applicable:
            self.changed.emit()

    @property
    def required(self) -> frozenset[str]:
        """The views that are shown though the layout hides them."""
        return self._required

    def reveal(self, name: str) -> Callable[[], None] | None:
        """Shows a view that is hidden; returns what hides it again unless the views are others by then.

        None for one that does not apply to the problem.
        """
        if name not in self.applicable:
            return None
        before = self.enlarged, self._required
        if self.enlarged is not None:
            self.enlarge(name)
        else:
            self.require_views(self._required | {name})
        after = self.enlarged, self._required

        def undo() -> None:
            if (self.enlarged, self._required) == after:
                self.require_views(before[1])
                self.enlarge(before[0])

        return undo

    def require_views(self, names: Iterable[str]) -> None:
        """Shows views that the open example needs, even hidden ones, until other views are required."""
        required = frozenset(names) & frozenset(self.frames)
        if self._required != required:
            self._required = required
            self._show()
            self.changed.emit()

    def show_only(self, names: Iterable[str] | None) -> None:
        """Shows these views whatever the layout says, until it is called with None; the user may add others."""
        self._only = None if names is None else frozenset(names)
        self.enlarged = None
        self._show()
        self.changed.emit()

    def is_requested(self, name: str) -> bool:
        """Whether a view is shown if it applies to the problem."""
        if name in self._required:
            return True
        return name not in self.layout_of_views.hidden if self._only is None else name in self._only

    def set_shown(self, name: str, shown: bool) -> None:
        if shown == self.is_requested(name):
            return
        self._required -= {name}
        if self._only is not None:
            self.show_only(self._only ^ {name} if (name in self._only) != shown else self._only)
            return
        toggled = shown == (name in self.layout_of_views.hidden)
        self.set_layout(self.layout_of_views.toggled(name) if toggled else self.layout_of_views)

    def enlarge(self, name: str | None) -> None:
        """Shows one view alone, even a hidden one, or all views again if None."""
        if name is not None and name not in self.applicable:
            return
        if name != self.enlarged:
            self.enlarged = name
            self.current = name or self.current
            self._show()
            self.changed.emit()

    def move_current(self, direction: str) -> None:
        """Moves the current view left, right, up or down."""
        if self.enlarged is None:
            moved = self.layout_of_views.moved(self.current, direction, self.shown())
            if moved != self.layout_of_views:
                self.set_layout(moved)

    def shown(self) -> list[str]:
        """Returns the names of the visible views."""
        if self.enlarged is not None:
            return [self.enlarged]
        return [name for name in self.frames if name in self.applicable and self.is_requested(name)]

    def _arrange(self) -> None:
        for column in self._columns:
            self._outer.addWidget(column)
            column.splitterMoved.connect(self._save_sizes)
        self._outer.splitterMoved.connect(self._save_sizes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._outer)
        layout.addWidget(self.empty_note)

    def _listen(self, name: str, frame: ViewFrame) -> None:
        frame.enlarge_requested.connect(lambda: self.enlarge(None if self.enlarged == name else name))
        frame.hide_requested.connect(lambda: self.set_shown(name, False))
        frame.dragged.connect(lambda at: self.drop_mark.cover(self._frame_at(at, frame)))
        frame.dropped.connect(lambda at: self._drop(name, at))
        frame.menu_requested.connect(lambda at: self._request_menu(name, at))

    def _show(self) -> None:
        layout, shown = self.layout_of_views, self.shown()
        for splitter, column in zip(self._columns, layout.columns, strict=True):
            for row, name in enumerate(column):
                if splitter.widget(row) is not self.frames[name]:
                    splitter.insertWidget(row, self.frames[name])
        for splitter, column in zip(self._columns, layout.columns, strict=True):
            for name in column:
                self.frames[name].set_shown(name in shown)
                self.frames[name].show_enlarged(name == self.enlarged)
            splitter.setVisible(any(name in shown for name in column))
            splitter.setSizes([round(_SCALE * layout.heights[name]) for name in column])
        self._outer.setSizes([round(_SCALE * width) for width in layout.widths])
        self._outer.setVisible(bool(shown))
        self.empty_note.setVisible(not shown)

    def _save_sizes(self) -> None:
        """Saves the sizes in the layout after the user has moved a splitter."""
        widths = {column: size for column, size in enumerate(self._outer.sizes()) if size > 0}
        layout = self.layout_of_views
        for splitter, column in zip(self._columns, layout.columns, strict=True):
            sizes = {name: size for name, size in zip(column, splitter.sizes(), strict=True) if size > 0}
            layout = layout.resized({}, sizes)
        self.layout_of_views = layout.resized(widths, {})
        self.changed.emit()

    def _frame_at(self, at: QPoint, other_than: ViewFrame) -> ViewFrame | None:
        """Returns the visible frame at a point of the screen."""
        visible = [frame for frame in self.frames.values() if frame.isVisible() and frame is not other_than]
        return next((frame for frame in visible if frame.rect().contains(frame.mapFromGlobal(at))), None)

    def _drop(self, name: str, at: QPoint) -> None:
        target = self._frame_at(at, self.frames[name])
        self.drop_mark.cover(None)
        if target is not None:
            other = next(other for other, frame in self.frames.items() if frame is target)
            self.set_layout(self.layout_of_views.swapped(name, other))

    def _request_menu(self, name: str, at: QPoint) -> None:
        self.current = name
        self.menu_requested.emit(at)

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Makes the view with the focus the current one; a border marks it, except after a mouse click."""
        for name, frame in self.frames.items():
            focused = now is not None and frame.isAncestorOf(now)
            frame.show_focus(focused and QApplication.mouseButtons() == Qt.MouseButton.NoButton)
            if focused:
                self.current = name


class DropMark(QWidget):
    """An overlay on the view onto which a dragged one would be dropped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.theme = LIGHT
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, frame: QWidget | None) -> None:
        """Covers a frame, or hides if None."""
        if frame is not None:
            self.setGeometry(frame.rect().translated(frame.mapTo(self._area, QPoint())))
            self.raise_()
        self.setVisible(frame is not None)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wash = QColor(self.theme.accent)
        wash.setAlpha(64)
        painter.fillRect(self.rect(), wash)
        painter.setPen(QColor(self.theme.accent))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    return splitter
