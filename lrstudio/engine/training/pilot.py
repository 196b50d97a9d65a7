"""Runs a simulation on a worker thread: play, pause, pace, step, stop and other jobs that would block the window."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.pool import POOL
from lrstudio.engine.training.simulation import Simulation

GATE_SECONDS = 0.05
"""Longest wait for the gate."""
_TOGETHER = 0.004
"""Seconds of a pace whose steps are made at once, so that the worker rests between them."""
_STRETCH = 0.01
"""Seconds of computation after which new rows are published and the pace is kept."""
MOST_AHEAD = 3 * 2**24
"""Bytes of rows that are made before the window has seen them: one that is blocked must not fill the memory."""

MOST_STALLED = 60
"""Frames without a newly drawn row after which the worker does not wait for the plots."""


class State(StrEnum):
    """The state of the computation."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class StateChanged:
    """The new state; after a failure with its message, and the error if it is one of the program."""

    state: State
    message: str = ""
    error: BaseException | None = None


@dataclass(frozen=True)
class Loaded:
    """The simulation that has replaced the one before."""

    simulation: Simulation


@dataclass(frozen=True)
class JobDone:
    """The result of the job submitted as `key`, or the error that it raised."""

    key: object
    result: Any = None
    error: BaseException | None = None


Event = StateChanged | Loaded | JobDone


