"""What no line break separates, and Chinese emphasis."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QTextDocument
from pytestqt.qtbot import QtBot

from lrstudio.ui.look.prose import fragments, set_upright, unbroken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("还剩 10 %，对", "还剩 10~%，对"),
        ("the limit 2/λ = 0.25 for", "the limit 2/+λ~=~0.25 for"),
        ("下降路程还剩 ≈ 0 %", "下降路程还剩 ≈~0~%"),
        ("0.9 · 12 + 9.6", "0.9~·~12 + 9.6"),
        ("a <b>word</b> / another", "a <b>word</b> / another"),
        ("no = sign at an end =", "no~=~sign at an end ="),
    ],
)
def test_numbers_stay_with_their_signs(text: str, shown: str) -> None:
    assert unbroken(text).replace("\u00a0", "~").replace("\u2060", "+") == shown


def test_chinese_emphasis_is_bold_and_upright_and_latin_stays_slanted(qtbot: QtBot) -> None:
    document = QTextDocument()
    document.setMarkdown("按*运行*，看 *w*\n\n第*二*段")
    set_upright(document)
    found = {}
    for each in fragments(document):
        found[each.text().strip()] = each.charFormat().fontItalic(), each.charFormat().fontWeight() == QFont.Weight.Bold
    assert found["运行"] == found["二"] == (False, True)
    assert found["w"] == (True, False)
    assert found["按"] == (False, False)
