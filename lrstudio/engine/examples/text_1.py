"""Text 1: y = 3x, fitted from (0, 0)."""

from __future__ import annotations

from lrstudio.core.problems import Proportional
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Gradient, Run

_GROUP = "y = 3x (text 1)"
_RUNS = (Run(lr=0.01, color=0), Run(lr=0.1, color=1), Run(lr=1.0, color=2))

TEXT_1 = (
    Example(
        key="proportional",
        title="y = 3x: 0.01, 0.1, 1",
        question="One creeps, one arrives, one explodes. What does the rate decide?",
        answer=(
            "Whether it arrives, and when. The loss is down to 0.01 after 440 steps with 0.01 and after 44 with 0.1. "
            "The steepest curvature here is 16.7, and above 2/16.7 = 0.12 every step makes the error larger: 1 is gone "
            "at step 128."
        ),
        group=_GROUP,
        experiment=Experiment(problem=Proportional(), runs=_RUNS, steps=1000),
    ),
    Example(
        key="float32_trap",
        title="y = 3x, measured: 1 stands still",
        question="Rate 1 has to explode, but its loss stays at 1.47e+09. Why?",
        answer=(
            "The gradient is measured: add 0.0001 to w and see how the loss changes. At w = 12755, where it is after "
            "three steps, the next float32 is 0.001 away: the nudge is lost, and the measured gradient is exactly 0. "
            "With the exact gradient (Run ▸ Gradient) it explodes."
        ),
        group=_GROUP,
        pace=5,
        experiment=Experiment(
            problem=Proportional(), runs=_RUNS, steps=40, precision="mixed", gradient=Gradient(mode="forward")
        ),
    ),
)
