"""The landscape in space in the real window: switched on, turned, brought nearer, exported."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.contours import ContourItem
from lrstudio.ui.canvases.landscape.raster import Request
from lrstudio.ui.canvases.landscape.surface import Camera
from lrstudio.ui.canvases.landscape.surface_view import SurfaceView, TurnableLandscape
from lrstudio.ui.figures.figure import Figure, panels
from tests.e2e.conftest import Driver
from tests.e2e.test_landscape_window import show

drawn = Request.picture


def in_space(driver: Driver, key: str) -> SurfaceView:
    show(driver, key)
    driver.menu("View", "Landscape in space")
    surface = driver.window.views.canvas(TurnableLandscape).surface
    driver.until(surface.isVisible)
    return surface


def colors(view: SurfaceView) -> set[str]:
    image = view.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def test_the_menu_shows_the_landscape_in_space_and_back(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    assert view.size() == driver.window.views.canvas(LandscapeCanvas).viewport().size()
    assert len(colors(view)) > 20
    driver.menu("View", "Landscape in space")
    assert not view.isVisible()


def test_a_landscape_of_one_parameter_stays_a_curve(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    driver.until(lambda: view.picture is not None)
    show(driver, "parabola")
    driver.until(lambda: not view.isVisible())
    assert view.picture is None
    show(driver, "noisy_line")
    driver.until(view.isVisible)


def test_a_hidden_plot_keeps_no_picture_of_the_experiment_before(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    driver.until(lambda: view.picture is not None)
    driver.window.views.area.set_shown("landscape", False)
    show(driver, "six_rates")
    assert view.picture is None
    driver.window.views.area.set_shown("landscape", True)
    driver.until(lambda: view.picture is not None)


def test_the_mouse_and_the_keys_turn_it_and_a_double_click_shows_it_as_at_first(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    middle = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view, middle + QPoint(60, 20))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 20))
    turned = view.camera
    assert turned.around > Camera().around and turned.above > Camera().above
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.camera.around < turned.around
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=middle)
    assert view.camera == Camera()


def test_the_wheel_brings_it_nearer(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    at = QPointF(view.rect().center())
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    for _ in range(3):
        wheel = QWheelEvent(
            at, view.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, none, phase, False
        )
        QApplication.sendEvent(view, wheel)
    assert view.camera.zoom > 1.3


def test_the_ways_of_the_visible_runs_are_on_it(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    driver.finish()
    first = driver.window.views.canvas(LandscapeCanvas).style(0).color.name()
    driver.until(lambda: first in colors(view))
    driver.session.arrange(driver.session.arrangement.toggled(0))
    driver.until(lambda: first not in colors(view))


def test_a_figure_shows_what_the_window_shows(driver: Driver) -> None:
    canvas = driver.window.views.canvas(LandscapeCanvas)
    show(driver, "noisy_line")
    flat = Figure(panels([canvas]), QSize(600, 400), driver.window.views.theme).image()
    in_space(driver, "noisy_line")
    space = Figure(panels([canvas]), QSize(600, 400), driver.window.views.theme).image()
    assert flat.size() == space.size() and flat != space


def test_a_moving_picture_shows_the_way_on_one_picture_of_it(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    view = in_space(driver, "noisy_line")
    driver.finish()
    made: list[Request] = []
    monkeypatch.setattr(Request, "picture", lambda request, *rest: made.append(request) or drawn(request, *rest))
    canvas = driver.window.views.canvas(TurnableLandscape)
    figure = Figure(panels([canvas]), QSize(400, 300), canvas.theme)
    images = [image.copy() for image in figure.frames([0, 20, 40]) if image is not None]
    assert sum(request.view.height == round(1.6 * 300) for request in made) == 1 and view.isVisible()
    assert len(images) == 3 and images[0] != images[1] != images[2]


def test_a_change_of_theme_repaints_it(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    before = view.grab().toImage().pixelColor(3, view.height() - 3).lightness()
    driver.menu("View", "Theme", "Dark" if before > 128 else "Light")
    after = view.grab().toImage().pixelColor(3, view.height() - 3).lightness()
    assert (before > 128) != (after > 128)


def test_it_is_as_large_as_its_plot(driver: Driver) -> None:
    view = in_space(driver, "noisy_line")
    driver.window.resize(1000, 700)
    driver.until(lambda: view.size() == driver.window.views.canvas(LandscapeCanvas).viewport().size())


def test_what_it_covers_is_not_painted(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    in_space(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    painted: list[object] = []
    paint = ContourItem.paint_pixels
    monkeypatch.setattr(ContourItem, "paint_pixels", lambda *args: painted.append(args) or paint(*args))
    driver.menu("View", "Theme", "Dark")  # all has to be painted anew
    driver.window.run_actions.step.trigger()
    driver.until(lambda: canvas.length == 2)
    driver.window.grab()
    assert not painted
    driver.menu("View", "Landscape in space")
    driver.menu("View", "Theme", "Light")
    driver.window.grab()
    assert painted
