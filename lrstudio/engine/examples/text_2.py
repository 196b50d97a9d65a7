"""Text 2: (w + 1)² from 5."""

from __future__ import annotations

from lrstudio.core.problems import Parabola
from lrstudio.core.schedules import Exponential
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Gradient, Run

_GROUP = "(w + 1)² (text 2)"

TEXT_2 = (
    Example(
        key="parabola",
        heading="(w + 1)²: {run 1: rate}, {run 2: rate}, decay",
        asks="Which approaches the minimum faster, {run 1: rate} or {run 2: rate}?",
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
        heading="(w + 1)²: {run 1: rate}, {run 2: rate}, {run 3: rate}, {run 4: rate}",
        asks="Which of these rates arrive, how soon, and which never do?",
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
        experiment=Experiment(
            problem=Parabola(),
            runs=(Run(lr=0.3, color=0), Run(lr=0.5, color=1), Run(lr=1.0, color=2), Run(lr=1.05, color=3)),
            steps=30,
        ),
    ),
    Example(
        key="parabola_measured",
        heading="(w + 1)², measured in float32",
        asks="{run 2: rate} is above the limit {run 2: limit}. Does the measured gradient save it?",
        premise="run 2: rate > 1.1 * run 2: limit",
        claims=(
            Claim(
                "It only stops it, at w = {run 2: weight w at end} and a loss of {run 2: loss at end}: there the next "
                "float32 is {run 2: gap of w at end to 2 digits} away, the nudge of {nudge} is lost, and the measured "
                "gradient is exactly {run 2: slope of w at end}.",
                when="run 2: verdict is stuck and run 2: gap of w at end > 2 * nudge "
                "and run 2: loss at end > 100 * run 2: loss at start and run 2: slope of w at end = 0 within 0 %",
            ),
            Claim(
                "And {run 1: rate} stops at {run 1: weight w at end}, half a nudge beside the minimum.",
                when="run 1: distance at end = 0.5 * nudge within 20 %",
            ),
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
