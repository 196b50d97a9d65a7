"""What is left of a run's second line where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontMetrics

from lrstudio.ui.runs.delegate import shortened


@pytest.mark.usefixtures("qapp")
def test_a_text_loses_whole_parts_and_is_never_a_single_letter() -> None:
    metrics = QFontMetrics(QFont())
    text = "SGD with momentum · Step decay · 1,001 gradients"
    seen = [shortened(text, metrics, room) for room in range(metrics.horizontalAdvance(text) + 2)]
    assert seen[-1] == text and "SGD with momentum · Step decay" in seen and "SGD with momentum" in seen
    cut = {words for words in seen if words.endswith("…")}
    assert all(len(words) > 4 and "·" not in words for words in cut) and len(cut) > 3
    assert seen[0] == "" and shortened("SGD · 3", metrics, metrics.horizontalAdvance("SGD") + 1) == "SGD"
