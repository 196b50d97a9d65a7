"""The recently opened sessions, and their menu."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from lrstudio.core.language import tr
from lrstudio.ui.fields.actions import action
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.look.plain import menu_text
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.session.open_session import OpenSession

MOST_RECENT = 10


class RecentFiles(QObject):
    """The recent files, the newest first. A file that no longer exists is removed when it is chosen."""

    changed = Signal()

    def __init__(self, session: OpenSession, files: FileActions, settings: Settings) -> None:
        super().__init__(session)
        self._session, self._files, self._settings = session, files, settings
        self.paths = settings.recent[:MOST_RECENT]
        session.title_changed.connect(self._add_open_file)

    def choose(self, path: Path) -> None:
        """Opens a file, or removes it from the list if it no longer exists."""
        if _is_gone(path):
            self._store([other for other in self.paths if other != path])
            self._session.failed.emit(tr("Could not open {name}", name=path.name), tr("it is no longer in its folder"))
        else:
            self._files.open_path(path)

    def clear(self) -> None:
        self._store([])

    def _add_open_file(self) -> None:
        if self._session.path is not None:
            path = self._session.path.absolute()
            self._store([path, *(other for other in self.paths if other != path)][:MOST_RECENT])

    def _store(self, paths: list[Path]) -> None:
        if paths != self.paths:
            self.paths = self._settings.recent = paths
            self.changed.emit()


class RecentMenu(QObject):
    """Fills a menu with the recent files, the newest first, and an action that clears them."""

    def __init__(self, menu: QMenu, recent: RecentFiles) -> None:
        super().__init__(menu)
        self._menu, self._recent = menu, recent
        self._clear = action(self, tr("&Clear"), recent.clear, tip=tr("Forget these files"))
        menu.setToolTipsVisible(True)
        recent.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self._menu.clear()
        paths = self._recent.paths
        names = [path.name for path in paths]
        for number, path in enumerate(paths, 1):
            name = path.name if names.count(path.name) == 1 else f"{path.name} - {path.parent}"
            text = f"&{number} {menu_text(name)}" if number < MOST_RECENT else menu_text(name)
            self._menu.addAction(action(self._menu, text, partial(self._recent.choose, path), tip=str(path)))
        self._menu.addSeparator()
        self._menu.addAction(self._clear)
        self._menu.menuAction().setEnabled(bool(paths))


def _is_gone(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: no valid file name
        return True
    except OSError:  # opening it shows the error
        return False
    return False
