"""Text 5: how to find a good rate."""

from __future__ import annotations

from lrstudio.core.problems import NoisyLine
from lrstudio.core.schedules import Exponential
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = "Finding a rate (text 5)"
_STEPS = 104
_LOW, _GROWTH = 1e-4, 1.1

TEXT_5 = (
    Example(
        key="six_rates",
        title="Six rates, each four times the last",
        question="Which of these rates would you take, and how narrow is the choice?",
        answer=(
            "0.256: it is within 1 % of the least loss after 22 steps, 0.064 after 93. All smaller ones are still on "
            "their way after 100, and four times the best rate explodes. Too small costs time; "
            "too large costs everything."
        ),
        group=_GROUP,
        pace=10,
        experiment=Experiment(
            problem=NoisyLine(),
            runs=tuple(Run(lr=round(0.001 * 4**place, 6), color=place) for place in range(6)),
            steps=100,
        ),
    ),
    Example(
        key="rising_rate",
        title="A rate that rises, one that falls",
        question="One run tries all rates upwards, one downwards. From which can you read a good rate?",
        answer=(
            "From the rising one: its loss falls fastest near 0.2 and turns near 0.5, so a good rate is around 0.1 to "
            "0.2. The falling one begins with rates above 1, which throw it out to a loss above 10⁴; what follows is "
            "only its way back."
        ),
        group=_GROUP,
        pace=10,
        experiment=Experiment(
            problem=NoisyLine(),
            runs=(
                Run(lr=_LOW, color=0, schedule=Exponential(gamma=_GROWTH), label="rising"),
                Run(lr=2.0, color=1, schedule=Exponential(gamma=round(1 / _GROWTH, 6)), label="falling"),
            ),
            steps=_STEPS,
            batch_size=10,
        ),
    ),
)
