"""The relief of a landscape: colours by height, light from the upper left, and what is drawn on it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QTransform
from PySide6.QtWidgets import QApplication

from lrstudio.core.landscape import landscape
from lrstudio.core.problems import Formula, Himmelblau, Rastrigin, Rosenbrock
from lrstudio.ui.canvases.landscape.background import Background
from lrstudio.ui.canvases.landscape.contours import ContourItem, contours, straightened
from lrstudio.ui.canvases.landscape.path import PathItem
from lrstudio.ui.canvases.landscape.relief import Heights, Relief, tones
from lrstudio.ui.look.theme import DARK, LIGHT, Theme

PLAIN = 32
SIDE = 241


def relief(problem: Himmelblau | Rosenbrock) -> Relief:
    return Relief.of(landscape(problem.objective(), problem.domain, SIDE).loss)


def lightness(pixels: np.ndarray) -> np.ndarray:
    """CIE lightness of pixels 0xffRRGGBB, 0 to 100."""
    parts = np.stack([pixels >> shift & 255 for shift in (16, 8, 0)], axis=-1) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


def contrast(one: QColor, other: QColor) -> float:
    def luminance(color: QColor) -> float:
        parts = np.array([color.redF(), color.greenF(), color.blueF()])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ np.array([0.2126, 0.7152, 0.0722]))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_colours_go_from_valley_to_hill_in_equal_steps_that_are_seen(theme: Theme) -> None:
    values = lightness(tones(theme)[:, PLAIN].astype(np.int64))
    steps = np.diff(values[::15])
    assert (steps > 0).all() or (steps < 0).all()
    assert np.abs(steps).max() < 1.7 * np.abs(steps).min()
    assert abs(values[-1] - values[0]) > 35
    assert abs(values[0] - values[64]) > 8, "a valley stands out from its slopes"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_slope_towards_the_upper_left_is_lighter_than_one_away_from_it(theme: Theme) -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 61), np.linspace(-1, 1, 61))
    hill = Relief.of(np.exp(2 - x * x - y * y))
    image = hill.image(theme)
    left, right = image.pixelColor(15, 15).lightnessF(), image.pixelColor(45, 45).lightnessF()
    assert left > right + 0.02
    assert hill.light[30, 30] == pytest.approx(PLAIN, abs=1)


def test_the_four_minima_of_himmelblau_are_four_separate_deep_places() -> None:
    low = relief(Himmelblau()).heights < 50
    seen, found = np.zeros_like(low), 0
    for row, column in np.argwhere(low):
        if not seen[row, column]:
            found += 1
            stack = [(int(row), int(column))]
            while stack:
                r, c = stack.pop()
                if 0 <= r < SIDE and 0 <= c < SIDE and low[r, c] and not seen[r, c]:
                    seen[r, c] = True
                    stack += [(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]
    assert found == 4


def test_the_valley_of_rosenbrock_is_low_all_along_and_its_sides_are_not() -> None:
    heights = relief(Rosenbrock()).heights
    (left, right), (bottom, top) = Rosenbrock().domain
    for x in np.linspace(-1.5, 1.5, 25):
        column = round((x - left) / (right - left) * (SIDE - 1))
        row = round((x * x - bottom) / (top - bottom) * (SIDE - 1))
        if row < SIDE:
            valley, side = int(heights[max(row - 3, 0) : row + 4, column].min()), int(heights[:, column].max())
            assert valley < 90 < side


def test_zooming_keeps_the_floor_that_is_known() -> None:
    loss = np.array([[2.0, 3.0], [4.0, 5.0]])
    assert Heights.of(loss, 1.0).floor == 1.0 and Heights.of(loss).floor == 2.0
    assert Heights.of(loss)(np.array([2.0]))[0] == 0.0


@pytest.mark.parametrize(
    "loss",
    [
        np.full((5, 5), 3.0),
        np.full((5, 5), np.nan),
        np.full((5, 5), 1e300),
        np.array([[np.nan, 1.0], [2.0, 3.0]]),
        np.array([[-1e308, 1e308], [1e308, -1e308]]),
        np.array([[np.inf, 1.0], [2.0, -np.inf]]),
    ],
)
def test_a_flat_unknown_or_extreme_landscape_has_a_relief(loss: np.ndarray) -> None:
    assert Relief.of(loss).image(LIGHT).size().width() == loss.shape[1]


@pytest.mark.parametrize(
    ("loss", "domain"),
    [
        ("(a*1e200)^2 + b^2*1e-200", ((-1e16, 1e16), (-1e16, 1e16))),
        ("where(a > 0, 1e308, -1e308)*b", ((-2.8, 2.2), (-0.7, 4.3))),
        ("a^2 + 1e-300*b^2", ((0.0, 5.0), (1e16 - 4, 1e16 + 4))),
    ],
)
def test_a_landscape_of_extreme_numbers_is_drawn_with_labels_on_lines_that_are_there(
    qapp: QApplication, loss: str, domain: tuple[tuple[float, float], ...]
) -> None:
    shown = landscape(Formula(loss=loss).objective(), domain, 65)
    drawn = contours(shown)
    assert len(drawn.levels) == len(drawn.lines) and all(drawn.lines)
    item = ContourItem(shown, drawn, Relief.of(shown.loss), LIGHT, QFont())
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    (left, right), (low, high) = domain
    to_image = QTransform(400 / (right - left), 0, 0, 300 / (high - low), 0, 0)
    painter = QPainter(image)
    item.paint_pixels(painter, QTransform.fromTranslate(-left, -low) * to_image, QRectF(image.rect()))
    painter.end()


def test_contours_do_not_fill_the_picture() -> None:
    for problem in (Rastrigin(), Himmelblau(), Rosenbrock()):
        drawn = contours(landscape(problem.objective(), problem.domain, SIDE))
        (left, right), (low, high) = problem.domain
        size = np.array([right - left, high - low])
        lines = [line for level in drawn.lines for line in level]
        assert sum(np.hypot(*(np.diff(line, axis=0) / size).T).sum() for line in lines) <= 40
        assert len(drawn.levels) == len(drawn.lines) >= 3


def test_a_straightened_line_stays_within_its_tolerance() -> None:
    angle = np.linspace(0, 2 * np.pi, 2001)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    short = straightened(circle, np.array([1e-3, 1e-3]))
    assert len(short) < 400
    assert (short[0] == circle[0]).all() and (short[-1] == circle[-1]).all()
    middles = (short[1:] + short[:-1]) / 2
    assert np.abs(np.hypot(*middles.T) - 1).max() < 4e-3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_each_run_stands_out_from_what_is_beside_its_path_on_any_tone(theme: Theme) -> None:
    for index in range(len(theme.runs)):
        style = theme.run_style(index)
        for tone in tones(theme)[:: 255 // 4, PLAIN].tolist():
            image = QImage(120, 40, QImage.Format.Format_RGB32)
            image.fill(tone)
            path = PathItem(style, QColor(theme.background), (0.01, 0.01))
            path.extend(0, np.array([[5.0, 20.5], [110.0, 20.5]]))
            path.set_head(1, np.array([110.0, 20.5]))
            painter = QPainter(image)
            path.paint_pixels(painter, QTransform(), QRectF(0, 0, 120, 40))
            painter.end()
            columns = [[image.pixelColor(x, y) for y in range(15, 27)] for x in range(15, 95)]
            on_path = [column for column in columns if style.color in column]
            assert on_path, "the path has its colour"
            assert all(max(contrast(style.color, near) for near in column) >= 2.9 for column in on_path)


def test_a_background_has_lines_and_relief_of_two_weights_only() -> None:
    problem = Himmelblau()
    flat = Background.of(landscape(problem.objective(), problem.domain, 41))
    assert flat.contours is not None and flat.relief is not None and flat.relief.heights.shape == (41, 41)
    assert QPointF(flat.domain[0][0], flat.domain[1][0]) == QPointF(problem.domain[0][0], problem.domain[1][0])
