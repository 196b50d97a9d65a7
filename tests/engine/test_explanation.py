"""An explained step is the step that was made: the rule, walked line by line, ends where the trace goes on."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from lrstudio.core.formula.typeset import plain_text
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSprop, Rule
from lrstudio.core.problems import (
    Formula,
    NoisyLine,
    Parabola,
    Problem,
    Ravine,
    Rosenbrock,
)
from lrstudio.core.schedules import Constant
from lrstudio.engine.experiment import PRECISIONS, Experiment, Precision, Run
from lrstudio.engine.explained_line import Place
from lrstudio.engine.explained_update import update_lines
from lrstudio.engine.explanation import Explanation, explain
from lrstudio.engine.replay import Replay
from lrstudio.engine.simulation import Simulation

STEPS = 40
EVERY_OPTIMIZER: tuple[Optimizer, ...] = (
    *(kind() for kind in OPTIMIZERS),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(momentum=0.8, dampening=0.5, weight_decay=0.01),
    Adam(amsgrad=True, weight_decay=0.1),
    AdamW(amsgrad=True),
    RMSprop(centered=True, momentum=0.5),
    Rule(text="m = 0.9*m + g; s = max(s, abs(g)); w = w - lr*m/(s + 0.001)"),
    Rule(text="e = 0.5*e + newton; w = w - lr*e"),
    Rule(text="w = w - lr*where(g > 0, g, 2*g)/sqrt(t)"),
    Rule(text="k = k + 1; w = 1/k"),
)
EVERY_PROBLEM = (
    Parabola(),
    Ravine(),
    Rosenbrock(),
    NoisyLine(),
    Formula(loss="a^2 + b^2 + (c - 1)^2 + d^4 + (f - a)^2"),
)
TOLERANCE = {"float64": 1e-12, "float32": 3e-6, "mixed": 1e-12}


def trained(problem: Problem, optimizer: Optimizer | None = None, steps: int = STEPS, **other: Any) -> Simulation:
    run = Run(lr=other.pop("lr", 0.01), optimizer=optimizer or SGD(), schedule=other.pop("schedule", Constant()))
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=STEPS, **other))
    simulation.advance(steps)
    return simulation


def explained(simulation: Simulation, step: int, parameter: int = 0) -> Explanation:
    found = explain(Replay(simulation.experiment, simulation.trace, 0), step, parameter)
    assert found is not None
    return found


def written(explanation: Explanation, section: str = "update") -> list[str]:
    """name = formula = numbers = value, for every parameter."""
    return [
        " = ".join(
            filter(
                None, [plain_text(line.name), plain_text(line.formula), plain_text(row.pieces), plain_text(row.result)]
            )
        )
        for line in explanation.lines
        if line.section == section
        for row in line.numbers
    ]


@pytest.mark.parametrize(("optimizer", "precision"), list(product(EVERY_OPTIMIZER, PRECISIONS)), ids=str)
def test_the_lines_of_every_rule_end_at_the_next_row(optimizer: Optimizer, precision: Precision) -> None:
    for problem in EVERY_PROBLEM:
        simulation = trained(problem, optimizer, precision=precision)
        trace = simulation.trace
        replay = Replay(simulation.experiment, trace, 0)
        place = Place(tuple(range(len(trace.names))), trace.names)
        for step in (0, 1, 2, 17, trace.rows(0) - 2):
            if not 0 <= step < trace.rows(0) - 1:
                continue
            lr = float(trace.read("lr", step, step + 1)[0, 0])
            _, after = update_lines(replay, place, step, lr, replay.states(step), None)
            recorded = trace.read("params", step + 1, step + 2)[0, 0]
            np.testing.assert_allclose(after, recorded, rtol=TOLERANCE[precision], atol=TOLERANCE[precision])
