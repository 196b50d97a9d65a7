"""Names of suggestions never lie over one another, and curves keep their extremes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from lrstudio.ui.instruments.range_test.job import MOST_POINTS, extremes
from lrstudio.ui.instruments.range_test.marks import Mark, MarksItem
from lrstudio.ui.look.theme import LIGHT

NAMES = ("valley 0.0447", "slide", "minimum/10", "steep", "Lightning", "best constant")


@pytest.mark.parametrize("seed", range(30))
def test_names_do_not_collide_wherever_the_marks_are(qtbot: QtBot, seed: int) -> None:
    source = np.random.default_rng(seed)
    item, area = MarksItem(), QRectF(50, 20, 700, 300)
    item.set_look(LIGHT, QFont())
    near = source.uniform(0, 650) + source.uniform(0, 60, 6)
    xs = np.sort(np.clip(area.left() + near, area.left(), area.right()))
    item.set_marks([Mark(name, 10.0 ** (x / 100), "o", selected=place == 0)
                    for place, (name, x) in enumerate(zip(source.permutation(NAMES), xs, strict=True))])  # fmt: skip
    boxes = item.boxes(xs.tolist(), area)
    for one, other in combinations(boxes, 2):
        assert not one.intersects(other)
    for x, box in zip(xs, boxes, strict=True):
        assert area.left() <= box.left() and box.right() <= area.right() + 0.01
        assert abs(box.left() - x) < 0.01 or abs(box.right() - x) < 0.01 or box.left() == area.left()


@pytest.mark.parametrize("count", [0, 1, MOST_POINTS, MOST_POINTS + 1, 123_457])
def test_of_many_losses_the_extremes_are_kept(count: int) -> None:
    values = np.random.default_rng(0).normal(size=count)
    if count > 100:
        values[50] = np.nan
        values[count // 2], values[count // 3] = 99, -99
    places = extremes(values)
    assert len(places) <= MOST_POINTS
    assert (np.diff(places) > 0).all()
    if count:
        assert (places[0], places[-1]) == (0, count - 1)
        assert np.nanmax(values[places]) == np.nanmax(values)
        assert np.nanmin(values[places]) == np.nanmin(values)
