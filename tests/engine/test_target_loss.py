"""An experiment that ends when all of its runs are there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.problems import Classification, NoisyLine, Parabola, Problem
from lrstudio.engine.experiment import Experiment, Precision, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.pilot import Event, Pilot, State, StateChanged
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, from_bytes, to_bytes

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
def test_where_it_ends_does_not_depend_on_how_it_is_cut(block: int, precision: Precision) -> None:
    experiment = replace(BOTH, precision=precision)
    one, other = finished(experiment), finished(experiment, block)
    assert one.trace.read("params").tobytes() == other.trace.read("params").tobytes()
    assert [one.reached(run) for run in (0, 1)] == [other.reached(run) for run in (0, 1)]


@pytest.mark.parametrize("index", [0, 1])
def test_a_float32_loss_just_above_the_target_is_not_there_yet(index: int) -> None:
    free = finished(replace(BOTH, precision="float32", target_loss=None))
    loss = float(free.trace.read("loss")[9, index])
    for target, step in ((loss, 9), (np.nextafter(loss, 0), 10)):
        simulation = Simulation(replace(BOTH, precision="float32", target_loss=float(target)))
        simulation.advance(100)
        assert simulation.reached(index) == step


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


BATCHES = Experiment(
    problem=NoisyLine(n=30), runs=(Run(lr=0.05), Run(lr=0.2), Run(lr=1e7)), steps=64, batch_size=4, target_loss=0.2
)


def on_all_data(simulation: Simulation, step: int, run: int) -> float:
    """The mean squared error of the fit at a step, by hand."""
    data = simulation.experiment.problem.data(simulation.experiment.seed)
    w, b = simulation.trace.read("params", step, step + 1)[0, run]
    return float(np.mean((w * data["x"] + b - data["y"]) ** 2))


def test_with_mini_batches_the_loss_on_all_data_at_the_ends_of_epochs_counts() -> None:
    """30 points in batches of 4 are 8 steps an epoch; the least loss that a line can have is 0.08."""
    free = finished(replace(BATCHES, target_loss=None))
    assert free.trace.full is not None
    alive = int(free.trace.ends[2])
    assert free.trace.full.steps().tolist() == list(range(0, 65, 8))
    for run in (0, 1):
        losses = [on_all_data(free, step, run) for step in range(0, 65, 8)]
        np.testing.assert_allclose(free.trace.full.losses(0, 9)[:, run], losses, rtol=1e-13)
        first = next(index for index, loss in enumerate(losses) if loss <= 0.2)
        batches = np.flatnonzero(free.trace.read("loss")[:, run] <= 0.2)
        simulation = finished(BATCHES)
        assert simulation.reached(run) == 8 * first > batches[0]
    assert alive < 64
    assert simulation.reached(2) is None
    assert simulation.step == max(simulation.reached(0) or 0, simulation.reached(1) or 0, alive)


def test_a_run_that_diverges_ends_with_the_loss_on_all_data_of_its_last_step() -> None:
    simulation = finished(replace(BATCHES, target_loss=None))
    last = int(simulation.trace.ends[2]) - 1
    assert last % 8, "an epoch must not end here"
    assert simulation.trace.judged(64)[2] == pytest.approx(on_all_data(simulation, last, 2), rel=1e-12)
    assert simulation.trace.judged_step(64, 2) == last
    assert simulation.trace.judged_step(63, 0) == 56
    assert simulation.trace.judged(last - 1)[2] < simulation.trace.judged(64)[2]
    start = on_all_data(simulation, 0, 2)
    least = simulation.trace.least(64)
    assert least is not None
    assert least[2] == pytest.approx(start, rel=1e-12)
    swept = Sweep(replace(BATCHES, runs=BATCHES.runs[:1], target_loss=None), [Axis("lr", (0.05, 1e7))]).run()
    assert swept.final_loss[1] == simulation.trace.judged(64)[2]
    assert swept.best_loss[1] == least[2]
    assert swept.diverged_at[1] == last + 1


def test_a_lucky_batch_reaches_no_target_and_wins_no_sweep() -> None:
    """No line has a smaller loss on these data than 0.0842449; single batches do, the first one at step 67."""
    described = Experiment(problem=NoisyLine(), runs=(Run(lr=0.05),), steps=400, batch_size=4, target_loss=0.05)
    simulation = finished(described)
    assert (simulation.trace.read("loss") <= 0.05).any()
    assert simulation.reached(0) is None
    assert simulation.step == 400
    rates = (0.01, 0.05, 0.1, 0.3)
    found = Sweep(described, [Axis("lr", rates)]).run()
    assert (found.steps_to_target == -1).all()
    assert (found.best_loss >= 0.0842448).all()
    assert found.best_loss[1] == pytest.approx(simulation.trace.full.least(400)[0], rel=1e-13)
    assert found.final_loss[1] == pytest.approx(simulation.trace.judged(400)[0], rel=1e-13)


@pytest.mark.parametrize("block", [1, 5, 64])
def test_pauses_and_files_change_nothing_in_the_losses_on_all_data(block: int) -> None:
    whole, cut = finished(replace(BATCHES, target_loss=None, steps=61)), Simulation(replace(BATCHES, steps=61))
    cut.amend(replace(cut.experiment, target_loss=None))
    while not cut.done:
        cut.advance(min(block, 61 - cut.step))
        cut = from_bytes(bytes(to_bytes(Session.of(cut)))).simulation()
    assert whole.trace.full is not None and cut.trace.full is not None
    assert cut.trace.full.steps().tolist() == whole.trace.full.steps().tolist() == [*range(0, 61, 8), 61]
    count = whole.trace.full.count
    assert cut.trace.full.losses(0, count).tobytes() == whole.trace.full.losses(0, count).tobytes()
    assert cut.trace.full.least(61).tobytes() == whole.trace.full.least(61).tobytes()
    assert cut.trace.full.final.tobytes() == whole.trace.full.final.tobytes()
    assert cut.trace.judged(61).tobytes() == whole.trace.judged(61).tobytes()
    for target in (0.2, 1.0):
        for simulation in (whole, cut):
            simulation.amend(replace(simulation.experiment, target_loss=target))
        assert cut.trace.hits.tolist() == whole.trace.hits.tolist()
        assert whole.reached(0) is not None


@pytest.mark.parametrize("problem", [NoisyLine(n=30), Classification(n=60)])
def test_a_file_without_the_losses_on_all_data_is_measured_again(problem: Problem) -> None:
    runs = (Run(lr=0.05), Run(lr=0.2))
    simulation = Simulation(Experiment(problem=problem, runs=runs, steps=40, batch_size=4, target_loss=0.0))
    simulation.advance(40)
    full = simulation.trace.full
    assert full is not None
    simulation.trace.full = None
    again = from_bytes(bytes(to_bytes(Session.of(simulation)))).simulation().trace.full
    assert again is not None
    assert again.steps().tolist() == full.steps().tolist()
    np.testing.assert_allclose(again.losses(0, again.count), full.losses(0, full.count), rtol=1e-12)


def test_less_steps_than_an_epoch_are_judged_at_their_end() -> None:
    simulation = finished(replace(BATCHES, steps=5, target_loss=None))
    assert simulation.trace.full is not None
    assert simulation.trace.full.steps().tolist() == [0, 5]
    assert simulation.trace.judged(4).tolist() == simulation.trace.judged(0).tolist()
    simulation.amend(simulation.as_planned(replace(simulation.experiment, steps=11)))
    simulation.advance(6)
    assert simulation.trace.full.steps().tolist() == [0, 5, 8, 11]
    simulation.amend(simulation.as_planned(replace(simulation.experiment, steps=30)))
    simulation.advance(2)
    simulation.amend(simulation.as_planned(replace(simulation.experiment, steps=13)))
    assert simulation.trace.full.steps().tolist() == [0, 5, 8, 11, 13]
    assert simulation.trace.judged(13)[0] == pytest.approx(on_all_data(simulation, 13, 0), rel=1e-13)


@pytest.mark.parametrize("target", [float("nan"), float("inf")])
def test_a_target_is_a_finite_number(target: float) -> None:
    with pytest.raises(ValueError, match=r"target_loss = .*: must be a number"):
        replace(BOTH, target_loss=target)


def test_the_pilot_says_finished_and_goes_on_when_the_target_is_taken_away() -> None:
    states: list[State] = []

    def report(event: Event) -> None:
        if isinstance(event, StateChanged):
            states.append(event.state)
            if event.state is State.FINISHED:
                pilot.edit(replace(BOTH, target_loss=None))
                pilot.stop()

    pilot = Pilot(report)
    pilot.load(lambda: Simulation(BOTH))
    pilot.play()
    pilot.run()
    assert states == [State.IDLE, State.RUNNING, State.FINISHED, State.PAUSED]
