"""The plots of the window: a new one is a canvas and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lrstudio.core.problems import Problem
from lrstudio.ui.canvases.boundary import BoundaryCanvas
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.surface_view import TurnableLandscape
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.metric import AccuracyCanvas
from lrstudio.ui.canvases.pictures import FirstLayerCanvas, MistakesCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.feeds import CurvatureFeed, LandscapeFeed, RateFeed
from lrstudio.ui.views.layout import ViewLayout
from lrstudio.ui.views.upkeep import Upkeep

LEFT, RIGHT = 0, 1
_WIDTHS = (560, 440)
"""Shares of the two columns at first."""


@dataclass(frozen=True)
class View:
    """A plot of the window, declared once; everything that offers, shows, saves or exports plots reads this.

    `key` stands in saved layouts, examples (`Example.views`) and names of exported files, so it never changes. The plot
    stands in a `column` at first, with a `height` in proportion to the others there, `last` ones below the others;
    `hidden` ones have to be shown by the user or by an example. It is offered for problems to which it `applies`.
    A `feed` is made with the canvas where it shows more than the trace.
    """

    key: str
    title: str
    canvas: type[PlotCanvas]
    column: int
    height: float
    shortcut: str = ""
    applies: Callable[[Problem], bool] = lambda problem: True
    feed: Callable[[OpenSession, Bench, Upkeep, Any], object] | None = None
    last: bool = False
    hidden: bool = False


VIEWS = (
    View("landscape", "Landscape", TurnableLandscape, LEFT, 600, "Alt+1", lambda p: p.has_landscape, LandscapeFeed),
    View("data", "Data and fit", DataFitCanvas, LEFT, 400, "Alt+2", lambda p: p.model is not None),
    View("weights", "Weights against step", WeightsCanvas, RIGHT, 400, "Alt+3", lambda p: p.records_all_parameters),
    View("loss", "Loss against step", LossCanvas, RIGHT, 400, "Alt+4"),
    View("rate", "Learning rate against step", RateCanvas, RIGHT, 250, "Alt+5", feed=RateFeed, last=True),
    View("boundary", "Points and boundary", BoundaryCanvas, LEFT, 600, "Alt+6", lambda p: p.has_decision_boundary),
    View("mistakes", "Images read wrong", MistakesCanvas, LEFT, 500, "Alt+7", lambda p: p.image_shape is not None),
    View("first_layer", "First layer", FirstLayerCanvas, LEFT, 500, "Alt+8", lambda p: p.image_shape is not None),
    View("accuracy", "Accuracy against step", AccuracyCanvas, RIGHT, 400, "Alt+9", lambda p: "accuracy" in p.metrics),
    View("curvature", "Curvature against step", CurvatureCanvas, LEFT, 400, "Alt+0", feed=CurvatureFeed, hidden=True),
)
"""In the menu's order."""


def first_layout(views: Sequence[View]) -> ViewLayout:
    """Where the views stand before the user moves them."""
    ordered = sorted(views, key=lambda view: view.last)
    return ViewLayout(
        columns=tuple(tuple(view.key for view in ordered if view.column == column) for column in (LEFT, RIGHT)),
        widths=_WIDTHS,
        heights={view.key: view.height for view in views},
        hidden=frozenset(view.key for view in views if view.hidden),
    )
