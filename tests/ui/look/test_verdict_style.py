"""Verdicts differ in word and icon, and their colours have contrast."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.ui.look.theme import DARK, LIGHT, Theme
from lrstudio.ui.look.verdict_style import verdict_style
from tests.paints import luminance


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_verdict_has_a_contrast_of_three_to_one(theme: Theme, qapp: object) -> None:
    for key in VERDICTS:
        low, high = sorted(map(luminance, (verdict_style(key, theme).color, QColor(theme.background))))
        assert (high + 0.05) / (low + 0.05) >= 3, key


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_no_two_verdicts_have_the_same_word_or_icon(theme: Theme, qapp: object) -> None:
    styles = [verdict_style(key, theme) for key in VERDICTS]
    assert len({style.word for style in styles}) == len(VERDICTS)
    icons = {bytes(style.icon.pixmap(QSize(32, 32)).toImage().constBits()) for style in styles}
    assert len(icons) == len(VERDICTS)
    assert b"".join(icons).strip(b"\0")
