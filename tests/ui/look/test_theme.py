"""Colours have contrast, icons exist and follow the theme."""

from __future__ import annotations

import gc
from importlib.resources import files
from itertools import combinations
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from lrstudio.ui.look.theme import DARK, LIGHT, Theme, icon, mix
from tests.paints import luminance

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
ICONS = sorted(path.name for path in files("lrstudio.resources").joinpath("icons").iterdir())


def contrast(first: QColor, second: QColor) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@THEMES
def test_every_run_colour_has_a_contrast_of_three_to_one(theme: Theme) -> None:
    for index in range(8):
        assert contrast(theme.run_style(index).color, QColor(theme.background)) >= 3


@THEMES
def test_text_has_a_contrast_of_four_and_a_half_to_one(theme: Theme) -> None:
    for background in (theme.background, theme.surface, theme.raised):
        for text in (theme.foreground, theme.muted, theme.warning):
            assert contrast(QColor(text), QColor(background)) >= 4.5
    assert contrast(QColor(theme.on_accent), QColor(theme.accent)) >= 4.5


@THEMES
def test_eight_runs_differ_in_colour_in_dash_and_in_marker(theme: Theme) -> None:
    styles = [theme.run_style(index) for index in range(8)]
    for one, other in combinations(styles, 2):
        assert one.color != other.color
        assert one.dash != other.dash
        assert one.marker != other.marker
    assert theme.run_style(9) == theme.run_style(1)


@THEMES
def test_the_palette_has_the_colours_of_the_theme(theme: Theme) -> None:
    palette = theme.palette()
    assert palette.color(QPalette.ColorRole.Window) == QColor(theme.surface)
    assert palette.color(QPalette.ColorRole.Text) == QColor(theme.foreground)
    assert palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) == QColor(theme.muted)


def test_a_mixture_lies_between_its_colours() -> None:
    assert mix("#000000", "#FFFFFF", 0.0) == QColor("#000000")
    assert mix("#000000", "#FFFFFF", 1.0) == QColor("#FFFFFF")
    assert mix("#000000", "#FFFFFF", 0.2) == QColor(51, 51, 51)


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_valid_and_draws_something(name: str, qapp: object) -> None:
    source = files("lrstudio.resources").joinpath("icons", name).read_bytes()
    assert QSvgRenderer(source).isValid()
    image = icon(name.removesuffix(".svg"), LIGHT).pixmap(QSize(24, 24)).toImage()
    assert any(image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24))


def test_an_icon_is_drawn_in_the_text_colour_of_the_theme(qapp: object) -> None:
    for theme in (LIGHT, DARK):
        image = icon("stop", theme).pixmap(QSize(24, 24)).toImage()
        assert image.pixelColor(12, 12) == QColor(theme.foreground)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_an_icon_has_the_pixels_of_the_screen(ratio: float, qapp: object) -> None:
    pixmap = icon("play", LIGHT).pixmap(QSize(24, 24), ratio)
    assert pixmap.size() == QSize(24, 24) * ratio
    assert pixmap.devicePixelRatio() == ratio


def test_a_disabled_icon_is_paler(qapp: object) -> None:
    def ink(mode: QIcon.Mode) -> int:
        image: QImage = icon("stop", LIGHT).pixmap(QSize(24, 24), 1.0, mode).toImage()
        return image.pixelColor(12, 12).alpha()

    assert ink(QIcon.Mode.Disabled) < ink(QIcon.Mode.Normal)


def test_an_unknown_icon_is_an_error(qapp: object) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", LIGHT)


def test_an_icon_that_the_garbage_collector_takes_leaves_its_copies_whole(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    for _ in range(100):
        holder = SimpleNamespace(icon=icon("grip", LIGHT))
        holder.itself = holder
        button.setIcon(holder.icon)
    del holder
    gc.collect()
    assert bytes(button.icon().pixmap(QSize(16, 16)).toImage().constBits()).strip(b"\0")
