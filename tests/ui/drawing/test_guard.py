"""Painting that cannot take the program down."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTransform
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases import LossCanvas
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.look.theme import LIGHT


class Broken(PixelItem):
    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        raise ZeroDivisionError("as asked")


def test_an_item_that_fails_is_told_and_the_others_are_painted(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: told.append(error))
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.addItem(Broken(), ignoreBounds=True)
    canvas.show()
    canvas.grab()
    assert told
    assert all(isinstance(error, ZeroDivisionError) for error in told)
