from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QFileOpenEvent
from pytestqt.qtbot import QtBot

from lrstudio.ui.files.drops import OpenedFiles


def test_a_file_that_the_desktop_opens_is_handed_on(qtbot: QtBot, qapp: Any) -> None:
    opened: list[Path] = []
    parent = QObject()
    qapp.installEventFilter(OpenedFiles(parent, opened.append))
    QCoreApplication.sendEvent(qapp, QFileOpenEvent("/somewhere/mine.lrs"))
    qtbot.waitUntil(lambda: opened == [Path("/somewhere/mine.lrs")])