def reason_of(error: BaseException) -> str:
    """Returns the message of an error in one line, with its type if it is one of the program, or its file."""
    if isinstance(error, MemoryError):
        return (
            tr("there is not enough memory ({error})", error=error) if str(error) else tr("there is not enough memory")
        )
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {tr(error.strerror)}"
    if isinstance(error, (ValueError, OSError)) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class Pilot:
    """Runs a simulation in the thread that calls `run`, which returns after `stop` only: any error is reported.

    All other methods may be called from any thread; they take effect in their order, and end a stretch of computation
    early. `report` is called with the events on the worker's thread. Between two blocks of steps the worker waits while
    `gate` is cleared: the window clears it to paint. With a gate it also waits where it is MOST_AHEAD of `look`.
    """

    def __init__(self, report: Callable[[Event], None], gate: threading.Event | None = None) -> None:
        self._report = report
        self._gate = gate
        self._seen = self._drawn = self._stalled = 0
        self._looked = threading.Event()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._simulation: Simulation | None = None
        self._state = State.IDLE
        self._pace: float | None = None
        self._due = 0.0
        self._stopping = False

    def load(self, build: Callable[[], Simulation]) -> None:
        """Replaces the simulation by a new one, built on the worker's thread, without starting it."""
        self._inbox.put(lambda: self._load(build))

    def play(self) -> None:
        """Starts or resumes the simulation unless it is done."""
        self._inbox.put(self._play)

    def pause(self) -> None:
        self._inbox.put(self._pause)

    def step(self) -> None:
        """Makes one step and pauses."""
        self._inbox.put(self._step)

    def set_pace(self, steps_per_second: float | None) -> None:
        """Sets the speed; None is as fast as possible."""
        self._inbox.put(lambda: self._set_pace(steps_per_second))

    def edit(self, experiment: Experiment) -> None:
        """Continues with a changed experiment if possible, else loads it without starting it."""
        self._inbox.put(lambda: self._edit(experiment))

    def submit(self, key: object, job: Callable[[Simulation | None], Any]) -> None:
        """Calls job(simulation) between two stretches; reports a JobDone with this key."""
        self._inbox.put(lambda: self._run_job(key, job))

    def look(self, drawn: int | None = None) -> None:
        """Tells that the window has seen the rows that there are.

        It has `drawn` so many of them. Of a long trace the worker waits for these, as what it leaves behind would be
        made again to be drawn, unless they have been as many for MOST_STALLED frames.
        """
        simulation = self._simulation
        self._seen = 0 if simulation is None else simulation.trace.length
        if drawn is not None and simulation is not None and simulation.trace.sparse is not None:
            self._stalled = self._stalled + 1 if drawn == self._drawn else 0
            self._drawn = drawn
            self._seen = min(self._seen, drawn) if self._stalled < MOST_STALLED else self._seen
        self._looked.set()

    def stop(self) -> None:
        """Makes `run` return, with the state STOPPED if the simulation was running."""
        self._inbox.put(self._stop)

    def run(self) -> None:
        """Executes commands and advances the simulation until `stop`."""
        while not self._stopping:
            try:
                self._receive()
                if self._state is State.RUNNING and time.monotonic() >= self._due:
                    self._compute()
            except BaseException as error:  # noqa: BLE001 - reported to the user; must not end the thread
                self._fail(error)

    def _receive(self) -> None:
        """Executes the commands in the inbox; waits for more until the next step is due."""
        wait = None if self._state is not State.RUNNING else max(0.0, self._due - time.monotonic())
        while not self._stopping:
            try:
                command = self._inbox.get(timeout=wait) if wait != 0 else self._inbox.get_nowait()
            except queue.Empty:
                return
            command()
            wait = 0

    def _compute(self) -> None:
        """Makes the steps of one stretch."""
        assert self._simulation is not None
        begin, before = time.monotonic(), self._simulation.step
        steps = self._simulation.experiment.steps - before
        if self._pace is not None:
            steps = min(steps, int(max(0.0, begin - self._due) * self._pace) + max(1, int(_TOGETHER * self._pace)))
        if not self._advance(steps):
            return
        if self._pace is None:
            self._due = begin
        else:  # a slow problem does not catch up on more than 0.1 s
            self._due = max(self._due + (self._simulation.step - before) / self._pace, begin - 0.1)

    def _advance(self, steps: int) -> bool:
        """Advances the simulation, until a command comes or the stretch is over; returns False if it has ended."""
        assert self._simulation is not None
        end = time.monotonic() + _STRETCH

        def stop() -> bool:
            if self._gate is not None:
                self._gate.wait(GATE_SECONDS)
                self._wait_for_look()
            return time.monotonic() >= end or not self._inbox.empty()

        self._simulation.advance(steps, stop)
        if self._simulation.done:
            self._change(State.DIVERGED if self._simulation.diverged else State.FINISHED)
            return False
        return True

    def _wait_for_look(self) -> None:
        assert self._simulation is not None
        trace = self._simulation.trace
        while (trace.length - self._seen) * trace.row_bytes > MOST_AHEAD and self._inbox.empty():
            self._looked.wait(GATE_SECONDS)
            self._looked.clear()

    def _change(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self._report(StateChanged(state))

    def _fail(self, error: BaseException) -> None:
        self._state = State.FAILED
        self._report(StateChanged(State.FAILED, reason_of(error), error))

    def _load(self, build: Callable[[], Simulation]) -> None:
        if self._simulation is not None:
            self._simulation.rest()  # undo keeps it
        self._state, self._simulation = State.IDLE, None
        try:
            try:
                self._simulation = build()
            except MemoryError:  # the window still has the trace before
                POOL.relieve()
                self._simulation = build()
        except (ValueError, OSError) as error:  # an experiment that cannot be run
            self._state = State.FAILED
            self._report(StateChanged(State.FAILED, reason_of(error)))
            return
        self._report(Loaded(self._simulation))
        self._report_state(self._simulation)

    def _report_state(self, simulation: Simulation) -> None:
        """Reports the state of a simulation that is not running."""
        if simulation.done or simulation.diverged:
            self._state = State.DIVERGED if simulation.diverged else State.FINISHED
        else:
            self._state = State.PAUSED if simulation.step else State.IDLE
        self._report(StateChanged(self._state))

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
            self._report(StateChanged(State.PAUSED))  # also if already paused: there is a new step to show

    def _set_pace(self, steps_per_second: float | None) -> None:
        self._pace = steps_per_second
        self._due = time.monotonic()

    def _edit(self, experiment: Experiment) -> None:
        if self._simulation is None or not self._simulation.takes(experiment):
            self._load(lambda: Simulation(experiment))
            return
        self._simulation.amend(experiment)
        if self._state is not State.RUNNING or self._simulation.done:
            self._report_state(self._simulation)

    def _run_job(self, key: object, job: Callable[[Simulation | None], Any]) -> None:
        try:
            event = JobDone(key, job(self._simulation))
        except BaseException as error:  # noqa: BLE001 - as in `run`
            event = JobDone(key, error=error)
        self._due = max(self._due, time.monotonic() - 0.1)
        self._report(event)

    def _stop(self) -> None:
        self._stopping = True
        if self._state is State.RUNNING:
            self._change(State.STOPPED)
