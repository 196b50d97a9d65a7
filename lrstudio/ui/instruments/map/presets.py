"""Maps that are worth a look, ready to be opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Model, Proportional, Quadratic, Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import names
from lrstudio.ui.instruments.map.colors import Column
from lrstudio.ui.instruments.map.question import MapQuestion
from lrstudio.ui.instruments.map.range import MapRange, usual_range

_SIDE, _MOST_STEPS = 256, 300
_FIRST_ASKED = ("optimizer.momentum", "optimizer.beta1")
_NETWORK = "w*tanh(v*tanh(u*x))"


@dataclass(frozen=True)
class Preset:
    """A question with a title, a sentence about what there is to see, and what to show of it."""

    title: str
    about: str
    question: MapQuestion
    column: Column = "verdict"


def of_session(session: Experiment, place: int) -> MapQuestion:
    """A run of a session: its rate against the number that matters most."""
    alone = session.alone(min(place, len(session.runs) - 1)).bare()
    experiment = replace(alone.planned_anew(), steps=min(session.steps, _MOST_STEPS))
    known = names(experiment)
    second = next((name for name in known if name in _FIRST_ASKED or name.startswith("start.")), known[1])
    return MapQuestion(experiment, usual_range(experiment, "lr"), usual_range(experiment, second), _SIDE)


def presets() -> list[Preset]:
    """In the order of the menu."""
    return [_momentum(), _boundary(), _weights(), _condition(), _start()]


def _momentum() -> Preset:
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=200)
    return Preset(
        _tr("Gradient descent with momentum"),
        _tr("Momentum β bears larger rates: the line is the limit 2(1 + β)/λ of the theory."),
        MapQuestion(
            experiment,
            MapRange("lr", 1e-3, 1.0, log=True, least=0.0),
            MapRange("optimizer.momentum", 0.0, 0.99, least=0.0, most=0.9999),
            _SIDE,
        ),
    )


def _boundary() -> Preset:
    return Preset(
        _tr("Boundary of a small network"),
        _tr("Where training fails is a fractal: zoom into its edge again and again, there is always more."),
        MapQuestion(
            _network(1.15),
            MapRange("lr", 0.8, 2.4, log=True, least=0.0),
            MapRange("start.w", -4.0, 4.0),
            _SIDE,
        ),
    )


def _weights() -> Preset:
    experiment = _network(1.15)
    about = _tr("Which starts train at a rate of {rate:g}: the edge is a fractal. Zoom into it again and again.")
    return Preset(
        _tr("Boundary of a small network: two weights"),
        about.format(rate=experiment.runs[0].lr),
        MapQuestion(experiment, MapRange("start.v", -4.0, 4.0), MapRange("start.w", -4.0, 4.0), _SIDE),
    )


def _condition() -> Preset:
    experiment = Experiment(problem=Quadratic(), runs=(Run(lr=0.1),), steps=200)
    return Preset(
        _tr("Rate × condition number"),
        _tr("The steeper the bowl is across, the smaller the rates that it bears, and the slower the way along it."),
        MapQuestion(
            experiment,
            MapRange("lr", 1e-3, 3.0, log=True, least=0.0),
            MapRange("problem.condition", 1.0, 1e3, log=True, least=1.0, most=1e6),
            128,
        ),
    )


def _start() -> Preset:
    experiment = Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-3),), steps=300)
    return Preset(
        _tr("Start × rate"),
        _tr("On a curved ravine the rate that is still good depends on where the run starts."),
        MapQuestion(
            experiment,
            MapRange("lr", 1e-4, 1e-2, log=True, least=0.0),
            usual_range(experiment, f"start.{experiment.problem.names[0]}"),
            _SIDE,
        ),
        "final_loss",
    )


def _network(lr: float) -> Experiment:
    """Three layers of one tanh unit each, on eight points of a sine without noise, all of them at every step."""
    return Experiment(problem=Model(model=_NETWORK, n=8, noise=0.0), runs=(Run(lr=lr),), steps=150)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Preset", text)
