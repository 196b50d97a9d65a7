"""Actions and groups of exclusive actions for menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import SIGNAL, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton

from lrstudio.core.declaration import Declared
from lrstudio.core.language import tr
from lrstudio.ui.fields.behavior import commit_typing
from lrstudio.ui.look.plain import plain

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
    """Returns an action that commits half-typed text and calls slot(); checkable unless `checked` is None."""
    result = QAction(text, parent)
    if shortcut is not None:
        result.setShortcut(QKeySequence(shortcut))
    if tip:
        result.setStatusTip(tip)
        result.setToolTip(plain(f"{tip} ({result.shortcut().toString()})" if shortcut else tip))
    if checked is not None:
        result.setCheckable(True)
        result.setChecked(checked)
    result.triggered.connect(commit_typing)
    result.triggered.connect(lambda _checked=False: slot())
    return result


def add_action(menu: QMenu, text: str, slot: Callable[[], object], *details: Any, **keywords: Any) -> QAction:
    """Adds an action to a menu; the arguments are those of `action`."""
    result = action(menu, text, slot, *details, **keywords)
    menu.addAction(result)
    return result


class _Changes(QObject):
    """Takes back what Qt 6.11 connects at each change of a button's action: 144 bytes, called at every later change."""

    def __init__(self, button: QToolButton, action: QAction) -> None:
        super().__init__(button)
        self._button, self._action = button, action
        action.changed.connect(self._take_back)

    def _take_back(self) -> None:
        QObject.disconnect(self._action, SIGNAL("changed()"), self._button, None)  # type: ignore[call-overload]


def set_default_action(button: QToolButton, action: QAction) -> None:
    """Lets a button show and trigger an action, also one of a tool bar, whose changes cost nothing later.

    Source: findings/qt_tool_button_action_changes.sh.
    """
    button.setDefaultAction(action)
    _Changes(button, action)


class RadioMenu:
    """A menu of mutually exclusive entries: (key, text, tip) each; chosen(key) is called."""

    def __init__(self, menu: QMenu, choices: Sequence[tuple[str, str, str]], chosen: Callable[[str], object]) -> None:
        self.menu, self._group = menu, QActionGroup(menu)
        self.actions: dict[str, QAction] = {}
        menu.setToolTipsVisible(True)
        for key, text, tip in choices:
            self.actions[key] = add_action(menu, text, partial(chosen, key), tip=tip, checked=False)
            self._group.addAction(self.actions[key])

    @classmethod
    def of(cls, menu: QMenu, catalogue: Sequence[type[Declared]], chosen: Callable[[str], object]) -> RadioMenu:
        """Returns the menu of a catalogue, with separators between its groups."""
        radio = cls(menu, [(kind.key, tr(kind.title), tr(kind.summary())) for kind in catalogue], chosen)
        for before, kind in pairwise(catalogue):
            if before.group() != kind.group():
                menu.insertSeparator(radio.actions[kind.key])
        return radio

    def show(self, key: str) -> None:
        """Checks the entry of a key."""
        self.actions[key].setChecked(True)
