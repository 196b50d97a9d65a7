"""The scene of a plot: a view between its axes, below a header and above a caption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QGraphicsSceneWheelEvent, QSizePolicy

from lrstudio.ui.drawing.pyqtgraph import pg

_HEADER_ROW, _VIEW_ROW, _CAPTION_ROW = 0, 1, 2
_AXES = {"left": (_VIEW_ROW, 0), "right": (_VIEW_ROW, 2), "bottom": (_CAPTION_ROW, 1)}


_MOST_WHEEL = 2400
"""Greatest turn of the wheel in one event, twenty notches: the factor of a larger one would overflow."""


class View(pg.ViewBox):  # type: ignore[misc]
    """pyqtgraph's view without its menu, which zooms by a bounded factor at once."""

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        event.setDelta(max(-_MOST_WHEEL, min(_MOST_WHEEL, event.delta())))
        super().wheelEvent(event, axis)


class PlotArea(pg.GraphicsWidget):  # type: ignore[misc]
    """Takes the place of pyqtgraph's PlotItem, whose menu of forty controls would take longer than all of the rest."""

    def __init__(self, axes: Mapping[str, Any], header: Any, caption: Any) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.vb = View(parent=self, enableMenu=False)
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
