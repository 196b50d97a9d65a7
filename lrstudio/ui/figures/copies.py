"""Copies of a window's plots, drawn anew at the size and in the theme of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.ui.canvases.canvas import OneRunCanvas, PlotCanvas
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.surface_view import TurnableLandscape
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.look.theme import Theme

DPI = 96
"""Pixels of an inch of a figure."""


@contextmanager
def uncached(plot: Plot) -> Iterator[None]:
    """Lets a plot be drawn as vectors, by turning off the caches of its items, which are pixels."""
    modes = {item: item.cacheMode() for item in plot.scene().items()}
    for item in modes:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in modes.items():
            item.setCacheMode(mode)


Redrawn = dict[PlotCanvas, PlotCanvas]
"""The copies of a window's plots in a figure."""


@contextmanager
def redrawing() -> Iterator[Redrawn]:
    """Deletes the redrawn plots when the figure is finished."""
    plots: Redrawn = {}
    try:
        yield plots
    finally:
        for copy in plots.values():
            copy.deleteLater()


def redrawn(canvas: PlotCanvas, size: QSize, theme: Theme) -> PlotCanvas:
    """Returns a copy of a canvas in another size and theme, with the same rows, runs, scales and view."""
    *_, copy = redrawing_in_pieces(canvas, size, theme)
    return copy


def redrawing_in_pieces(canvas: PlotCanvas, size: QSize, theme: Theme) -> Iterator[PlotCanvas]:
    """Yields what `redrawn` returns after each piece of the work; until the last one it is unfinished."""
    copy = type(canvas)(theme)
    yield copy
    copy.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    copy.setUpdatesEnabled(False)  # it is only rendered, never painted by itself
    shown: QFont = canvas.header.font()
    copy.setFont(in_pixels(shown, shown.pointSizeF()))
    copy.resize(size)
    if canvas.experiment is not None and canvas.trace is not None:
        copy.set_experiment(canvas.experiment, canvas.trace)
        yield copy
        _copy_state(copy, canvas)
        yield copy
        while copy.unfinished:
            copy.refresh()
            yield copy
        copy.set_step(canvas.step)
        yield copy
        copy.set_hidden(canvas.hidden)
        yield copy
    copy.show()
    yield copy
    copy.follow()
    if not canvas.following:
        x_range, y_range = canvas.plotItem.vb.viewRange()
        copy.plotItem.vb.setRange(xRange=x_range, yRange=y_range, padding=0)
    for item in copy.scene().items():
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)  # a cache would be pixels, not vectors
    copy.plotItem.layout.activate()
    copy.scene().prepareForPaint()
    yield copy


def in_pixels(font: QFont, points: float) -> QFont:
    """Returns the font with its size in pixels of 1/96 inch, so that the resolution of a device does not change it."""
    font = QFont(font)
    font.setPixelSize(round(points * DPI / 72))
    font.setFeature(QFont.Tag("liga"), 0)  # who looks for “first” finds no word with an fi in one piece
    return font


def _copy_state(copy: PlotCanvas, other: PlotCanvas) -> None:
    """Copies the state of a canvas apart from its trace."""
    if isinstance(copy, StepCanvas) and isinstance(other, StepCanvas):
        copy.set_log_steps(other.scale.log)
        copy.set_axis(other.axis)
    match copy, other:
        case LossCanvas(), LossCanvas():
            copy.set_log(other.log)
            copy.set_smoothing(other.beta)
        case OneRunCanvas(), OneRunCanvas():
            copy.select(other.selected)
        case CurvatureCanvas(), CurvatureCanvas():
            copy.show_samples(other.samples)
        case RateCanvas(), RateCanvas():
            copy.set_preview(*(other.preview or (None,)))
        case LandscapeCanvas(), LandscapeCanvas():
            copy.set_domain_background(other.domain_background)
            copy.show_background(other.shown_background)
            if isinstance(copy, TurnableLandscape) and isinstance(other, TurnableLandscape):
                copy.surface.show_surface(other.surface.requested)
                copy.surface.camera = other.surface.camera
