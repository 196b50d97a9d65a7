"""Text 4: a line through noisy points."""

from __future__ import annotations

from lrstudio.core.problems import NoisyLine
from lrstudio.core.schedules import Exponential
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = "A noisy line (text 4)"

TEXT_4 = (
    Example(
        key="noisy_line",
        heading="noisy line: {run 1: rate}, {run 2: rate}, {run 3: rate}",
        asks="Where is the largest rate that still works?",
        claims=(
            Claim(
                "Just below {run 3: rate}, which gets worse with every step: the steepest curvature is "
                "{curvature at the minimum}, so the limit is 2/{curvature at the minimum} = {run 3: limit}.",
                when="run 3: rate > run 3: limit > 0.95 * run 3: rate and run 3: loss at end > run 3: loss at 50 "
                "and run 3: loss at 50 > run 3: loss at 20",
            ),
            Claim(
                "{run 2: rate} is within 1 % of the least loss after {run 2: steps to within 1 % of the floor} steps, "
                "{run 1: rate} after {run 1: steps to within 1 % of the floor}.",
                when="run 2: steps to within 1 % of the floor < run 1: steps to within 1 % of the floor",
            ),
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
        heading="noisy line, batches of {batch size}",
        asks="Batches of {batch size} points: which run comes to rest, and what brings it there?",
        claims=(
            Claim(
                "Every batch points somewhere else, and the rate decides how far it pulls. In the last 100 steps w "
                "wanders by {run 1: spread of w over the last 100 steps} with {run 1: name} and by "
                "{run 2: spread of w over the last 100 steps} with {run 2: name}.",
                when="run 1: spread of w over the last 100 steps > 3 * run 2: spread of w over the last 100 steps",
            ),
            Claim(
                "{run 2: name} needs {run 2: steps to within 10 % of the floor} steps to come within 10 % of the least "
                "loss on all data, {run 1: name} touches it at step {run 1: steps to within 10 % of the floor}.",
                when="run 2: steps to within 10 % of the floor > 4 * run 1: steps to within 10 % of the floor",
            ),
            Claim(
                "Decay from {run 3: rate} has both: it is there at step {run 3: steps to within 10 % of the floor} "
                "and wanders by {run 3: spread of w over the last 100 steps} in the end.",
                when="run 2: steps to within 10 % of the floor > 4 * run 3: steps to within 10 % of the floor and "
                "run 2: spread of w over the last 100 steps > 3 * run 3: spread of w over the last 100 steps",
            ),
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
