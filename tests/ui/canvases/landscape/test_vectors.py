"""The vectors of a step, drawn at its start."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.vectors import Kind, Vector, draw_sample, vector_color
from lrstudio.ui.look.theme import DARK, LIGHT, Theme
from tests.paints import rgb
from tests.ui.conftest import Started, picture

KINDS: tuple[Kind, ...] = ("gradient", "direction", "other", "scale", "step")


@pytest.fixture
def canvas(qtbot: QtBot, started: Started) -> LandscapeCanvas:
    canvas = LandscapeCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 12)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    canvas.set_step(3)
    return canvas


def has(pixels: np.ndarray, color: QColor) -> bool:
    return bool((pixels == rgb(color)).all(axis=2).any())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_each_kind_is_drawn_in_its_colour(canvas: LandscapeCanvas, kind: Kind, theme: Theme) -> None:
    canvas.set_theme(theme)
    assert not has(picture(canvas), vector_color(kind, theme)) or kind == "step"
    canvas.explain(0, 3, [Vector("a", kind, (2.0, 1.5), "−g")])
    assert has(picture(canvas), vector_color(kind, theme))


def test_kinds_differ_by_more_than_their_colour() -> None:
    pictures = []
    for kind in KINDS:
        image = QImage(60, 24, QImage.Format.Format_Grayscale8)
        image.fill(255)
        painter = QPainter(image)
        draw_sample(painter, kind, LIGHT, QRectF(0, 0, 60, 24))
        painter.end()
        ink = np.frombuffer(image.constBits(), np.uint8).reshape(24, -1)[:, :60] < 200
        pictures.append(ink)
    for index, one in enumerate(pictures):
        assert all((one != other).mean() > 0.01 for other in pictures[:index])


def test_the_arrows_of_the_explained_run_are_hidden(canvas: LandscapeCanvas) -> None:
    every = len(canvas.arrows.steps)
    canvas.explain(0, 3, [Vector("a", "gradient", (1.0, 1.0), "−g")])
    assert len(canvas.arrows.steps) == every - 1
    canvas.explain(0, 3, ())
    assert len(canvas.arrows.steps) == every


def test_vectors_of_another_step_are_not_shown(canvas: LandscapeCanvas) -> None:
    canvas.explain(0, 3, [Vector("a", "gradient", (1.0, 1.0), "−g")])
    assert canvas.explained.item.vectors
    canvas.set_step(8)
    assert not canvas.explained.item.vectors
    canvas.set_step(3)
    assert canvas.explained.item.vectors
    canvas.set_hidden([0])
    assert not canvas.explained.item.vectors


def test_a_strong_vector_shows_its_summands_and_the_others_fade(canvas: LandscapeCanvas) -> None:
    parts = (((1.0, 0.0), "−0.9·b"), ((0.0, 1.5), "−g"))
    both = [Vector("a", "gradient", (2.0, -1.5), "−g"), Vector("b", "direction", (1.0, 1.5), "−b", parts)]
    canvas.explain(0, 3, both)
    before = picture(canvas)
    canvas.explained.item.set_strong("b")
    after = picture(canvas)
    assert has(before, vector_color("gradient", LIGHT))
    assert not has(after, vector_color("gradient", LIGHT))
    assert has(after, vector_color("direction", LIGHT))
    assert (after != before).any()


@pytest.mark.parametrize("delta", [(0.0, 0.0), (1e300, 1e300), (1e-300, 0.0), (5e4, -5e4)])
def test_vectors_that_are_too_small_or_too_large_raise_no_error(
    canvas: LandscapeCanvas, delta: tuple[float, float]
) -> None:
    canvas.explain(0, 3, [Vector(kind, kind, delta, "v") for kind in (*KINDS, "tangent")])
    picture(canvas)


def test_arrows_in_one_direction_stand_beside_one_another(canvas: LandscapeCanvas) -> None:
    vectors = [Vector(kind, kind, (1.0, 1.0), "") for kind in KINDS[:3]]
    canvas.explain(0, 3, vectors)
    pixels = picture(canvas)
    assert all(has(pixels, vector_color(kind, LIGHT)) for kind in KINDS[:3])


def test_after_the_end_the_last_step_is_shown_and_while_a_run_goes_on_none(canvas: LandscapeCanvas) -> None:
    trace = canvas.trace
    assert trace is not None
    last = trace.length - 1
    canvas.set_step(None)
    assert not canvas.arrows.steps
    canvas.set_next(last, None)
    points = trace.read("params", last - 1, last + 1)[:, 0, :2]
    shown = canvas.arrows.steps[0]
    assert shown.made and shown.to is not None
    assert (shown.at.x(), shown.at.y()) == pytest.approx(points[0])
    assert (shown.to.x(), shown.to.y()) == pytest.approx(points[1])
    assert (shown.down.x(), shown.down.y()) == pytest.approx(-trace.read("grad", last - 1, last)[0, 0, :2])
    canvas.set_step(3)
    assert not canvas.arrows.steps[0].made
