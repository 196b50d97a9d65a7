"""The loop that flies a simulation: play, pause, pace, step, stop, and whatever else must not block the window."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation

STRETCH = 0.005
"""Seconds that the worker computes before it looks at its inbox and the gate again."""
_LONGEST_STRETCH = 4096
_GATE_PATIENCE = 0.05


class State(StrEnum):
    """How the computation stands."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class StateChanged:
    """The simulation's state; `message` says what failed."""

    state: State
    message: str = ""


@dataclass(frozen=True)
class Loaded:
    """A simulation has taken the place of the one before."""

    simulation: Simulation


@dataclass(frozen=True)
class JobDone:
    """The job submitted as `key` has returned, or raised `error`."""

    key: object
    result: Any = None
    error: Exception | None = None


Event = StateChanged | Loaded | JobDone


class Pilot:
    """Runs a simulation inside a thread of its owner: `run` returns after `stop`.

    All other methods may be called from any thread; they are done in their order between two short stretches of
    computing. What happens is told through `report`, which is called on the worker's thread. The worker waits while
    `gate` is cleared: the window clears it to paint undisturbed.
    """

    def __init__(self, report: Callable[[Event], None], gate: threading.Event | None = None) -> None:
        self._report = report
        self._gate = gate
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._simulation: Simulation | None = None
        self._state = State.IDLE
        self._pace: float | None = None
        self._due = 0.0
        self._stretch = 1
        self._stopping = False

    def load(self, build: Callable[[], Simulation]) -> None:
        """Make a simulation, on the worker's thread, and put it in the place of the present one, idle."""
        self._inbox.put(lambda: self._load(build))

    def play(self) -> None:
        """Go on; nothing happens when the simulation is done."""
        self._inbox.put(self._play)

    def pause(self) -> None:
        self._inbox.put(self._pause)

    def step(self) -> None:
        """Make one step and pause."""
        self._inbox.put(self._step)

    def set_pace(self, steps_per_second: float | None) -> None:
        """How fast to go; None is as fast as it goes."""
        self._inbox.put(lambda: self._set_pace(steps_per_second))

    def edit(self, experiment: Experiment) -> None:
        """Go on with a changed experiment where that is possible, otherwise start it anew, idle."""
        self._inbox.put(lambda: self._edit(experiment))

    def submit(self, key: object, job: Callable[[Simulation | None], Any]) -> None:
        """Call job(simulation) between two stretches; its end is reported as JobDone with this key."""
        self._inbox.put(lambda: self._do(key, job))

    def stop(self) -> None:
        """Let `run` return, with the state STOPPED if the simulation was running."""
        self._inbox.put(self._stop)

    def run(self) -> None:
        """The loop; returns after `stop`."""
        while not self._stopping:
            self._receive()
            if self._state is State.RUNNING and time.monotonic() >= self._due:
                self._fly()

    def _receive(self) -> None:
        """Do what is in the inbox; wait for more until the next step is due."""
        wait = None if self._state is not State.RUNNING else max(0.0, self._due - time.monotonic())
        while not self._stopping:
            try:
                command = self._inbox.get(timeout=wait) if wait != 0 else self._inbox.get_nowait()
            except queue.Empty:
                return
            command()
            wait = 0

    def _fly(self) -> None:
        assert self._simulation is not None
        if self._held() and self._gate is not None:
            self._gate.wait(_GATE_PATIENCE)
        begin, before = time.monotonic(), self._simulation.step
        steps = self._stretch if self._pace is None else min(self._owed(begin), self._stretch)
        if not self._advance(min(steps, self._simulation.experiment.steps - before)):
            return
        took, done = time.monotonic() - begin, self._simulation.step - before
        fitting = int(done * STRETCH / max(took, 1e-6))
        self._stretch = max(1, min(fitting, 2 * self._stretch, _LONGEST_STRETCH))
        if self._pace is None:
            self._due = begin
        else:  # what a slow problem cannot keep up with is not owed for ever
            self._due = max(self._due + done / self._pace, begin - 0.1)

    def _held(self) -> bool:
        return self._gate is not None and not self._gate.is_set()

    def _owed(self, now: float) -> int:
        assert self._pace is not None
        return int(max(0.0, now - self._due) * self._pace) + 1

    def _advance(self, steps: int) -> bool:
        """Advance; False when that was the end."""
        assert self._simulation is not None
        try:
            self._simulation.advance(steps, self._held)
        except Exception as error:  # noqa: BLE001 - it must reach the user, not end the thread
            self._change(State.FAILED, f"{type(error).__name__}: {error}")
            return False
        if self._simulation.done:
            self._change(State.DIVERGED if self._simulation.diverged else State.FINISHED)
            return False
        return True

    def _change(self, state: State, message: str = "") -> None:
        if state is not self._state or message:
            self._state = state
            self._report(StateChanged(state, message))

    def _load(self, build: Callable[[], Simulation]) -> None:
        self._state = State.IDLE
        try:
            self._simulation = build()
        except Exception as error:  # noqa: BLE001 - as in _advance
            self._simulation = None
            self._report(StateChanged(State.FAILED, str(error)))
            return
        self._stretch = 1
        self._report(Loaded(self._simulation))
        self._report(StateChanged(self._standing()))

    def _standing(self) -> State:
        """The state of a simulation that is not running."""
        assert self._simulation is not None
        if self._simulation.diverged:
            self._state = State.DIVERGED
        elif self._simulation.done:
            self._state = State.FINISHED
        else:
            self._state = State.PAUSED if self._simulation.step else State.IDLE
        return self._state

    def _play(self) -> None:
        if self._simulation is not None and self._state in (State.IDLE, State.PAUSED):
            self._due = time.monotonic()
            self._change(State.RUNNING)

    def _pause(self) -> None:
        if self._state is State.RUNNING:
            self._change(State.PAUSED)

    def _step(self) -> None:
        self._pause()
        if self._simulation is not None and self._state in (State.IDLE, State.PAUSED) and self._advance(1):
            self._state = State.PAUSED
            self._report(StateChanged(State.PAUSED))  # also where it was: there is a new step to look at

    def _set_pace(self, steps_per_second: float | None) -> None:
        self._pace = steps_per_second
        self._due = time.monotonic()

    def _edit(self, experiment: Experiment) -> None:
        if self._simulation is None or not self._simulation.takes(experiment):
            self._load(lambda: Simulation(experiment))
            return
        self._simulation.amend(experiment)
        if self._state is not State.RUNNING or self._simulation.done:
            self._report(StateChanged(self._standing()))

    def _do(self, key: object, job: Callable[[Simulation | None], Any]) -> None:
        try:
            event = JobDone(key, job(self._simulation))
        except Exception as error:  # noqa: BLE001 - as in _advance
            event = JobDone(key, error=error)
        self._due = max(self._due, time.monotonic() - 0.1)
        self._report(event)

    def _stop(self) -> None:
        self._stopping = True
        if self._state is State.RUNNING:
            self._change(State.STOPPED)
