"""The names of marks never overlap."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from lrstudio.ui.instruments.range_test.marks import Mark, MarksItem
from lrstudio.ui.look.theme import LIGHT

NAMES = ("valley 0.0447", "slide", "minimum/10", "steep", "Lightning", "best constant")


@pytest.mark.parametrize("seed", range(30))
def test_names_never_overlap(qtbot: QtBot, seed: int) -> None:
    source = np.random.default_rng(seed)
    item, area = MarksItem(), QRectF(50, 20, 700, 300)
    item.set_style(LIGHT, QFont())
    near = source.uniform(0, 650) + source.uniform(0, 60, 6)
    xs = np.sort(np.clip(area.left() + near, area.left(), area.right()))
    item.set_marks([Mark(name, 10.0 ** (x / 100), "o", selected=index == 0)
                    for index, (name, x) in enumerate(zip(source.permutation(NAMES), xs, strict=True))])  # fmt: skip
    boxes = item.boxes(xs.tolist(), area)
    for one, other in combinations(boxes, 2):
        assert not one.intersects(other)
    for x, box in zip(xs, boxes, strict=True):
        assert area.left() <= box.left() and box.right() <= area.right() + 0.01
        assert abs(box.left() - x) < 0.01 or abs(box.right() - x) < 0.01 or box.left() == area.left()
