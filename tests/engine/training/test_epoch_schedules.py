"""Schedules that count epochs: with a kernel and NumPy, saved within one, explained, on validation data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, NoisyLine
from lrstudio.core.schedules import Cosine, Exponential, Greedy, Plateau, Schedule, Sequence, Warmup
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.explain.explanation import explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, from_bytes, to_bytes
from tests.engine.training.conftest import Both

QUICK: dict[str, Any] = {"patience": 0, "factor": 0.5, "threshold": 0.05}
AFTER = "plateau(patience=0,factor=0.5,threshold=0.05)"
FOLLOWING = (
    Plateau(unit="epoch", **QUICK),
    Warmup(unit="epoch", total_iters=2, start_factor=0, after=AFTER),
    Warmup(total_iters=7, after=AFTER.replace(")", ",unit=epoch)")),
    Sequence(schedules=f"constant_lr+{AFTER}", milestones=(3,), unit="epoch"),
    Greedy(unit="epoch", patience=0, factor=0.7),
)
PLANNED = (
    Exponential(gamma=0.7, unit="epoch"),
    Cosine(unit="epoch"),
    Warmup(total_iters=3, after="cosine", unit="epoch"),
)
PER_EPOCH = 10


def noisy(*schedules: Schedule) -> Experiment:
    optimizers = (SGD(), Adam(), SGD(momentum=0.5))
    runs = tuple(
        Run(lr=0.3, schedule=schedule, optimizer=optimizers[index % 3]) for index, schedule in enumerate(schedules)
    )
    return Experiment(problem=NoisyLine(n=98), runs=runs, steps=127, batch_size=10)


def network(*schedules: Schedule) -> Experiment:
    runs = tuple(Run(lr=0.5, schedule=schedule) for schedule in schedules)
    return Experiment(problem=Classification(units=4), runs=runs, steps=100, batch_size=32)


def finished(experiment: Experiment) -> Simulation:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return simulation


def assert_same(one: Simulation, other: Simulation) -> None:
    for column in other.trace.columns:
        np.testing.assert_array_equal(one.trace.read(column), other.trace.read(column), err_msg=column)


@pytest.mark.skipif(not available(), reason="no kernel runs here")
def test_the_kernel_gives_the_bits_of_numpy(both: Both) -> None:
    kernel, plain = both(noisy(*FOLLOWING, *PLANNED), 43, 84)
    assert_same(kernel, plain)
    assert len(np.unique(plain.trace.read("lr")[:-1, 0])) > 3


@pytest.mark.skipif(not available(), reason="no kernel runs here")
def test_a_network_in_a_kernel_gives_the_bits_of_numpy(both: Both) -> None:
    following = Plateau(unit="epoch", **QUICK), Plateau(unit="epoch", monitor="val_loss", **QUICK), PLANNED[0]
    assert_same(*both(network(*following), 20, 80))


def test_a_rate_changes_at_the_end_of_an_epoch_only() -> None:
    rates = finished(noisy(*FOLLOWING[:2], *FOLLOWING[3:], *PLANNED)).trace.read("lr")[:120]
    by_epoch = rates.reshape(-1, PER_EPOCH, rates.shape[1])
    np.testing.assert_array_equal(by_epoch, np.broadcast_to(by_epoch[:, :1], by_epoch.shape))
    assert (by_epoch[1:, 0] != by_epoch[:-1, 0]).sum(axis=0).min() > 2


def test_a_plateau_follows_the_means_of_the_epochs() -> None:
    trace = finished(noisy(FOLLOWING[0])).trace
    means = trace.read("loss")[:120, 0].reshape(-1, PER_EPOCH).mean(axis=1)
    expected = Plateau(**QUICK).rates(13, 0.3, means.tolist())
    np.testing.assert_allclose(trace.read("lr")[:-1, 0], np.repeat(expected, PER_EPOCH)[:127], rtol=1e-15)


def test_a_plateau_follows_the_validation_losses_after_the_epochs() -> None:
    experiment = network(Plateau(unit="epoch", monitor="val_loss", **QUICK))
    trace, per_epoch = finished(experiment).trace, experiment.per_epoch[0]
    losses = trace.read("val_loss")[per_epoch::per_epoch, 0]
    expected = Plateau(**QUICK).rates(len(losses) + 1, 0.5, losses.tolist())
    np.testing.assert_array_equal(trace.read("lr")[:-1, 0], np.repeat(expected, per_epoch)[:100])
    assert len(np.unique(expected)) > 2


@pytest.mark.parametrize("stop", [5, 20, 61])
def test_a_saved_run_goes_on_bit_for_bit(stop: int) -> None:
    for experiment in (noisy(*FOLLOWING), network(Plateau(unit="epoch", monitor="val_loss", **QUICK))):
        half = Simulation(experiment)
        half.advance(stop)
        again = from_bytes(bytes(to_bytes(Session.of(half)))).simulation()
        again.advance(experiment.steps - stop)
        assert_same(again, finished(experiment))


def test_its_lines_give_the_rate_that_was_used() -> None:
    for experiment in (noisy(*FOLLOWING, *PLANNED), network(Plateau(unit="epoch", monitor="val_loss", **QUICK))):
        simulation = finished(experiment)
        used = simulation.trace.read("lr")
        for run in range(len(experiment.runs)):
            replay = Replay(experiment, simulation.trace, run)
            for step in (0, 1, 9, 10, 35, 50, 96):
                assert explain(replay, step).scheduled == pytest.approx(used[step, run], rel=1e-12)


def test_ahead_of_the_run_the_rates_are_those_without_a_change_by_the_loss() -> None:
    steps, rates = Simulation(noisy(*FOLLOWING[:2])).preview()
    assert steps.tolist() == list(range(127)) and set(rates[:, 0]) == {0.3}
    assert rates[:30:10, 1].tolist() == [0, 0.15, 0.3]


def test_a_problem_without_validation_data_says_so() -> None:
    with pytest.raises(ValueError, match="monitor = val_loss: noisy_line has no validation data"):
        noisy(Plateau(unit="epoch", monitor="val_loss"))
