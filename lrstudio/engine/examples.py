"""The ready experiments: each asks one question and answers it by three rates side by side."""

from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.problems import NoisyLine, Parabola, Proportional
from lrstudio.core.schedules import Exponential
from lrstudio.engine.experiment import Experiment, Run


@dataclass(frozen=True)
class Example:
    """An experiment to open from the menu. `key` names it in files, `title` on the screen."""

    key: str
    title: str
    question: str
    experiment: Experiment


EXAMPLES = (
    Example(
        "proportional",
        "y = 3x: 0.01, 0.1, 1",
        "One creeps, one arrives, one explodes. What does the rate decide?",
        Experiment(
            problem=Proportional(),
            runs=(Run(lr=0.01, color=0), Run(lr=0.1, color=1), Run(lr=1.0, color=2)),
            steps=1000,
        ),
    ),
    Example(
        "parabola",
        "(w + 1)²: 0.01, 0.99, decay",
        "0.99 jumps from side to side. Does it approach the minimum more slowly than 0.01?",
        Experiment(
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
        "noisy_line",
        "noisy line: 0.1, 0.7, 1.01",
        "Where is the largest rate that still works?",
        Experiment(
            problem=NoisyLine(),
            runs=(Run(lr=0.1, color=0), Run(lr=0.7, color=1), Run(lr=1.01, color=2)),
            steps=100,
        ),
    ),
)
