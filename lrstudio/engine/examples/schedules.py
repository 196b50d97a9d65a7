"""Rates that fall during a run: the schedules side by side, and against the noise of mini-batches."""

from __future__ import annotations

from lrstudio.core.language import mark
from lrstudio.core.problems import NoisyLine, Parabola
from lrstudio.core.schedules import Constant, Cosine, Exponential, Linear, Polynomial, Schedule, Step
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = mark("Schedules and mini-batches")
_SCHEDULES: tuple[tuple[str, Schedule], ...] = (
    (mark("constant"), Constant()),
    (mark("exponential"), Exponential(gamma=0.95)),
    (mark("step decay"), Step(step_size=20, gamma=0.5)),
    (mark("cosine"), Cosine()),
    (mark("linear"), Linear()),
    (mark("polynomial"), Polynomial(power=2.0)),
)

SCHEDULES = (
    Example(
        key="schedules",
        title_template="Six schedules from rate {run 1: rate}",
        question_template="At {run 1: rate} the factor is {run 1: factor in theory}: it jumps. "
        "Which schedule ends that first?",
        premise="run 1: factor in theory = -1 within 0.1 %",
        claims=(
            Claim(
                "The one that falls first: {run 2: name} has a loss below 1 at step {run 2: steps to loss 1}, "
                "{run 6: name} at {run 6: steps to loss 1}, {run 5: name} at {run 5: steps to loss 1} and "
                "{run 4: name}, which stays high longest, at {run 4: steps to loss 1}.",
                when="run 2: steps to loss 1 < run 6: steps to loss 1 < run 5: steps to loss 1 "
                "and run 5: steps to loss 1 < run 4: steps to loss 1 "
                "and run 4: rate at 5 > run 5: rate at 5 > run 6: rate at 5 > run 2: rate at 5",
            ),
            Claim(
                "The schedule {run 3: name} jumps on until its first fall, to {run 3: rate at 20}, and is there at "
                "step {run 3: steps to loss 1}.",
                when="run 3: loss at 20 = run 3: loss at start within 1 % and run 3: steps to loss 1 = 21 within 1 %",
            ),
            Claim(
                "The rate that stays {run 1: name} never is: its loss is {run 1: loss at end} in the end, as it was "
                "in the beginning.",
                when="run 1: verdict is cycling and run 1: loss at end = run 1: loss at start within 1 %",
            ),
        ),
        group=_GROUP,
        pace=5,
        experiment_template=Experiment(
            problem=Parabola(),
            runs=tuple(
                Run(lr=1.0, schedule=schedule, label=label, color=index)
                for index, (label, schedule) in enumerate(_SCHEDULES)
            ),
            steps=60,
        ),
    ),
    Example(
        key="noisy_batches",
        title_template="noisy line, batches of {batch size}",
        question_template="Batches of {batch size} points: which run comes to rest, and what brings it there?",
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
        experiment_template=Experiment(
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
