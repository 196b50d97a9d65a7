"""Text 3: the schedules beside one another."""

from __future__ import annotations

from lrstudio.core.problems import Parabola
from lrstudio.core.schedules import Constant, Cosine, Exponential, Linear, Polynomial, Schedule, Step
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = "Schedules (text 3)"
_SCHEDULES: tuple[tuple[str, Schedule], ...] = (
    ("constant", Constant()),
    ("exponential", Exponential(gamma=0.95)),
    ("step", Step(step_size=20, gamma=0.5)),
    ("cosine", Cosine()),
    ("linear", Linear()),
    ("polynomial", Polynomial(power=2.0)),
)

TEXT_3 = (
    Example(
        key="schedules",
        title="Six schedules from rate 1",
        question="Rate 1 jumps between 5 and −7 for ever. Which schedule ends that first?",
        answer=(
            "The one that falls first: exponential is below a loss of 1 after 7 steps, polynomial after 8, linear "
            "after 11, cosine, which stays high longest, after 16. Step jumps on until its first fall, to the perfect "
            "0.5, and arrives at once, at step 21. Constant never does."
        ),
        group=_GROUP,
        pace=5,
        experiment=Experiment(
            problem=Parabola(),
            runs=tuple(
                Run(lr=1.0, schedule=schedule, label=label, color=place)
                for place, (label, schedule) in enumerate(_SCHEDULES)
            ),
            steps=60,
        ),
    ),
)
