"""Text 2: (w + 1)² from 5."""

from __future__ import annotations

from lrstudio.core.problems import Parabola
from lrstudio.core.schedules import Exponential
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Gradient, Run

_GROUP = "(w + 1)² (text 2)"

TEXT_2 = (
    Example(
        key="parabola",
        title="(w + 1)²: 0.01, 0.99, decay",
        question="0.99 jumps from side to side. Does it approach the minimum more slowly than 0.01?",
        answer=(
            "No: just as fast. A step multiplies the distance to the minimum by 1 − 2η, which is 0.98 for 0.01 and "
            "−0.98 for 0.99. After 100 steps both have a loss of 0.63; 0.2 with decay has one below 10⁻⁹."
        ),
        group=_GROUP,
        pace=20,
        experiment=Experiment(
            problem=Parabola(),
            runs=(
                Run(lr=0.01, color=0),
                Run(lr=0.99, color=1),
                Run(lr=0.2, color=2, schedule=Exponential(gamma=0.99), label="0.2, decay"),
            ),
            steps=100,
            precision="float32",
        ),
    ),
    Example(
        key="parabola_edge",
        title="(w + 1)²: 0.3, 0.5, 1, 1.05",
        question="One step, many steps, for ever, never: which rate does which?",
        answer=(
            "The factor 1 − 2η decides. 0.5 makes it 0 and arrives in one step; 0.3 makes it 0.4 and is within 10⁻⁶ "
            "after 18; 1 makes it −1 and jumps between 5 and −7 for ever; 1.05 makes it −1.1 and explodes."
        ),
        group=_GROUP,
        pace=5,
        experiment=Experiment(
            problem=Parabola(),
            runs=(Run(lr=0.3, color=0), Run(lr=0.5, color=1), Run(lr=1.0, color=2), Run(lr=1.05, color=3)),
            steps=30,
        ),
    ),
    Example(
        key="parabola_measured",
        title="(w + 1)², measured in float32",
        question="1.2 has to explode. Does the measured gradient save it?",
        answer=(
            "It only stops it, at w = 3954 and a loss of 1.56e+07: beyond 2048 the nudge of 0.0001 is less than half "
            "the way to the next float32, and the measured gradient is exactly 0. "
            "And 0.3 stops at −1.00005, half a nudge beside the minimum."
        ),
        group=_GROUP,
        pace=5,
        experiment=Experiment(
            problem=Parabola(),
            runs=(Run(lr=0.3, color=0), Run(lr=1.2, color=1)),
            steps=40,
            precision="float32",
            gradient=Gradient(mode="forward"),
        ),
    ),
)
