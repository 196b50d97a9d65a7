"""Pictures of a network that classifies images: misclassified images, and the weights of the first layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.network import Network, Split
from lrstudio.ui.canvases.canvas import OneRunCanvas
from lrstudio.ui.drawing.pixels import PixelItem, draw_text_in
from lrstudio.ui.look.theme import Theme

_SIDE, _CRISP = 8, 8
_LEAST_TILE, _LARGEST_TILE = 34.0, 90.0
_GAP = 6.0
_BETWEEN_TEXTS = 10.0


class PicturesCanvas(OneRunCanvas):
    """Shows as many pictures of the selected run at the shown step as fit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.tiles = TilesItem()
        super().__init__(theme, parent)
        self.addItem(self.tiles)
        self._grid.setVisible(False)
        for side in ("left", "bottom"):
            self.axes[side].hide()
        self.caption.setVisible(False)
        self.plotItem.vb.setMouseEnabled(False, False)

    def forget(self) -> None:
        super().forget()
        self.tiles.set_tiles(np.empty((0, _SIDE, _SIDE)), [], signed=False)

    def draw(self) -> None:
        experiment, trace = self.experiment, self.trace
        network = None if experiment is None else experiment.problem.network
        if experiment is None or trace is None or network is None or experiment.problem.image_shape is None:
            return
        run = min(self.selected, trace.runs - 1)
        with np.errstate(all="ignore"):
            self.show_network(network, experiment.problem.split(experiment.seed), self.shown_weights(run)[None])
        self.header.entries = [(self.name(run), self.style(run))]
        self.header.update()

    def show_network(self, network: Network, split: Split, weights: Array) -> None:
        """Creates the tiles for weights (1, P)."""
        raise NotImplementedError

    def _apply_font(self) -> None:
        super()._apply_font()
        self.tiles.set_font(self.header.font())

    def restyle(self) -> None:
        self.tiles.set_theme(self.theme)

    def legend(self) -> list[tuple[str, Any]]:
        return self.header.entries if isinstance(self.header.entries, list) else []


class MistakesCanvas(PicturesCanvas):
    """Misclassified test images with their labels and predictions."""

    def show_network(self, network: Network, split: Split, weights: Array) -> None:
        predictions = network.outputs(weights, split.other_x)[0].argmax(axis=0)
        wrong = np.flatnonzero(predictions != split.other_labels)
        images = split.other_x[wrong].reshape(-1, _SIDE, _SIDE)
        texts = [f"{split.other_labels[index]} → {predictions[index]}" for index in wrong]
        self.tiles.set_tiles(images, texts, signed=False)
        note = tr("{wrong} of {all} test images · what it is → what is read", wrong=len(wrong), all=len(predictions))
        self.set_titles(tr("Images read wrong"), "", note)


class FirstLayerCanvas(PicturesCanvas):
    """The weights of each unit of the first layer as a picture: positive ones blue, negative ones orange."""

    def show_network(self, network: Network, split: Split, weights: Array) -> None:
        matrix = network.matrices(weights)[0][0][0]
        most = float(np.abs(matrix).max()) if np.isfinite(matrix).all() else math.nan
        images = np.nan_to_num(matrix / (most or 1.0)).reshape(-1, _SIDE, _SIDE)
        self.tiles.set_tiles(images, [], signed=True)
        note = tr("{units} units, ±{most:.2g}", units=len(images), most=most)
        self.set_titles(tr("Weights of the first layer"), "", note)


class TilesItem(PixelItem):
    """Images (n, 8, 8) in rows: values 0..1 in grey, `signed` ones -1..1 in two colours."""

    def __init__(self) -> None:
        super().__init__()
        self._images = np.empty((0, _SIDE, _SIDE))
        self.texts: list[str] = []
        self._signed = False
        self._theme: Theme | None = None
        self._font = QFont()
        self._tiles: list[QImage] = []

    def set_font(self, font: QFont) -> None:
        self._font = font
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._tiles = theme, []
        self.update()

    def set_tiles(self, images: Array, texts: list[str], *, signed: bool) -> None:
        self._images, self.texts, self._signed, self._tiles = images, texts, signed, []
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._theme is None or not len(self._images):
            return
        painter.setFont(self._font)
        side, size, columns, rows = self.fitted(area.width(), area.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setPen(QColor(self._theme.foreground))
        count = min(len(self._images), columns * rows)
        if len(self._tiles) < count:
            self._tiles = self._enlarged(count)
        for index in range(count):
            row, column = divmod(index, columns)
            x, y = area.left() + column * size.width(), area.top() + row * size.height()
            painter.drawImage(QRectF(x + (size.width() - _GAP - side) / 2, y, side, side), self._tiles[index])
            if self.texts:
                below = QRectF(x, y + side, size.width() - _GAP, size.height() - _GAP - side)
                draw_text_in(painter, below, Qt.AlignmentFlag.AlignCenter, self.texts[index])

    def fitted(self, width: float, height: float) -> tuple[float, QSizeF, int, int]:
        """Returns side and tile size, columns and rows: the largest at which all images fit, or the least."""
        metrics = QFontMetricsF(self._font)
        wide = max(map(metrics.horizontalAdvance, self.texts), default=-_BETWEEN_TEXTS) + _BETWEEN_TEXTS
        below = metrics.height() + 2 if self.texts else 0.0
        side = _LARGEST_TILE
        while True:
            size = QSizeF(max(side + _GAP, wide), side + below + _GAP)
            columns = max(1, int((width + _GAP) // size.width()))
            rows = max(1, int((height + _GAP) // size.height()))
            if columns * rows >= len(self._images) or side <= _LEAST_TILE:
                return side, size, columns, rows
            side = max(_LEAST_TILE, side - 4)

    def _enlarged(self, count: int) -> list[QImage]:
        """Returns the first images in the theme's colours, with more pixels: viewers blur enlarged images of an SVG."""
        wide = _CRISP * _SIDE
        pixels = self._colored(self._images[:count]).repeat(_CRISP, axis=1).repeat(_CRISP, axis=2)
        return [QImage(each.data, wide, wide, 3 * wide, QImage.Format.Format_RGB888).copy() for each in pixels]

    def _colored(self, images: Array) -> Array:
        """Returns images (n, 8, 8) in the theme's colours, (n, 8, 8, 3)."""
        assert self._theme is not None
        plain, ink, negative = (
            np.array([color.red(), color.green(), color.blue()], float)
            for color in map(QColor, (self._theme.surface, self._theme.foreground, self._theme.runs[1]))
        )
        values = images[..., None]
        accent = QColor(self._theme.accent)
        positive = np.array([accent.red(), accent.green(), accent.blue()], float) if self._signed else ink
        rgb = plain + np.abs(values) * (np.where(values < 0, negative, positive) - plain)
        return np.ascontiguousarray(np.clip(rgb, 0, 255), np.uint8)
