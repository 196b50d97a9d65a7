"""The table of the window's plots: a new plot is a canvas and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lrstudio.core.language import mark
from lrstudio.core.problems import Problem
from lrstudio.core.record import dataclass
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
from lrstudio.ui.views.updater import CanvasUpdater

LEFT, RIGHT = 0, 1
_WIDTHS = (560, 440)
"""Initial shares of the two columns."""


@dataclass(frozen=True)
class View:
    """The declaration of a plot: menus, layouts, examples and exports are derived from it.

    `key` is part of saved layouts, examples (`Example.views`) and names of exported files, so it never changes.
    `column` and the relative `height` are the initial position, `last` ones at the bottom; `hidden` ones are shown on
    request only. `applies` selects the problems for which the plot is offered. `feed` is created with a canvas that
    shows more than the trace.
    """

    key: str
    title: str
    canvas: type[PlotCanvas]
    column: int
    height: float
    shortcut: str = ""
    applies: Callable[[Problem], bool] = lambda problem: True
    feed: Callable[[OpenSession, Bench, CanvasUpdater, Any], object] | None = None
    last: bool = False
    hidden: bool = False


VIEWS = (
    View(
        "landscape", mark("Landscape"), TurnableLandscape, LEFT, 600, "Alt+1", lambda p: p.has_landscape, LandscapeFeed
    ),
    View("data", mark("Data and fit"), DataFitCanvas, LEFT, 400, "Alt+2", lambda p: p.model is not None),
    View(
        "weights", mark("Weights against step"), WeightsCanvas, RIGHT, 400, "Alt+3", lambda p: p.records_all_parameters
    ),
    View("loss", mark("Loss against step"), LossCanvas, RIGHT, 400, "Alt+4"),
    View("rate", mark("Learning rate against step"), RateCanvas, RIGHT, 250, "Alt+5", feed=RateFeed, last=True),
    View(
        "boundary", mark("Points and boundary"), BoundaryCanvas, LEFT, 600, "Alt+6", lambda p: p.has_decision_boundary
    ),
    View(
        "mistakes", mark("Images read wrong"), MistakesCanvas, LEFT, 500, "Alt+7", lambda p: p.image_shape is not None
    ),
    View("first_layer", mark("First layer"), FirstLayerCanvas, LEFT, 500, "Alt+8", lambda p: p.image_shape is not None),
    View(
        "accuracy",
        mark("Accuracy against step"),
        AccuracyCanvas,
        RIGHT,
        400,
        "Alt+9",
        lambda p: "accuracy" in p.metrics,
    ),
    View(
        "curvature",
        mark("Curvature against step"),
        CurvatureCanvas,
        LEFT,
        400,
        "Alt+0",
        feed=CurvatureFeed,
        hidden=True,
    ),
)
"""The plots in the order of the menu."""


def first_layout(views: Sequence[View]) -> ViewLayout:
    """Returns the initial layout of the views."""
    ordered = sorted(views, key=lambda view: view.last)
    return ViewLayout(
        columns=tuple(tuple(view.key for view in ordered if view.column == column) for column in (LEFT, RIGHT)),
        widths=_WIDTHS,
        heights={view.key: view.height for view in views},
        hidden=frozenset(view.key for view in views if view.hidden),
    )
