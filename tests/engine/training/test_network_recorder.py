"""The kernel of networks gives the bits of NumPy's arithmetic."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.network import ACTIVATIONS
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, Newton, Optimizer, RMSprop
from lrstudio.core.problems import Classification, Digits
from lrstudio.core.problems.network import NetworkProblem
from lrstudio.core.schedules import Cosine
from lrstudio.engine.experiment import PRECISIONS, Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from tests.engine.training.conftest import Both

pytestmark = pytest.mark.skipif(not available(), reason="no kernel runs here")

PRECISION = cycle(PRECISIONS)


def assert_same(one: Simulation, other: Simulation) -> None:
    assert one.trace.length == other.trace.length > 2
    for mine, theirs in ((one.trace.ends, other.trace.ends), (one.trace.hits, other.trace.hits)):
        np.testing.assert_array_equal(mine, theirs)
    for column in one.trace.columns:
        np.testing.assert_array_equal(one.trace.read(column), other.trace.read(column), err_msg=column)
    saved, expected = one.trace.snapshots, other.trace.snapshots
    assert saved is not None
    assert expected is not None
    assert saved.steps == expected.steps
    count = len(saved.steps)
    np.testing.assert_array_equal(saved.weights(0, count), expected.weights(0, count))
    if one.trace.full is not None and other.trace.full is not None:
        np.testing.assert_array_equal(one.trace.full.steps(), other.trace.full.steps())
        losses, wanted_losses = (full.losses(0, full.count) for full in (one.trace.full, other.trace.full))
        np.testing.assert_array_equal(losses, wanted_losses)
        np.testing.assert_array_equal(one.trace.full.final, other.trace.full.final)
    alive = one.trace.ends > one.trace.length
    for found, wanted in zip(one.states(), other.states(), strict=True):
        for name, values in found.items():
            if len(values) == len(alive):
                assert values.dtype == wanted[name].dtype
                np.testing.assert_array_equal(values[alive], wanted[name][alive], err_msg=name)


def runs_of(optimizer: Optimizer, *rates: float) -> tuple[Run, ...]:
    return tuple(Run(lr=rate, optimizer=optimizer) for rate in rates or (0.003, 0.2))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("optimizer", [kind for kind in OPTIMIZERS if kind is not Newton])
def test_every_optimizer(optimizer: type[Optimizer], precision: str, both: Both) -> None:
    made = Experiment(problem=Classification(units=5), runs=runs_of(optimizer()), steps=45, batch_size=32)
    assert_same(*both(made.changed("precision", precision), 21, 24))


@pytest.mark.parametrize("batch", [None, 1, 10, 64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    "problem",
    [*(Classification(layers=layers, units=3 + layers) for layers in range(4)), Digits(n=150, hidden=(7, 6))],
    ids=lambda problem: f"{problem.key}{len(problem.network.sizes) - 2}",
)
def test_every_network(problem: NetworkProblem, activation: str, batch: int | None, both: Both) -> None:
    problem = problem.changed("activation", activation)
    made = Experiment(problem=problem, runs=runs_of(Adam()), steps=25, batch_size=batch)
    assert_same(*both(made.changed("precision", next(PRECISION))))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("batch", [None, 32])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_runs_of_different_kinds_some_of_which_diverge(
    activation: str, batch: int | None, precision: str, both: Both
) -> None:
    optimizers = (SGD(), Adam(), SGD(momentum=0.9), RMSprop(), SGD())
    rates = (0.1, 0.01, 1e30, 1e200, 0.3)
    runs = tuple(
        Run(lr=rate, optimizer=optimizer, schedule=Cosine()) for optimizer, rate in zip(optimizers, rates, strict=True)
    )
    made = Experiment(problem=Classification(activation=activation), runs=runs, steps=60, batch_size=batch)
    assert_same(*both(made.changed("precision", precision), 7, 1, 52))


@pytest.mark.parametrize("batch", [None, 32])
def test_the_target_ends_it_at_the_same_step(batch: int | None, both: Both) -> None:
    runs = runs_of(Adam(), 0.01, 0.02)
    made = Experiment(problem=Classification(), runs=runs, steps=2000, batch_size=batch, target_loss=0.2)
    kernel, plain = both(made)
    assert kernel.step < 2000
    assert_same(kernel, plain)


def test_snapshots_are_thinned_alike(both: Both) -> None:
    made = Experiment(problem=Classification(units=2, layers=1), runs=runs_of(SGD()), steps=1100, batch_size=100)
    assert_same(*both(made, 700, 400))


@pytest.mark.parametrize("batch", [None, 32])
def test_a_saved_run_goes_on_with_the_same_bits(batch: int | None) -> None:
    made = Experiment(problem=Classification(), runs=runs_of(Adam()), steps=60, batch_size=batch)
    whole, begun = Simulation(made), Simulation(made)
    whole.advance(60)
    begun.advance(25)
    resumed = Simulation(made, begun.trace, begun.states())
    resumed.advance(35)
    assert_same(resumed, whole)
