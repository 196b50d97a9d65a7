"""An experiment that ends when all of its runs are there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.problems import NoisyLine, Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.pilot import Pilot, State
from lrstudio.engine.simulation import Simulation

BOTH = Experiment(problem=Parabola(), runs=(Run(lr=0.1), Run(lr=0.2)), steps=100, target_loss=1.0)


def steps_to(target: float, lr: float) -> int:
    """On (w + 1)² from 5 the loss after k steps is 36·(1 - 2lr)^(2k)."""
    return math.ceil(math.log(target / 36) / (2 * math.log(abs(1 - 2 * lr))))


def finished(experiment: Experiment, block: int = 10**6) -> Simulation:
    simulation = Simulation(experiment)
    while not simulation.done:
        simulation.advance(min(block, experiment.steps - simulation.step))
    return simulation


def test_it_ends_when_the_last_run_is_there_and_the_others_go_on_until_then() -> None:
    simulation = finished(BOTH)
    slow, fast = steps_to(1, 0.1), steps_to(1, 0.2)
    assert fast < slow
    assert (simulation.reached(0), simulation.reached(1)) == (slow, fast)
    assert simulation.step == slow
    assert simulation.trace.rows(1) == slow + 1
    assert simulation.trace.read("loss")[-1, 0] <= 1 < simulation.trace.read("loss")[-2, 0]


@pytest.mark.parametrize("block", [1, 3, 7])
@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
def test_where_it_ends_does_not_depend_on_how_it_is_cut(block: int, precision: str) -> None:
    experiment = replace(BOTH, precision=precision)
    one, other = finished(experiment), finished(experiment, block)
    assert one.trace.read("params").tobytes() == other.trace.read("params").tobytes()
    assert [one.reached(run) for run in (0, 1)] == [other.reached(run) for run in (0, 1)]


@pytest.mark.parametrize("place", [0, 1])
def test_a_float32_loss_just_above_the_target_is_not_there_yet(place: int) -> None:
    free = finished(replace(BOTH, precision="float32", target_loss=None))
    loss = float(free.trace.read("loss")[9, place])
    for target, step in ((loss, 9), (np.nextafter(loss, 0), 10)):
        simulation = Simulation(replace(BOTH, precision="float32", target_loss=float(target)))
        simulation.advance(100)
        assert simulation.reached(place) == step


def test_a_run_that_diverges_is_not_waited_for() -> None:
    runs = (Run(lr=0.1), Run(lr=1e3))
    simulation = finished(replace(BOTH, runs=runs, target_loss=1e-9, steps=10_000))
    assert simulation.reached(1) is None
    assert simulation.trace.ends[1] > 0
    assert simulation.step == max(steps_to(1e-9, 0.1), simulation.trace.ends[1])
    assert not simulation.diverged


def test_a_target_that_nobody_reaches_changes_nothing() -> None:
    simulation = finished(replace(BOTH, target_loss=-1.0))
    assert simulation.step == 100
    assert simulation.reached(0) is None
    free = finished(replace(BOTH, target_loss=None))
    assert free.trace.read("params").tobytes() == simulation.trace.read("params").tobytes()


def test_a_start_that_is_there_makes_no_step() -> None:
    simulation = Simulation(replace(BOTH, target_loss=36.0))
    assert simulation.done
    assert simulation.advance(5) == 0
    assert simulation.reached(0) == 0


def test_the_target_may_be_changed_or_taken_away_on_the_way() -> None:
    simulation = finished(BOTH)
    trace, first = simulation.trace, simulation.step
    simulation.amend(replace(BOTH, target_loss=1e-3))
    assert not simulation.done
    assert simulation.reached(1) is None or simulation.reached(1) == steps_to(1e-3, 0.2)
    simulation.advance(100)
    assert simulation.trace is trace
    assert simulation.step == steps_to(1e-3, 0.1) > first
    simulation.amend(replace(BOTH, target_loss=None))
    assert simulation.reached(0) is None
    simulation.advance(100 - simulation.step)
    assert simulation.step == 100
    simulation.amend(replace(BOTH, target_loss=1.0))
    assert simulation.reached(0) == steps_to(1, 0.1)


def test_a_trace_that_is_taken_up_again_knows_what_was_reached() -> None:
    simulation = Simulation(BOTH)
    simulation.advance(steps_to(1, 0.2) + 1)
    again = Simulation(BOTH, simulation.trace, simulation.states())
    assert again.reached(1) == steps_to(1, 0.2)
    again.advance(100)
    assert again.trace.read("params").tobytes() == finished(BOTH).trace.read("params").tobytes()


def test_with_mini_batches_the_loss_of_a_batch_counts() -> None:
    experiment = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),), steps=500, batch_size=5, target_loss=0.05)
    simulation = finished(experiment)
    losses = finished(replace(experiment, target_loss=None)).trace.read("loss")[:, 0]
    assert simulation.reached(0) == int(np.flatnonzero(losses <= 0.05)[0]) == simulation.step


@pytest.mark.parametrize("target", [float("nan"), float("inf")])
def test_a_target_is_a_finite_number(target: float) -> None:
    with pytest.raises(ValueError, match=r"target loss = .*: must be a finite number"):
        replace(BOTH, target_loss=target)


def test_the_pilot_says_finished_and_goes_on_when_the_target_is_taken_away() -> None:
    states: list[object] = []
    pilot = Pilot(states.append)
    pilot.load(lambda: Simulation(BOTH))
    pilot.play()
    pilot.submit("wait", lambda _simulation: None)
    while pilot._inbox.qsize():
        pilot._receive()
    while pilot._state is State.RUNNING:
        pilot._fly()
    assert pilot._state is State.FINISHED
    pilot.edit(replace(BOTH, target_loss=None))
    pilot._receive()
    assert pilot._state is State.PAUSED
