"""The menu that writes the worksheet of a lesson, and the teacher's key beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Lesson
from lrstudio.store.documents.worksheet import worksheet_steps
from lrstudio.ui.fields.actions import add_action
from lrstudio.ui.figures.paper import pdf
from lrstudio.ui.files.saving import FileSaver
from lrstudio.ui.look.plain import menu_text
from lrstudio.ui.session.open_session import OpenSession

_SUFFIXES = (".pdf", ".html")
_LONGEST_NAME = 255
"""Bytes that most folders take."""


class WorksheetMenu(QMenu):
    """Has an entry for each of the lessons that `known` returns when it opens."""

    def __init__(self, known: Callable[[], Sequence[Lesson]], session: OpenSession, window: QWidget) -> None:
        super().__init__(tr("&Worksheet"), window)
        self.setToolTipsVisible(True)
        self.menuAction().setToolTip(tr("The questions of a lesson on paper, and beside them the teacher's key"))
        self._known, self._saver = known, FileSaver(window, session)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Lists the lessons."""
        self.clear()
        for lesson in self._known():
            add_action(self, tr("{title}…", title=menu_text(lesson.title)), partial(self.export, lesson))

    def export(self, lesson: Lesson) -> None:
        """Asks for a file and writes the worksheet, and the key to a second file."""
        path = self._saver.ask_path(tr("Export worksheet"), f"{lesson.key}.pdf", _SUFFIXES)
        if path is None:
            return
        key = key_path(path)
        text = tr("“{name}” exists already. Replace it?", name=key.name)
        if not key.exists() or self._saver.may_replace(text):
            self._saver.write(key, partial(parts, lesson, key, key=True))
            self._saver.write(path, partial(parts, lesson, path, key=False))


def key_path(path: Path) -> Path:
    """Returns the file of the teacher's key to a worksheet; a very long name is cut, so that its folder takes it."""
    end = f"-key{path.suffix}"
    return path.with_name(os.fsencode(path.stem)[: _LONGEST_NAME - len(os.fsencode(end))].decode(errors="ignore") + end)


def parts(lesson: Lesson, path: Path, *, key: bool) -> Iterator[bytes | float]:
    """Yields the fraction done, then the page in the format of the path's suffix."""
    html = yield from worksheet_steps(lesson, key=key)
    yield pdf(html) if path.suffix.lower() == ".pdf" else html.encode()
