"""Asking for a path, and writing a file in the worker thread."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.look.plain import plain
from lrstudio.ui.session.jobs import Parts, ShowMessage
from lrstudio.ui.session.open_session import OpenSession


def _is_too_long(path: Path) -> bool:
    try:
        path.lstat()
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False


class FileSaver(QObject):
    """Asks for paths to write to, and writes files.

    `show_message` shows the outcome in the window of an instrument; without it the session's signals do.
    """

    def __init__(self, window: QWidget, session: OpenSession, show_message: ShowMessage | None = None) -> None:
        super().__init__(window)
        self._window, self._session, self._show_message = window, session, show_message
        self.show_message: ShowMessage = show_message or session.message.emit

    @property
    def folder(self) -> Path:
        """Folder of the session's file."""
        return Path.cwd() if self._session.path is None else self._session.path.parent

    def save(self, title: str, name: str, suffix: str, parts: Parts) -> None:
        """Asks for a path and writes the parts of a file, which are created in the worker thread."""
        path = self.ask_path(title, name, (suffix,))
        if path is not None:
            self.write(path, parts)

    def ask_path(self, title: str, name: str, suffixes: Sequence[str]) -> Path | None:
        """Returns the path to write; None if the user cancels or declines to replace a file.

        None also, with a message, for a name that is too long. A name without one of the suffixes gets that of the
        chosen kind.
        """
        kinds = {f"{self._kind(suffix)} (*{suffix})": suffix for suffix in suffixes}
        typed, kind = QFileDialog.getSaveFileName(self._window, title, str(self.folder / name), ";;".join(kinds))
        if not typed:
            return None
        path = Path(typed)
        asked = path.suffix.lower() in suffixes  # by the dialog, whether it may be replaced
        if not asked:
            path = path.with_name(path.name + kinds.get(kind, suffixes[0]))
        if _is_too_long(path):
            text = tr("{target!r}: the name is too long for this folder; most take 255 bytes", target=path.name)
            self.show_message(text)
            return None
        text = tr("“{name}” exists already. Replace it?", name=path.name)
        return path if asked or not path.exists() or self.may_replace(text) else None

    def may_replace(self, text: str) -> bool:
        """Asks whether a file may be replaced."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(self._window, tr("Replace?"), plain(text), buttons.Yes | buttons.No, buttons.No)
        return answer == buttons.Yes

    def write(self, path: Path, parts: Parts) -> None:
        """Writes a file atomically in the worker thread."""
        self._session.write_file(path, parts, self._show_message)

    def _kind(self, suffix: str) -> str:
        return tr("LR Studio sessions") if suffix == ".lrs" else suffix.removeprefix(".").upper()
