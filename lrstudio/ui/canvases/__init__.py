"""The plots: each shows one thing of a trace, and knows neither threads nor the window."""

from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas

__all__ = ["DataFitCanvas", "LandscapeCanvas", "LossCanvas", "PlotCanvas", "RateCanvas", "WeightsCanvas"]
