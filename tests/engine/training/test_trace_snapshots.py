"""Snapshots of a network's weights: dense at first, thinned as they become many."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, Digits
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.training.columns import Snapshots
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, from_bytes, to_bytes


def filled(steps: int, runs: int = 2, size: int = 3) -> Snapshots:
    snapshots = Snapshots(runs, size)
    for step in range(steps):
        snapshots.take(step, np.full((runs, size), float(step)))
    return snapshots


def test_every_step_is_kept_while_there_is_room() -> None:
    snapshots = filled(512)
    assert snapshots.steps == list(range(512))
    assert snapshots.at(100)[0] == 100 and (snapshots.at(100)[1] == 100).all()


def test_many_are_thinned_evenly_and_the_one_before_is_found() -> None:
    snapshots = filled(5000)
    assert snapshots.stride == 16
    assert snapshots.steps == list(range(0, 5000, 16))
    assert snapshots.at(15)[0] == 0 and snapshots.at(16)[0] == 16 and snapshots.at(4999)[0] == 4992
    assert (snapshots.at(4999)[1] == 4992).all()


def test_large_networks_keep_fewer() -> None:
    snapshots = Snapshots(64, 20_000)
    assert snapshots.most == 16
    assert Snapshots(1, 100).most == 512


@pytest.mark.parametrize("steps", [[], [1, 2], [0, 3, 6], [0, 2, 2], [0, 2, 8], [0, -1], [0, 2, 4, 5]])
def test_snapshots_that_were_not_taken_so_are_refused(steps: list[int]) -> None:
    with pytest.raises(ValueError, match="snapshots must begin at 0"):
        Snapshots.of(steps, np.zeros((len(steps), 2, 3)))


@pytest.mark.parametrize("problem", [Classification(drift=30.0), Digits(hidden=(8,), n=60)], ids=["p", "d"])
def test_a_saved_network_goes_on_bit_for_bit(problem: Classification | Digits) -> None:
    runs = (Run(lr=0.1, optimizer=SGD(momentum=0.9)), Run(lr=0.01, optimizer=Adam()), Run(lr=1e300))
    experiment = Experiment(problem=problem, runs=runs, steps=40, batch_size=16)
    whole, begun = Simulation(experiment), Simulation(experiment)
    whole.advance(40)
    begun.advance(17)
    again = from_bytes(to_bytes(Session.of(begun))).simulation()
    again.advance(23)
    np.testing.assert_array_equal(again.trace.ends, whole.trace.ends)
    for column in whole.trace.columns:
        np.testing.assert_array_equal(again.trace.read(column), whole.trace.read(column))
    assert again.trace.snapshots is not None and whole.trace.snapshots is not None
    assert again.trace.snapshots.steps == whole.trace.snapshots.steps == list(range(41))
    np.testing.assert_array_equal(again.trace.snapshots.weights(0, 41), whole.trace.snapshots.weights(0, 41))


def test_all_data_are_looked_at_a_hundred_times_and_at_the_end() -> None:
    experiment = Experiment(problem=Classification(n=20), runs=(Run(lr=0.1),), steps=250)
    simulation = Simulation(experiment)
    simulation.advance(250)
    known = np.flatnonzero(np.isfinite(simulation.trace.read("val_accuracy")[:, 0]))
    assert known.tolist() == [*range(0, 250, 3), 250]
    assert np.isfinite(simulation.trace.read("norm")).all() and np.isfinite(simulation.trace.read("grad_norm")).all()


def test_what_a_network_cannot_have_is_refused() -> None:
    with pytest.raises(ValueError, match="weights of digits follow from init and seed"):
        Experiment(problem=Digits(), runs=(Run(lr=0.1, start=(0.0,) * 6),))
    with pytest.raises(ValueError, match="too many weights to measure"):
        Experiment(problem=Classification(), runs=(Run(lr=0.1),), gradient=Gradient(mode="forward"))
    with pytest.raises(ValueError, match="at most 3 layers"):
        Digits(hidden=(8, 8, 8, 8))
