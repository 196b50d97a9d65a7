"""Icons live as long as something shows them."""

from __future__ import annotations

import gc
from types import SimpleNamespace

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from lrstudio.ui.look.theme import LIGHT, icon


def test_an_icon_that_the_garbage_collector_takes_leaves_its_copies_whole(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    for _ in range(100):
        holder = SimpleNamespace(icon=icon("grip", LIGHT))
        holder.itself = holder
        button.setIcon(holder.icon)
    del holder
    gc.collect()
    assert bytes(button.icon().pixmap(QSize(16, 16)).toImage().constBits()).strip(b"\0")
