"""Maps that are ready to be opened."""

from __future__ import annotations

from lrstudio.core.language import tr
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Model, Proportional, Quadratic, Rosenbrock
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.instruments.map.colors import Column
from lrstudio.ui.instruments.map.range import MapRange, usual_range
from lrstudio.ui.instruments.map.request import MapRequest

_SIDE = 256
_NETWORK = "w*tanh(v*tanh(u*x))"


@dataclass(frozen=True)
class Preset:
    """A map that is ready to be opened: its title, a sentence about it, and the column to show."""

    title: str
    about: str
    request: MapRequest
    column: Column = "verdict"


def presets() -> list[Preset]:
    """Returns the maps in the order of the menu."""
    return [_momentum(), _boundary(), _weights(), _condition(), _start()]


def _momentum() -> Preset:
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=200)
    return Preset(
        tr("Gradient descent with momentum"),
        tr("Momentum β bears larger rates: the line is the limit 2(1 + β)/λ of the theory."),
        MapRequest(
            experiment,
            MapRange("lr", 1e-3, 1.0, log=True, least=0.0),
            MapRange("optimizer.momentum", 0.0, 0.99, least=0.0, most=0.9999),
            _SIDE,
        ),
    )


def _boundary() -> Preset:
    return Preset(
        tr("Boundary of a small network"),
        tr("Where training fails is a fractal: zoom into its edge again and again, there is always more."),
        MapRequest(
            _network(1.15), MapRange("lr", 0.8, 2.4, log=True, least=0.0), MapRange("start.w", -4.0, 4.0), _SIDE
        ),
    )


def _weights() -> Preset:
    experiment = _network(1.15)
    about = tr("Which starts train at a rate of {rate:g}: the edge is a fractal. Zoom into it again and again.")
    return Preset(
        tr("Boundary of a small network: two weights"),
        about.format(rate=experiment.runs[0].lr),
        MapRequest(experiment, MapRange("start.v", -4.0, 4.0), MapRange("start.w", -4.0, 4.0), _SIDE),
    )


def _condition() -> Preset:
    experiment = Experiment(problem=Quadratic(), runs=(Run(lr=0.1),), steps=200)
    return Preset(
        tr("Rate × condition number"),
        tr("The steeper the bowl is across, the smaller its largest stable rate, and the slower the path along it."),
        MapRequest(
            experiment,
            MapRange("lr", 1e-3, 3.0, log=True, least=0.0),
            MapRange("problem.condition", 1.0, 1e3, log=True, least=1.0, most=1e6),
            128,
        ),
    )


def _start() -> Preset:
    experiment = Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-3),), steps=300)
    return Preset(
        tr("Start × rate"),
        tr("On a curved ravine the rate that is still good depends on where the run starts."),
        MapRequest(
            experiment,
            MapRange("lr", 1e-4, 1e-2, log=True, least=0.0),
            usual_range(experiment, f"start.{experiment.problem.names[0]}"),
            _SIDE,
        ),
        "final_loss",
    )


def _network(lr: float) -> Experiment:
    """Returns three layers of one tanh unit each, on eight points of a sine without noise, in full batches."""
    return Experiment(problem=Model(model=_NETWORK, n=8, noise=0.0), runs=(Run(lr=lr),), steps=150)
