"""Networks: points in the plane, and handwritten digits."""

from __future__ import annotations

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, Digits
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = "Networks"

NETWORKS = (
    Example(
        key="moons",
        title="Two moons: three rates",
        question="Which rate lets the network bend its line around the moons?",
        answer=(
            "Rate 1: 99 % of the test points are right after 400 steps. With 0.03 the line has hardly begun to bend "
            "(80 %). Rate 30 throws the weights so far that every unit is saturated: it guesses (50 %), and its loss "
            "stays far above where it began."
        ),
        group=_GROUP,
        pace=50,
        experiment=Experiment(
            problem=Classification(shape="moons"),
            runs=tuple(Run(lr=lr, color=place) for place, lr in enumerate((0.03, 1.0, 30.0))),
            steps=400,
        ),
    ),
    Example(
        key="spiral",
        title="A spiral, with Adam",
        question="Only one of three Adams untangles the spiral. Which, and what keeps the others from it?",
        answer=(
            "0.02: all test points are right after 400 steps. 0.001 has only turned a straight line by then (85 %), "
            "and 0.5 had come close, but its steps are too long to stay there: it jumps about for ever."
        ),
        group=_GROUP,
        pace=100,
        experiment=Experiment(
            problem=Classification(shape="spiral", noise=0.03, units=16, n=300),
            runs=tuple(Run(lr=lr, optimizer=Adam(), color=place) for place, lr in enumerate((0.001, 0.02, 0.5))),
            steps=1500,
            batch_size=32,
        ),
    ),
    Example(
        key="digits",
        title="Handwritten digits: three rates",
        question="Which rate learns to read, and what does it still read wrong?",
        answer=(
            "0.1: it reads 97 % of the test images after 600 mini-batches. 0.003 needs far longer (28 % by then). "
            "Rate 3 kills the units in its first steps, and a dead unit learns nothing more: it reads 1 in 10, as "
            "guessing does."
        ),
        group=_GROUP,
        pace=100,
        experiment=Experiment(
            problem=Digits(),
            runs=tuple(Run(lr=lr, optimizer=SGD(), color=place) for place, lr in enumerate((0.003, 0.1, 3.0))),
            steps=600,
            batch_size=32,
        ),
    ),
    Example(
        key="edge",
        title="Edge of stability",
        question="The loss gets ever more curved in training. How far, and what stops it?",
        answer=(
            "Up to 2/η, where plain steps stop being stable: what turns sharper is shaken off, so the rate itself "
            "holds it. λη comes to 2 at step 51 with 0.8, at 161 with 0.4, at 490 with 0.2, and hovers there. The "
            "smaller the rate, the sharper the place where it ends: λ is 10 with 0.2, 2.4 with 0.8."
        ),
        group=_GROUP,
        pace=500,
        experiment=Experiment(
            problem=Classification(shape="moons", n=300, noise=0.4, layers=3, units=8),
            runs=tuple(Run(lr=lr, color=place) for place, lr in enumerate((0.2, 0.4, 0.8))),
            steps=2000,
        ),
        views=("curvature",),
    ),
)
