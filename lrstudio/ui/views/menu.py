"""The entries of the View menu for the views."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from lrstudio.core.language import tr
from lrstudio.ui.fields.actions import action
from lrstudio.ui.look.help import ask
from lrstudio.ui.views.area import ViewArea


class ViewMenu(QObject):
    """Actions that show, enlarge and move the views that apply to the problem."""

    def __init__(self, area: ViewArea) -> None:
        super().__init__(area)
        self._area = area
        self.shown = {name: self._shown(name) for name in area.frames}
        self.enlarged = {name: self._enlarged(name) for name in area.frames}
        self.restore = action(self, tr("&All again"), lambda: area.enlarge(None), "Esc", tr("Show all views again"))
        self.moves = [
            action(self, text, partial(area.move_current, direction), f"Alt+Shift+{direction.capitalize()}", tip)
            for direction, text, tip in (
                ("left", tr("&Left"), tr("Move the current view to the column at the left")),
                ("right", tr("&Right"), tr("Move the current view to the column at the right")),
                ("up", tr("&Up"), tr("Change places with the view above")),
                ("down", tr("&Down"), tr("Change places with the view below")),
            )
        ]
        tip = tr("What this plot shows and how to read it")
        self.explain = action(self, tr("&Help on this plot"), lambda: ask(area.frames[area.current]), tip=tip)
        self.plot_actions: list[QAction] = []
        """Further actions of a plot's context menu."""
        area.changed.connect(self._show)
        area.menu_requested.connect(self._open)
        self._show()

    def fill(self, menu: QMenu) -> None:
        """Adds the actions to the View menu."""
        menu.setToolTipsVisible(True)
        menu.addActions(list(self.shown.values()))
        menu.addSeparator()
        self._submenu(menu, tr("&Enlarge"), [*self.enlarged.values(), self.restore])
        self._submenu(menu, tr("&Move view"), self.moves)

    def _submenu(self, menu: QMenu, title: str, entries: list[QAction]) -> None:
        submenu = menu.addMenu(title)
        submenu.setToolTipsVisible(True)
        submenu.addActions(entries)

    def _shown(self, name: str) -> QAction:
        tip = tr("Show or hide this view")
        entry = action(self, self._area.frames[name].title, lambda: None, tip=tip, checked=True)
        entry.triggered.connect(lambda on: self._area.set_shown(name, on))
        return entry

    def _enlarged(self, name: str) -> QAction:
        def toggle() -> None:
            self._area.enlarge(None if self._area.enlarged == name else name)
            self._show()

        tip = tr("Show this view alone, or all again")
        frame = self._area.frames[name]
        return action(self, frame.title, toggle, frame.view.shortcut or None, tip, checked=False)

    def _show(self) -> None:
        area = self._area
        for name, entry in self.shown.items():
            entry.setVisible(name in area.applicable)
            entry.setChecked(area.is_requested(name))
        for name, entry in self.enlarged.items():
            entry.setVisible(name in area.applicable)
            entry.setChecked(name == area.enlarged)
        self.restore.setEnabled(area.enlarged is not None)
        for entry in self.moves:
            entry.setEnabled(area.enlarged is None)

    def _open(self, at: QPoint) -> None:
        """Opens the context menu of the current view."""
        menu = QMenu(self._area)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions([self.enlarged[self._area.current], self.shown[self._area.current], self.explain])
        menu.addSeparator()
        menu.addActions(self.plot_actions)
        menu.addSeparator()
        menu.addActions(self.moves)
        menu.popup(at)
