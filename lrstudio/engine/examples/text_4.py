"""Text 4: a line through noisy points."""

from __future__ import annotations

from lrstudio.core.problems import NoisyLine
from lrstudio.core.schedules import Exponential
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = "A noisy line (text 4)"

TEXT_4 = (
    Example(
        key="noisy_line",
        title="noisy line: 0.1, 0.7, 1.01",
        question="Where is the largest rate that still works?",
        answer=(
            "Just below 1.01, which gets worse with every step: the steepest curvature is 2.03, so the limit is "
            "2/2.03 = 0.99. 0.7 is within 1 % of the least loss after 7 steps, 0.1 after 59."
        ),
        group=_GROUP,
        pace=10,
        experiment=Experiment(
            problem=NoisyLine(),
            runs=(Run(lr=0.1, color=0), Run(lr=0.7, color=1), Run(lr=1.01, color=2)),
            steps=100,
        ),
    ),
    Example(
        key="noisy_batches",
        title="noisy line, batches of 4",
        question="With batches of 4 points 0.5 never comes to rest. What brings it there?",
        answer=(
            "Every batch points somewhere else, and the rate decides how far it pulls. In the last 100 steps w wanders "
            "by 0.13 with 0.5 and by 0.014 with 0.05, which needs ten times as long to arrive. Decay has both: it is "
            "there at once and wanders by 0.001 in the end."
        ),
        group=_GROUP,
        pace=20,
        experiment=Experiment(
            problem=NoisyLine(),
            runs=(
                Run(lr=0.5, color=0),
                Run(lr=0.05, color=1),
                Run(lr=0.5, color=2, schedule=Exponential(gamma=0.98), label="0.5, decay"),
            ),
            steps=300,
            batch_size=4,
        ),
    ),
)
