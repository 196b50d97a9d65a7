"""The two kinds of things that menus are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from lrstudio.core.declaration import Declared
from lrstudio.ui.fields.behavior import commit_typing

Shortcut = QKeySequence | QKeySequence.StandardKey | str | None


def action(
    parent: QObject,
    text: str,
    slot: Callable[[], object],
    shortcut: Shortcut = None,
    tip: str = "",
    *,
    checked: bool | None = None,
) -> QAction:
    """An action that calls slot(); checkable where `checked` says how it starts."""
    made = QAction(text, parent)
    if shortcut is not None:
        made.setShortcut(QKeySequence(shortcut))
    if tip:
        made.setStatusTip(tip)
        made.setToolTip(f"{tip} ({made.shortcut().toString()})" if shortcut else tip)
    if checked is not None:
        made.setCheckable(True)
        made.setChecked(checked)

    def act(_checked: bool = False) -> None:
        commit_typing()
        slot()

    made.triggered.connect(act)
    return made


class RadioMenu:
    """A menu in which one of several entries is in force."""

    def __init__(self, menu: QMenu, choices: Sequence[tuple[str, str, str]], chosen: Callable[[str], object]) -> None:
        self._group = QActionGroup(menu)
        self.actions: dict[str, QAction] = {}
        menu.setToolTipsVisible(True)
        for key, text, tip in choices:
            entry = action(menu, text, lambda key=key: chosen(key), tip=tip, checked=False)  # type: ignore[misc]
            self._group.addAction(entry)
            menu.addAction(entry)
            self.actions[key] = entry

    @classmethod
    def of(cls, menu: QMenu, catalogue: Sequence[type[Declared]], chosen: Callable[[str], object]) -> RadioMenu:
        """One entry per catalogue entry, a line between groups."""
        made = cls(menu, [(kind.key, kind.title, kind.summary()) for kind in catalogue], chosen)
        for before, kind in pairwise(catalogue):
            if before.group() != kind.group():
                menu.insertSeparator(made.actions[kind.key])
        return made

    def show(self, key: str) -> None:
        """Mark the entry that is in force."""
        self.actions[key].setChecked(True)
