"""The views in their columns: sizes, places, which of them are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QSplitter, QVBoxLayout, QWidget

from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.layout import ViewLayout

_SCALE = 1000


class ViewArea(QWidget):
    """Shows frames as a ViewLayout says, or one of them alone; `saved` is that of an earlier start."""

    changed = Signal()
    """Another layout, another enlarged view."""
    menu_asked = Signal(QPoint)
    """About the current view."""

    def __init__(
        self, frames: Mapping[str, ViewFrame], first: ViewLayout, saved: dict[str, Any], applicable: Iterable[str]
    ) -> None:
        super().__init__()
        self.frames, self._first = frames, first
        self.layout_of_views = first.saved_in(saved)
        self.enlarged: str | None = None
        self.current = next(iter(frames))
        """The view that was used last: what moves."""
        self.applicable = frozenset(applicable)
        """The views that have something to show."""
        self._asked: frozenset[str] = frozenset()
        self._columns = [_splitter(Qt.Orientation.Vertical) for _ in first.columns]
        self._outer = _splitter(Qt.Orientation.Horizontal)
        self.empty_note = QLabel(self.tr("All views are hidden. View > Reset layout shows them again."))
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
        """Put the views elsewhere."""
        self.layout_of_views = layout
        if self.enlarged is not None and not self.is_wanted(self.enlarged):
            self.enlarged = None
        self._show()
        self.changed.emit()

    def reset(self) -> None:
        """Every view where it was at first."""
        self.enlarged = None
        self.set_layout(self._first)

    def set_applicable(self, names: Iterable[str]) -> None:
        """The views that have something to show; the others give way until they have."""
        before, self.applicable = self.applicable, frozenset(names)
        if self.enlarged not in self.applicable:
            self.enlarge(None)
        self._show()
        if before != self.applicable:
            self.changed.emit()

    def ask_for(self, names: Iterable[str]) -> None:
        """Show these views, hidden or not, until others are asked for: what is open needs them."""
        if self._asked != frozenset(names) & frozenset(self.frames):
            self._asked = frozenset(names) & frozenset(self.frames)
            self._show()
            self.changed.emit()

    def is_wanted(self, name: str) -> bool:
        """Whether a view is shown where it has something to show."""
        return name in self._asked or name not in self.layout_of_views.hidden

    def set_shown(self, name: str, shown: bool) -> None:
        if shown == self.is_wanted(name):
            return
        self._asked -= {name}
        toggled = shown == (name in self.layout_of_views.hidden)
        self.set_layout(self.layout_of_views.toggled(name) if toggled else self.layout_of_views)

    def enlarge(self, name: str | None) -> None:
        """One view alone, hidden before or not; None is all that are shown."""
        if name is not None and name not in self.applicable:
            return
        if name != self.enlarged:
            self.enlarged = name
            self.current = name or self.current
            self._show()
            self.changed.emit()

    def move_current(self, direction: str) -> None:
        """The current view left, right, up or down."""
        if self.enlarged is None:
            moved = self.layout_of_views.beside(self.current, direction, self.shown())
            if moved != self.layout_of_views:
                self.set_layout(moved)

    def shown(self) -> list[str]:
        """The views that can be seen."""
        if self.enlarged is not None:
            return [self.enlarged]
        return [name for name in self.frames if name in self.applicable and self.is_wanted(name)]

    def _arrange(self) -> None:
        for column in self._columns:
            self._outer.addWidget(column)
            column.splitterMoved.connect(self._take_sizes)
        self._outer.splitterMoved.connect(self._take_sizes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._outer)
        layout.addWidget(self.empty_note)

    def _listen(self, name: str, frame: ViewFrame) -> None:
        frame.enlarge_asked.connect(lambda: self.enlarge(None if self.enlarged == name else name))
        frame.hide_asked.connect(lambda: self.set_shown(name, False))
        frame.dragged.connect(lambda at: self.drop_mark.cover(self._frame_at(at, frame)))
        frame.dropped.connect(lambda at: self._drop(name, at))
        frame.menu_asked.connect(lambda at: self._ask_menu(name, at))

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

    def _take_sizes(self) -> None:
        """Somebody has moved a border."""
        widths = {place: size for place, size in enumerate(self._outer.sizes()) if size > 0}
        layout = self.layout_of_views
        for splitter, column in zip(self._columns, layout.columns, strict=True):
            sizes = {name: size for name, size in zip(column, splitter.sizes(), strict=True) if size > 0}
            layout = layout.resized({}, sizes)
        self.layout_of_views = layout.resized(widths, {})
        self.changed.emit()

    def _frame_at(self, at: QPoint, other_than: ViewFrame) -> ViewFrame | None:
        """The frame that is seen at a point of the screen."""
        seen = [frame for frame in self.frames.values() if frame.isVisible() and frame is not other_than]
        return next((frame for frame in seen if frame.rect().contains(frame.mapFromGlobal(at))), None)

    def _drop(self, name: str, at: QPoint) -> None:
        target = self._frame_at(at, self.frames[name])
        self.drop_mark.cover(None)
        if target is not None:
            other = next(other for other, frame in self.frames.items() if frame is target)
            self.set_layout(self.layout_of_views.swapped(name, other))

    def _ask_menu(self, name: str, at: QPoint) -> None:
        self.current = name
        self.menu_asked.emit(at)

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """The view with the focus is the current one; an edge shows it where no mouse button brought it there."""
        for name, frame in self.frames.items():
            here = now is not None and frame.isAncestorOf(now)
            frame.show_focus(here and QApplication.mouseButtons() == Qt.MouseButton.NoButton)
            if here:
                self.current = name


class DropMark(QWidget):
    """Lies over the view onto which another one would be dropped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.theme = LIGHT
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, frame: QWidget | None) -> None:
        """Lie over a frame, or nowhere."""
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
