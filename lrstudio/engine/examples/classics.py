"""What every course shows: momentum, and the optimizers in a curved valley."""

from __future__ import annotations

from lrstudio.core.optimizers import SGD, Adadelta, Adagrad, Adam, RMSprop
from lrstudio.core.problems import Proportional, Rosenbrock
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = "Classics"
_MOMENTUM = SGD(momentum=0.9)
_NESTEROV = SGD(momentum=0.9, nesterov=True)


def _three(lr: float) -> tuple[Run, ...]:
    return (
        Run(lr=lr, color=0, label="plain"),
        Run(lr=lr, color=1, optimizer=_MOMENTUM, label="momentum"),
        Run(lr=lr, color=2, optimizer=_NESTEROV, label="Nesterov"),
    )


CLASSICS = (
    Example(
        key="momentum",
        title="Momentum in a narrow valley",
        question="All three have the rate 0.02. Why does the one that overshoots arrive first?",
        answer=(
            "Plain steps along the valley's flat floor are tiny; momentum adds them up. It swings at first and is "
            "below a loss of 0.01 after 39 steps, Nesterov, which looks ahead, after 25, plain after 220."
        ),
        group=_GROUP,
        pace=20,
        experiment=Experiment(problem=Proportional(), runs=_three(0.02), steps=250),
    ),
    Example(
        key="momentum_limit",
        title="Momentum at a rate that explodes",
        question="At 0.2 plain steps explode. Does momentum make it worse?",
        answer=(
            "Momentum 0.9 makes it better: it is stable up to 2·1.9/16.7 = 0.23, plain only up to 2/16.7 = 0.12. "
            "Nesterov makes it worse: its limit is 0.08, the lowest of the three."
        ),
        group=_GROUP,
        pace=10,
        experiment=Experiment(problem=Proportional(), runs=_three(0.2), steps=150),
    ),
    Example(
        key="rosenbrock",
        title="Six optimizers in the Rosenbrock valley",
        question="Everyone finds the valley. Who gets to its end?",
        answer=(
            "Momentum and Adam: after 2000 steps their loss is below 10⁻⁶, that of all others above 0.01. Plain steps, "
            "as small as the steep walls demand, crawl along the flat floor; Adadelta is the last."
        ),
        group=_GROUP,
        pace=200,
        experiment=Experiment(
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
