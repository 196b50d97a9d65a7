"""The pilot, flown by a plain thread: no window, no Qt."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from weakref import WeakSet

import numpy as np
import pytest

from lrstudio.core.problems import NoisyLine, Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training import pilot
from lrstudio.engine.training.pilot import Event, JobDone, Loaded, Pilot, State, StateChanged
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace_kernel import TraceKernel
from tests.patience import PATIENCE


class Flight:
    """A pilot in a thread, and what it reports."""

    def __init__(self, gate: threading.Event | None = None) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.pilot = Pilot(self.events.put, gate)
        self.thread = threading.Thread(target=self.pilot.run)
        self.simulation: Simulation | None = None
        self.thread.start()

    def load(self, experiment: Experiment) -> Simulation:
        self.pilot.load(lambda: Simulation(experiment))
        return self.loaded()

    def loaded(self) -> Simulation:
        event = self.until(Loaded)
        assert isinstance(event, Loaded)
        return event.simulation

    def until(self, wanted: type | State) -> Event:
        while True:
            event = self.events.get(timeout=PATIENCE)
            if isinstance(wanted, State):
                if isinstance(event, StateChanged) and event.state is wanted:
                    return event
            elif isinstance(event, wanted):
                return event

    def steps_done(self) -> int:
        self.pilot.submit("steps", lambda simulation: simulation and simulation.step)
        event = self.until(JobDone)
        assert isinstance(event, JobDone)
        return int(event.result)

    def stop(self) -> None:
        self.pilot.stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def flight() -> Iterator[Flight]:
    flight = Flight()
    yield flight
    flight.stop()


def experiment(*rates: float, steps: int = 50) -> Experiment:
    return Experiment(problem=Parabola(), runs=tuple(Run(lr=lr) for lr in rates or (0.1,)), steps=steps)


@contextmanager
def counted_kernels() -> Iterator[WeakSet[TraceKernel]]:
    """Gives the kernels of runs that are made from now on and still exist."""
    kernels: WeakSet[TraceKernel] = WeakSet()
    begin = TraceKernel.__init__

    def counted(self: TraceKernel, *arguments: Any) -> None:
        begin(self, *arguments)
        kernels.add(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TraceKernel, "__init__", counted)
        yield kernels


def endless() -> Experiment:
    """Steps of many data points, which take minutes."""
    return Experiment(problem=NoisyLine(n=100_000), runs=(Run(lr=0.01),), steps=10_000_000)


def test_it_runs_to_the_end_and_says_finished(flight: Flight) -> None:
    simulation = flight.load(experiment(steps=500))
    flight.pilot.play()
    flight.until(State.RUNNING)
    flight.until(State.FINISHED)
    assert simulation.step == 500


def test_it_says_diverged_when_no_run_is_left(flight: Flight) -> None:
    simulation = flight.load(experiment(3.0, steps=5000))
    flight.pilot.play()
    flight.until(State.DIVERGED)
    assert simulation.step < 5000


def test_what_it_computes_does_not_depend_on_how_it_was_flown(flight: Flight) -> None:
    simulation = flight.load(experiment(0.1, 0.3, steps=40))
    for _ in range(3):
        flight.pilot.step()
    flight.pilot.set_pace(1000)
    flight.pilot.play()
    flight.until(State.FINISHED)
    alone = Simulation(experiment(0.1, 0.3, steps=40))
    alone.advance(40)
    assert np.array_equal(simulation.trace.read("params"), alone.trace.read("params"))


def test_a_step_makes_one_update_and_pauses(flight: Flight) -> None:
    simulation = flight.load(experiment())
    flight.pilot.step()
    flight.until(State.PAUSED)
    assert simulation.step == 1


def test_it_pauses_between_steps_and_goes_on(flight: Flight) -> None:
    simulation = flight.load(endless())
    flight.pilot.play()
    flight.until(State.RUNNING)
    flight.pilot.pause()
    flight.until(State.PAUSED)
    stood = simulation.step
    flight.pilot.submit("nothing", lambda _simulation: None)
    flight.until(JobDone)
    assert simulation.step == stood
    flight.pilot.play()
    flight.until(State.RUNNING)


def test_the_first_step_is_due_at_once_and_the_next_at_the_pace(flight: Flight) -> None:
    flight.load(experiment(steps=40))
    flight.pilot.set_pace(1e-5)
    flight.pilot.play()
    while not flight.steps_done():
        pass
    assert [flight.steps_done() for _ in range(10)] == [1] * 10
    flight.pilot.set_pace(None)
    flight.until(State.FINISHED)


def test_a_rate_that_is_changed_on_the_way_is_used_and_recorded(flight: Flight) -> None:
    before = experiment(0.1, 0.2)
    simulation = flight.load(before)
    flight.pilot.step()
    flight.until(State.PAUSED)
    flight.pilot.edit(before.with_run(0, lr=0.4))
    flight.pilot.play()
    flight.until(State.FINISHED)
    lr = simulation.trace.read("lr")
    assert lr[0].tolist() == [0.1, 0.2]
    assert lr[1].tolist() == [0.4, 0.2]


def test_an_edit_that_needs_a_new_start_gets_one(flight: Flight) -> None:
    before = experiment()
    flight.load(before)
    flight.pilot.step()
    flight.until(State.PAUSED)
    flight.pilot.edit(replace(before, precision="float32"))
    assert flight.loaded().step == 0
    flight.until(State.IDLE)


def test_an_experiment_that_is_replaced_keeps_no_kernel(flight: Flight) -> None:
    with counted_kernels() as kernels:
        before = flight.load(experiment(steps=500))
        flight.pilot.play()
        flight.until(State.FINISHED)
        assert len(kernels) == 1
        flight.load(experiment(0.2))
        flight.steps_done()
        assert len(kernels) == 0 and before.step == 500


def test_more_steps_let_a_finished_run_go_on(flight: Flight) -> None:
    before = experiment(steps=5)
    simulation = flight.load(before)
    flight.pilot.play()
    flight.until(State.FINISHED)
    flight.pilot.edit(replace(before, steps=8))
    flight.until(State.PAUSED)
    flight.pilot.play()
    flight.until(State.FINISHED)
    assert simulation.step == 8


def test_a_job_that_fails_is_reported_and_the_pilot_lives(flight: Flight) -> None:
    def fail(_simulation: object) -> None:
        raise ZeroDivisionError("as asked")

    flight.pilot.submit("bad", fail)
    event = flight.until(JobDone)
    assert isinstance(event, JobDone)
    assert isinstance(event.error, ZeroDivisionError)
    flight.load(experiment())


def test_an_experiment_that_cannot_be_made_is_reported_and_the_pilot_lives(flight: Flight) -> None:
    def fail() -> Simulation:
        raise MemoryError("no room")

    flight.pilot.load(fail)
    event = flight.until(State.FAILED)
    assert isinstance(event, StateChanged)
    assert "no room" in event.message
    flight.load(experiment())


def test_a_command_ends_the_stretch_that_is_being_computed(flight: Flight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "_STRETCH", float("inf"))
    simulation = flight.load(endless())
    flight.pilot.play()
    flight.until(State.RUNNING)
    flight.pilot.pause()
    flight.until(State.PAUSED)
    assert simulation.step < 10_000_000


def test_stopping_a_running_simulation_says_stopped() -> None:
    flight = Flight()
    flight.load(endless())
    flight.pilot.play()
    flight.until(State.RUNNING)
    flight.stop()
    flight.until(State.STOPPED)


def test_the_worker_waits_for_a_window_that_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "MOST_AHEAD", 4096)
    gate, steps = threading.Event(), 10_000_000
    gate.set()
    flight = Flight(gate)
    trace = flight.load(experiment(steps=steps)).trace
    flight.pilot.play()
    while trace.length * trace.row_bytes <= 4096:
        assert flight.thread.is_alive()
    first = trace.length
    Simulation(experiment(steps=steps)).advance(3 * first)
    assert trace.length == first
    flight.pilot.look()
    while trace.length == first:
        assert flight.thread.is_alive()
    flight.stop()


def test_the_worker_waits_for_plots_whose_rows_would_be_made_again_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pilot, "MOST_AHEAD", 4096)
    monkeypatch.setattr("lrstudio.engine.training.simulation.stored_rows", lambda _row, _every: 1)
    monkeypatch.setattr(Experiment, "kept_every", 16)
    gate = threading.Event()
    gate.set()
    flight = Flight(gate)
    trace = flight.load(experiment(steps=10_000_000)).trace
    flight.pilot.play()

    def waits() -> int:
        first = -1
        while trace.length != first or (trace.length - drawn) * trace.row_bytes <= 4096:
            assert flight.thread.is_alive()
            first = trace.length
            Simulation(experiment(steps=20_000)).advance(20_000)
        return first

    drawn = 0
    first = waits()
    for drawn in (first // 2, first):
        flight.pilot.look(drawn)
    assert trace.sparse is not None
    drawn = waits()
    for _ in range(pilot.MOST_STALLED + 1):
        flight.pilot.look(first)
    while trace.length == drawn:
        assert flight.thread.is_alive()
    flight.stop()
