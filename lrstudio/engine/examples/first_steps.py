"""Rates that are too small, right and too large, on one or two weights."""

from __future__ import annotations

from lrstudio.core.language import mark
from lrstudio.core.problems import Parabola, Proportional
from lrstudio.core.schedules import Exponential
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = mark("First steps: too small, right, too large")

FIRST_STEPS = (
    Example(
        key="proportional",
        title_template="y = 3x: {run 1: rate}, {run 2: rate}, {run 3: rate}",
        question_template="Does each of the three rates arrive? What does the rate decide?",
        claims=(
            Claim(
                "Whether it arrives, and when. The loss is down to 0.01 after {run 1: steps to loss 0.01} steps with "
                "{run 1: name} and after {run 2: steps to loss 0.01} with {run 2: name}.",
                when="run 2: steps to loss 0.01 < run 1: steps to loss 0.01",
            ),
            Claim(
                "The steepest curvature here is {curvature at the minimum}, and above 2/{curvature at the minimum} = "
                "{run 3: limit} every step makes the error larger: {run 3: name} is gone at step {run 3: diverged at}.",
                when="run 3: rate > run 3: limit > run 2: rate",
            ),
        ),
        group=_GROUP,
        experiment_template=Experiment(
            problem=Proportional(),
            runs=tuple(Run(lr=lr, color=index) for index, lr in enumerate((0.01, 0.1, 1.0))),
            steps=1000,
        ),
    ),
    Example(
        key="parabola",
        title_template="(w + 1)²: {run 1: rate}, {run 2: rate}, decay",
        question_template="Which approaches the minimum faster, {run 1: rate} or {run 2: rate}?",
        claims=(
            Claim(
                "Neither. A step multiplies the distance to the minimum by 1 − {curvature at the minimum}η, which is "
                "{run 1: factor in theory} for {run 1: rate} and {run 2: factor in theory} for {run 2: rate}: the "
                "first creeps, the second jumps from side to side. After {planned steps} steps their losses are "
                "{run 1: loss at end} and {run 2: loss at end}.",
                when="run 1: factor in theory > 0 and run 2: factor in theory = -1 * run 1: factor in theory within 1 %"
                " and run 1: loss at end = run 2: loss at end within 2 %",
            ),
            Claim(
                "Decay from {run 3: rate} has a loss of {run 3: loss at end} by then.",
                when="run 3: loss at end < 0.0001 * run 1: loss at end",
            ),
        ),
        group=_GROUP,
        pace=20,
        experiment_template=Experiment(
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
        title_template="(w + 1)²: {run 1: rate}, {run 2: rate}, {run 3: rate}, {run 4: rate}",
        question_template="Which of these rates arrive, how soon, and which never do?",
        claims=(
            Claim(
                "The factor 1 − {curvature at the minimum}η decides. {run 2: rate} makes it "
                "{run 2: factor in theory to 2 digits} and is within 10⁻⁶ of the minimum at step "
                "{run 2: steps to distance 1e-6}; {run 1: rate} makes it {run 1: factor in theory} and is there at "
                "step {run 1: steps to distance 1e-6}.",
                when="run 2: steps to distance 1e-6 < run 1: steps to distance 1e-6",
            ),
            Claim(
                "{run 3: rate} makes it {run 3: factor in theory} and jumps between {run 3: weight w at 0} and "
                "{run 3: weight w at 1} for ever.",
                when="run 3: verdict is cycling and run 3: weight w at 0 = run 3: weight w at 30 within 0.1 %",
            ),
            Claim(
                "{run 4: rate} makes it {run 4: factor in theory}: every jump is longer than the last, and the loss "
                "grows from {run 4: loss at start} to {run 4: loss at end}.",
                when="run 4: factor in theory < -1 and run 4: loss at end > 2 * run 4: loss at start",
            ),
        ),
        group=_GROUP,
        pace=5,
        experiment_template=Experiment(
            problem=Parabola(),
            runs=(Run(lr=0.3, color=0), Run(lr=0.5, color=1), Run(lr=1.0, color=2), Run(lr=1.05, color=3)),
            steps=30,
        ),
    ),
)
