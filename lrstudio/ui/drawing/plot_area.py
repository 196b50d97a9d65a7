"""The scene of a plot: a view between its axes, below a header and above a caption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy

from lrstudio.ui.drawing.pyqtgraph import pg

_HEADER_ROW, _VIEW_ROW, _CAPTION_ROW = 0, 1, 2
_AXES = {"left": (_VIEW_ROW, 0), "right": (_VIEW_ROW, 2), "bottom": (_CAPTION_ROW, 1)}


class PlotArea(pg.GraphicsWidget):  # type: ignore[misc]
    """Takes the place of pyqtgraph's PlotItem, whose menu of forty controls would take longer than all of the rest."""

    def __init__(self, axes: Mapping[str, Any], header: Any, caption: Any) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.vb = pg.ViewBox(parent=self, enableMenu=False)
        self.layout = layout = QGraphicsGridLayout()
        layout.setContentsMargins(2, 2, 14, 4)
        layout.setSpacing(0)
        self.setLayout(layout)
        layout.addItem(self.vb, _VIEW_ROW, 1)
        layout.addItem(header, _HEADER_ROW, 0, 1, 3)
        layout.addItem(caption, _CAPTION_ROW, 0)
        layout.setRowStretchFactor(_VIEW_ROW, 1)
        layout.setColumnStretchFactor(1, 1)
        for side, axis in axes.items():
            self.add_axis(side, axis)

    def add_axis(self, side: str, axis: Any) -> None:
        """Places an axis beside the view."""
        axis.linkToView(self.vb)
        self.layout.addItem(axis, *_AXES[side])
        axis.setZValue(0.5)
        axis.setFlag(QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
