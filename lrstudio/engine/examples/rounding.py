"""Gradients that are measured by a difference, in float32, where rounding swallows the difference."""

from __future__ import annotations

from lrstudio.core.language import mark
from lrstudio.core.problems import Parabola, Proportional
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Gradient, Run

_GROUP = mark("Measured gradients and rounding")

ROUNDING = (
    Example(
        key="float32_trap",
        title_template="y = 3x, measured, with float32",
        question_template="{run 3: rate} is far above the limit {run 3: limit}. "
        "Does it explode with a measured gradient?",
        premise="run 3: rate > 5 * run 3: limit",
        claims=(
            Claim(
                "No, it stands still: its loss stays at {run 3: loss at end}. The gradient is measured: add {nudge} to "
                "w and see how the loss changes. At w = {run 3: weight w at end}, where it has been since step "
                "{run 3: at rest since}, the next float32 is {run 3: gap of w at end to 1 digits} away: the nudge is "
                "lost, and the measured gradient is exactly {run 3: slope of w at end}.",
                when="run 3: verdict is stuck and run 3: gap of w at end > 2 * nudge "
                "and run 3: slope of w at end = 0 within 0 %",
            ),
            Claim(
                "The exact gradient (Run ▸ Gradient) knows no such rest: above {run 3: limit} every step makes the "
                "error larger.",
                when="run 3: rate > run 3: limit",
            ),
        ),
        group=_GROUP,
        pace=5,
        experiment_template=Experiment(
            problem=Proportional(),
            runs=tuple(Run(lr=lr, color=index) for index, lr in enumerate((0.01, 0.1, 1.0))),
            steps=40,
            precision="mixed",
            gradient=Gradient(mode="forward"),
        ),
    ),
    Example(
        key="parabola_measured",
        title_template="(w + 1)², measured in float32",
        question_template="{run 2: rate} is above the limit {run 2: limit}. Does the measured gradient save it?",
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
        experiment_template=Experiment(
            problem=Parabola(),
            runs=(Run(lr=0.3, color=0), Run(lr=1.2, color=1)),
            steps=40,
            precision="float32",
            gradient=Gradient(mode="forward"),
        ),
    ),
)
