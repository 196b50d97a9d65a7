"""A momentum that a schedule moves against the rate: with a kernel and NumPy, saved, explained, refused."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import SGD, Adadelta, Adam
from lrstudio.core.problems import Classification, NoisyLine
from lrstudio.core.schedules import Cosine, Cyclic, OneCycle
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.explain.explanation import explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, from_bytes, to_bytes
from tests.engine.training.conftest import Both

RUNS = (
    Run(lr=0.05, optimizer=SGD(momentum=0.9), schedule=OneCycle(cycle_momentum=True)),
    Run(lr=0.05, optimizer=SGD(momentum=0.8), schedule=Cosine()),
    Run(lr=0.02, optimizer=Adam(), schedule=Cyclic(cycle_momentum=True, step_size_up=9)),
    Run(lr=0.05, optimizer=SGD(momentum=0.9), schedule=Cyclic(cycle_momentum=True, step_size_up=2, unit="epoch")),
)
NOISY = Experiment(problem=NoisyLine(), runs=RUNS, steps=80, batch_size=20)


def assert_same(one: Simulation, other: Simulation) -> None:
    for column in other.trace.columns:
        np.testing.assert_array_equal(one.trace.read(column), other.trace.read(column), err_msg=column)


def finished(experiment: Experiment) -> Simulation:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return simulation


@pytest.mark.skipif(not available(), reason="no kernel runs here")
def test_a_kernel_gives_the_bits_of_numpy(both: Both) -> None:
    assert_same(*both(NOISY, 33, 47))
    assert_same(*both(Experiment(problem=Classification(units=3), runs=RUNS, steps=40, batch_size=32), 17, 23))


def test_runs_beside_it_keep_their_own() -> None:
    alone = finished(NOISY.alone(1)).trace.read("params")[:, 0]
    np.testing.assert_array_equal(finished(NOISY).trace.read("params")[:, 1], alone)


def test_a_saved_run_goes_on_bit_for_bit() -> None:
    half = Simulation(NOISY)
    half.advance(31)
    again = from_bytes(bytes(to_bytes(Session.of(half)))).simulation()
    again.advance(49)
    assert_same(again, finished(NOISY))


@pytest.mark.parametrize("step", [0, 1, 20, 55])
def test_its_lines_lead_to_the_weights_of_the_next_step(step: int) -> None:
    simulation, whole = Simulation(NOISY), finished(NOISY)
    simulation.advance(step)
    for run in range(len(RUNS)):
        found = explain(Replay(NOISY, simulation.trace, run), step)
        assert found is not None and not found.recorded
        np.testing.assert_allclose(found.after, whole.trace.read("params")[step + 1, run], rtol=1e-12)


def test_an_optimizer_without_a_momentum_says_so() -> None:
    with pytest.raises(ValueError, match="cycle_momentum: adadelta has neither momentum nor beta1; set it to false"):
        Run(lr=0.1, optimizer=Adadelta(), schedule=OneCycle(cycle_momentum=True))
