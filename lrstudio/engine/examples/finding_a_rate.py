"""How to find a good rate: the largest stable one, a row of rates, a rate that rises."""

from __future__ import annotations

from lrstudio.core.language import mark
from lrstudio.core.problems import NoisyLine
from lrstudio.core.schedules import Exponential
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = mark("Finding a good rate")
_STEPS = 106
_LOW, _GROWTH = 1e-4, 1.1

FINDING_A_RATE = (
    Example(
        key="noisy_line",
        title_template="noisy line: {run 1: rate}, {run 2: rate}, {run 3: rate}",
        question_template="Where is the largest rate that still works?",
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
        experiment_template=Experiment(
            problem=NoisyLine(),
            runs=(Run(lr=0.1, color=0), Run(lr=0.7, color=1), Run(lr=1.01, color=2)),
            steps=100,
        ),
    ),
    Example(
        key="six_rates",
        title_template="Six rates, from {run 1: rate} to {run 6: rate}",
        question_template="Which of these rates would you take, and how narrow is the choice?",
        claims=(
            Claim(
                "{run 5: rate}: it is within 1 % of the least loss after "
                "{run 5: steps to within 1 % of the floor} steps, {run 4: rate} after "
                "{run 4: steps to within 1 % of the floor}.",
                when="run 5: steps to within 1 % of the floor < run 4: steps to within 1 % of the floor",
            ),
            Claim(
                "All smaller ones are still on their way after {planned steps}: the loss of {run 3: rate} is "
                "{run 3: loss at end}, and the least there is {floor}.",
                when="run 1: loss at end > run 2: loss at end > run 3: loss at end > 1.05 * floor",
            ),
            Claim(
                "{run 6: rate} is above the limit {run 6: limit} and explodes. Too small costs time; too large costs "
                "everything.",
                when="run 6: rate > run 6: limit > run 5: rate and run 6: loss at end > 1000 * run 6: loss at start",
            ),
        ),
        group=_GROUP,
        pace=10,
        experiment_template=Experiment(
            problem=NoisyLine(),
            runs=tuple(Run(lr=round(0.001 * 4**index, 6), color=index) for index in range(6)),
            steps=150,
        ),
    ),
    Example(
        key="rising_rate",
        title_template="A rate that rises, one that falls",
        question_template="Rates upwards or downwards: from which run can you read a good rate?",
        premise="run 1: rate < 0.001 * run 2: rate",
        claims=(
            Claim(
                "From the {run 1: name} one: its loss falls fastest near {run 1: rate of the steepest fall}, is "
                "least at {run 1: rate of the least loss} and rises from there on, so a good rate is about the first "
                "of them, or half of it.",
                when="2 * run 1: rate of the steepest fall < run 1: rate of the least loss < 1.5 * run 1: limit "
                "and run 1: loss at end > 2 * run 1: least loss",
            ),
            Claim(
                "The {run 2: name} one begins with {run 2: rate}, above the limit {run 2: limit}, and is thrown out to "
                "a loss of {run 2: greatest loss}; what follows is only its way back.",
                when="run 2: rate > 1.5 * run 2: limit and run 2: greatest loss > 100 * run 2: loss at start "
                "and run 2: loss at end < 0.01 * run 2: greatest loss",
            ),
        ),
        group=_GROUP,
        pace=10,
        experiment_template=Experiment(
            problem=NoisyLine(),
            runs=(
                Run(lr=_LOW, color=0, schedule=Exponential(gamma=_GROWTH), label="rising"),
                Run(lr=2.4, color=1, schedule=Exponential(gamma=round(1 / _GROWTH, 6)), label="falling"),
            ),
            steps=_STEPS,
            batch_size=50,
        ),
    ),
)
