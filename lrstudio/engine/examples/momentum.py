"""Momentum, and optimizers that adapt the rate to each weight."""

from __future__ import annotations

from lrstudio.core.language import mark
from lrstudio.core.optimizers import SGD, Adadelta, Adagrad, Adam, RMSprop
from lrstudio.core.problems import Proportional, Rosenbrock
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = mark("Momentum and adaptive optimizers")
_MOMENTUM = SGD(momentum=0.9)
_NESTEROV = SGD(momentum=0.9, nesterov=True)


def _plain_and_momentum(lr: float) -> tuple[Run, ...]:
    return (
        Run(lr=lr, color=0, label="plain"),
        Run(lr=lr, color=1, optimizer=_MOMENTUM, label="momentum"),
        Run(lr=lr, color=2, optimizer=_NESTEROV, label="Nesterov"),
    )


MOMENTUM = (
    Example(
        key="momentum",
        title_template="Momentum in a narrow valley",
        question_template="All have the rate {run 1: rate}. What does momentum gain, and what does it cost?",
        premise="run 1: rate = run 2: rate within 0 % and run 1: rate = run 3: rate within 0 %",
        claims=(
            Claim(
                "Plain steps along the valley's flat floor are tiny; momentum adds them up. It is below a loss of 0.01 "
                "after {run 2: steps to loss 0.01} steps, {run 3: name}, which looks ahead, after "
                "{run 3: steps to loss 0.01}, {run 1: name} after {run 1: steps to loss 0.01}.",
                when="run 3: steps to loss 0.01 < run 2: steps to loss 0.01 "
                "and 2 * run 2: steps to loss 0.01 < run 1: steps to loss 0.01",
            ),
            Claim(
                "The price is that it swings: w, on its way to 3, goes as far as {run 2: greatest weight w to 3 "
                "digits} with {run 2: name}, and {run 1: greatest weight w to 3 digits} with {run 1: name}.",
                when="run 2: greatest weight w > 3.1 and run 1: greatest weight w < 3",
            ),
        ),
        group=_GROUP,
        pace=20,
        experiment_template=Experiment(problem=Proportional(), runs=_plain_and_momentum(0.02), steps=250),
    ),
    Example(
        key="momentum_limit",
        title_template="Momentum above the plain limit",
        question_template="{run 1: rate} is above the limit {run 1: limit} of plain steps. "
        "Does momentum make it worse?",
        premise="run 1: rate > run 1: limit",
        claims=(
            Claim(
                "Momentum makes it better: its limit is {run 2: limit}, and its loss falls to {run 2: loss at end} "
                "while {run 1: name} explodes.",
                when="run 2: limit > run 2: rate > run 1: limit and run 2: loss at end < 0.01 * run 2: loss at start "
                "and run 1: loss at end > 1000 * run 1: loss at start",
            ),
            Claim(
                "{run 3: name} makes it worse: its limit is {run 3: limit}, the lowest of the three.",
                when="run 3: limit < run 1: limit < run 2: limit and run 3: loss at end > 1000 * run 3: loss at start",
            ),
        ),
        group=_GROUP,
        pace=10,
        experiment_template=Experiment(problem=Proportional(), runs=_plain_and_momentum(0.2), steps=150),
    ),
    Example(
        key="rosenbrock",
        title_template="Six optimizers in the Rosenbrock valley",
        question_template="Who finds the valley, and who gets to its end?",
        claims=(
            Claim(
                "To its end come {run 2: name} and {run 6: name}: after {planned steps} steps their losses are "
                "{run 2: loss at end} and {run 6: loss at end}.",
                when="run 2: loss at end < 0.0001 and run 6: loss at end < 0.0001 and run 1: loss at end > 0.001 "
                "and run 3: loss at end > 0.001 and run 4: loss at end > 0.001 and run 5: loss at end > 0.001",
            ),
            Claim(
                "The others have found the valley, as their losses tell, which have fallen from {run 1: loss at "
                "start}: {run 1: name} {run 1: loss at end}, {run 3: name} {run 3: loss at end}, {run 4: name} "
                "{run 4: loss at end}, {run 5: name} {run 5: loss at end}. Plain steps, as small as the steep walls "
                "demand, crawl along its flat floor.",
                when="every run: loss at end < 0.1 * run 1: loss at start",
            ),
        ),
        group=_GROUP,
        pace=200,
        experiment_template=Experiment(
            problem=Rosenbrock(),
            runs=(
                Run(lr=0.001, color=0, label="plain"),
                Run(lr=0.001, color=1, optimizer=_MOMENTUM, label="momentum"),
                Run(lr=0.5, color=2, optimizer=Adagrad(), label="Adagrad"),
                Run(lr=0.01, color=3, optimizer=RMSprop(), label="RMSProp"),
                Run(lr=1.0, color=4, optimizer=Adadelta(), label="Adadelta"),
                Run(lr=0.05, color=5, optimizer=Adam(), label="Adam"),
            ),
            steps=2000,
        ),
    ),
)
