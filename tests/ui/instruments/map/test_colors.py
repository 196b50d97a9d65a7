"""Pictures of maps have the colour of every cell where it belongs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from pyqtgraph import colormap
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lrstudio.core.analysis.verdict import DIVERGED, TOO_SLOW, VERDICTS
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Proportional
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.map import Picture, refined
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.zones import RATE_KEYS
from lrstudio.ui.instruments.map.colors import COLUMNS, Column, colored
from lrstudio.ui.look.theme import DARK, LIGHT, Theme

BASE = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=30, target_loss=0.01)
WIDTH, HEIGHT = 13, 9
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
_SIGHTS = {
    "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Machado, Oliveira & Fernandes 2009, complete."""


@pytest.fixture(scope="module")
def picture() -> Picture:
    rates = Axis("lr", tuple(np.geomspace(1e-3, 1, WIDTH).tolist()))
    momenta = Axis("optimizer.momentum", tuple(np.linspace(0, 0.95, HEIGHT).tolist()))
    return list(refined(Sweep(BASE, [rates, momenta])))[-1]


def expected(summary: Summary, column: Column, theme: Theme, row: int, x: int) -> tuple[int, int, int]:
    """The colour of one cell, by a rule of its own."""
    verdict = int(summary.verdict[row, x])
    if column == "verdict":
        return rgb(theme.verdicts[VERDICTS[verdict]])
    if verdict == DIVERGED and column != "diverged_at":
        return rgb(theme.verdicts["diverged"])
    values = np.asarray(getattr(summary, column), float)
    finite = np.isfinite(values) & (values >= 0)
    if column in ("final_loss", "best_loss"):
        finite &= summary.verdict != DIVERGED
    if not finite[row, x]:
        return rgb(theme.surface)
    if column == "factor":
        values = np.minimum(values, 1.5)
    low, high = np.percentile(values[finite], [0.5, 99.5])
    value = values[row, x]
    if column != "factor":
        value, low, high = (np.log10(max(number, 1e-40)) for number in (value, low, high))
    share = min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5
    color = colormap.get("viridis").getLookupTable(nPts=256, alpha=False)[int(share * 255)]
    return int(color[0]), int(color[1]), int(color[2])


def rgb(name: str) -> tuple[int, int, int]:
    color = QColor(name)
    return color.red(), color.green(), color.blue()


@THEMES
@pytest.mark.parametrize("column", COLUMNS)
def test_every_pixel_has_the_colour_of_its_cell(picture: Picture, column: Column, theme: Theme, qtbot: QtBot) -> None:
    image = colored(picture, column, theme, np.arange(WIDTH), np.arange(HEIGHT)).image
    assert (image.width(), image.height()) == (WIDTH, HEIGHT)
    for row in range(HEIGHT):
        for x in range(WIDTH):
            shown = image.pixelColor(x, HEIGHT - 1 - row)
            color = expected(picture.summary, column, theme, row, x)
            assert (shown.red(), shown.green(), shown.blue()) == color, (row, x)


def test_a_value_shared_by_several_cells_is_shown_in_all_of_them(picture: Picture, qtbot: QtBot) -> None:
    which = np.repeat(np.arange(WIDTH), 3)
    image = colored(picture, "verdict", LIGHT, which, np.arange(HEIGHT)).image
    plain = colored(picture, "verdict", LIGHT, np.arange(WIDTH), np.arange(HEIGHT)).image
    assert image.width() == 3 * WIDTH
    for x in range(3 * WIDTH):
        assert image.pixelColor(x, 4) == plain.pixelColor(x // 3, 4)


def test_the_verdicts_are_counted(picture: Picture, qtbot: QtBot) -> None:
    scale = colored(picture, "verdict", LIGHT, np.arange(WIDTH), np.arange(HEIGHT)).scale
    assert scale.counts == tuple(int((picture.summary.verdict == code).sum()) for code in range(len(RATE_KEYS)))
    assert sum(scale.counts) == WIDTH * HEIGHT


@THEMES
@pytest.mark.parametrize("across", [True, False])
def test_a_rate_above_better_ones_is_striped(theme: Theme, across: bool, qtbot: QtBot) -> None:
    summary = Summary.empty((6, 6))
    summary.verdict[:], summary.late_loss[:], summary.best_loss[:] = TOO_SLOW, [9, 0.1, 8, 8, 8, 8], 0.0
    if not across:
        for column in (summary.verdict, summary.late_loss):
            column[:] = column.T.copy()
    axes = (
        Axis("lr", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        Axis("optimizer.momentum", tuple(np.linspace(0, 0.9, 6).tolist())),
    )
    result = colored(
        Picture(summary, 1, 1.0), "verdict", theme, np.arange(6), np.arange(6), axes if across else axes[::-1]
    )
    assert result.scale.counts == (12, 0, 0, 0, 0, 0, 0, 0, 24)
    seen: dict[str, set[object]] = {"slow": set(), "large": set()}
    for rate in range(6):
        for other in range(6):
            x, y = (rate, other) if across else (other, rate)
            seen["slow" if rate < 2 else "large"].add(rgb(result.image.pixelColor(x, 5 - y).name()))
    assert seen["slow"] == {rgb(theme.verdicts["too_slow"])}
    assert seen["large"] == {rgb(theme.verdicts["diverged"]), rgb(theme.background)}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_picture_without_computed_cells_is_grey(column: Column, qtbot: QtBot) -> None:
    nothing = Picture(Summary.empty((4, 4)), 1, 0.0)
    image = colored(nothing, column, LIGHT, np.arange(4), np.arange(4)).image
    assert all(rgb(image.pixelColor(x, y).name()) == rgb(LIGHT.surface) for x in range(4) for y in range(4))


@THEMES
def test_any_two_verdicts_are_distinguishable_to_colour_blind_eyes(theme: Theme) -> None:
    for sight, matrix in _SIGHTS.items():
        seen = {key: lab(np.array(matrix) @ linear(name)) for key, name in theme.verdicts.items()}
        for one, other in combinations(seen, 2):
            assert np.linalg.norm(seen[one] - seen[other]) > 25, (sight, one, other)


def linear(name: str) -> np.ndarray:
    shares = np.array(rgb(name)) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = matrix @ np.clip(light, 0, 1) / np.array([0.9505, 1, 1.089])
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def test_zeros_and_losses_below_0_do_not_change_the_scale_of_the_others(picture: Picture, qtbot: QtBot) -> None:
    losses = np.geomspace(1e-3, 10, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
    losses[:, :3] = 0
    summary = Summary.empty((HEIGHT, WIDTH))
    summary.verdict[:] = 1
    summary.final_loss[:] = losses
    result = colored(Picture(summary, 1, 1.0), "final_loss", LIGHT, np.arange(WIDTH), np.arange(HEIGHT)).scale
    assert result.log and 1e-3 <= result.low <= 3e-3 and result.high == pytest.approx(10, rel=0.2)
    assert result.shares(np.array([0.0])) == 0
    summary.final_loss[:] = losses - 5
    below = colored(Picture(summary, 1, 1.0), "final_loss", LIGHT, np.arange(WIDTH), np.arange(HEIGHT)).scale
    assert not below.log and below.low == -5
