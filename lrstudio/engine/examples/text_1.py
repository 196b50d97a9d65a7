"""Text 1: y = 3x, fitted from (0, 0)."""

from __future__ import annotations

from lrstudio.core.problems import Proportional
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Gradient, Run

_GROUP = "y = 3x (text 1)"
_RUNS = (Run(lr=0.01, color=0), Run(lr=0.1, color=1), Run(lr=1.0, color=2))

TEXT_1 = (
    Example(
        key="proportional",
        heading="y = 3x: {run 1: rate}, {run 2: rate}, {run 3: rate}",
        asks="Does each of the three rates arrive? What does the rate decide?",
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
        experiment=Experiment(problem=Proportional(), runs=_RUNS, steps=1000),
    ),
    Example(
        key="float32_trap",
        heading="y = 3x, measured, with float32",
        asks="{run 3: rate} is far above the limit {run 3: limit}. Does it explode with a measured gradient?",
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
        experiment=Experiment(
            problem=Proportional(), runs=_RUNS, steps=40, precision="mixed", gradient=Gradient(mode="forward")
        ),
    ),
)
