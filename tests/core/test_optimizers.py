"""What PyTorch has no recorded run of: optimizers and forms that papers and texts print."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.optimizers import Adadelta, Lion, Optimizer
from lrstudio.core.problems import Rosenbrock
from lrstudio.core.schedules import Cosine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

STEPS = 40
Update = Callable[[float, float, dict[str, float]], float]


def way(optimizer: Optimizer, lr: float) -> np.ndarray:
    """Where the optimizer goes on the Rosenbrock valley (n, 2)."""
    simulation = Simulation(Experiment(problem=Rosenbrock(), runs=(Run(lr=lr, optimizer=optimizer),), steps=STEPS))
    simulation.advance(STEPS)
    return simulation.trace.read("params")[:, 0]


def by_hand(update: Update) -> np.ndarray:
    """The same by plain Python numbers: update(w, g, state) of each parameter gives its next value."""
    index = list(Rosenbrock.start)
    states: list[dict[str, float]] = [{}, {}]
    rows = [list(index)]
    for _ in range(STEPS):
        x, y = index
        gradient = (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x))
        index = [update(w, g, state) for w, g, state in zip(index, gradient, states, strict=True)]
        rows.append(index)
    return np.array(rows)


def test_lion_is_that_of_its_paper() -> None:
    def update(w: float, g: float, state: dict[str, float]) -> float:
        m = state.get("m", 0.0)
        state["m"] = 0.95 * m + 0.05 * g
        return w * (1 - 0.01 * 0.1) - 0.01 * math.copysign(1.0, 0.8 * m + 0.2 * g)

    np.testing.assert_allclose(way(Lion(beta1=0.8, beta2=0.95, weight_decay=0.1), 0.01), by_hand(update), rtol=1e-9)


@pytest.mark.parametrize("outside", [False, True])
def test_adadelta_has_its_eps_where_it_is_told(outside: bool) -> None:
    def update(w: float, g: float, state: dict[str, float]) -> float:
        v = state["v"] = 0.9 * state.get("v", 0.0) + 0.1 * g * g
        u = state.get("u", 0.0)
        delta = math.sqrt(u + 1e-6) / (math.sqrt(v) + 1e-6 if outside else math.sqrt(v + 1e-6)) * g
        state["u"] = 0.9 * u + 0.1 * delta * delta
        return w - delta

    np.testing.assert_allclose(way(Adadelta(eps_outside=outside), 1.0), by_hand(update), rtol=1e-9)


def test_the_cosine_without_its_half_begins_at_twice_the_rate() -> None:
    run = Run(lr=0.1, schedule=Cosine(doubled=True))
    experiment = Experiment(problem=Rosenbrock(), runs=(run, replace(run, schedule=Cosine())), steps=10)
    rates = Simulation(experiment).runner.rates.at(np.arange(10))
    np.testing.assert_allclose(rates[:, 0], 2 * rates[:, 1], rtol=1e-15)
    assert rates[0, 0] == 0.2
