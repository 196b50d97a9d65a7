"""Every verdict can be told by its word, its picture and its colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.ui.look.theme import DARK, LIGHT, Theme
from lrstudio.ui.look.verdict_style import verdict_style
from tests.paints import luminance


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_its_colour_stands_out_from_the_background(theme: Theme, qtbot: QtBot) -> None:
    for key in VERDICTS:
        low, high = sorted(map(luminance, (verdict_style(key, theme).color, QColor(theme.background))))
        assert (high + 0.05) / (low + 0.05) >= 3, key


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_no_two_have_the_same_word_or_picture(theme: Theme, qtbot: QtBot) -> None:
    styles = [verdict_style(key, theme) for key in VERDICTS]
    assert len({style.word for style in styles}) == len(VERDICTS)
    pictures = {bytes(style.icon.pixmap(QSize(32, 32)).toImage().constBits()) for style in styles}
    assert len(pictures) == len(VERDICTS)
    assert b"".join(pictures).strip(b"\0")
