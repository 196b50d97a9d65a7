"""Advances runs of one kind in a kernel."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import LossRule
from lrstudio.core.kernel.host import Kernel
from lrstudio.core.kernel.trace import WORDS, TraceProgram
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batch import OptimizerGroup
from lrstudio.engine.training.precision import weight_dtype
from lrstudio.engine.training.rates import Count, Indices, Rates

_TYPES = {np.dtype(np.float64): "f64", np.dtype(np.float32): "f32"}


class Steps(NamedTuple):
    """Rows of some runs after each update (n, G, ...), as float64.

    `ends` (G,) are the first rows with a number that is not finite, n for runs without one; what follows them is
    undefined. `full` (k, G) are the losses on all data at the ends of epochs, `rates` (n, G) those of a schedule that
    follows the loss.
    """

    loss: Array
    params: Array
    grad: Array
    loss_plus: Array | None
    ends: Array
    full: Array
    rates: Array | None


class State(NamedTuple):
    """Weights and gradient (G, P), optimizer states (S, G, P), losses (G,), a schedule's states (G, k) of some runs."""

    w: Array
    gradient: Array
    states: Array
    loss: Array
    schedule: Array


class Part(NamedTuple):
    """Runs with optimizers of one kind and, where their rates follow the loss, schedules of one kind.

    `runs` are their indices among all runs, `members` those in the optimizer's group, `followers` those in the
    schedule's.
    """

    runs: Indices
    group: OptimizerGroup
    members: Indices
    schedule: LossRule | None = None
    followers: Indices = slice(None)

    def constants(self, length: Count, lr0: Array) -> Array:
        """Returns T, lr0 and the numbers that differ between the runs (G, k)."""
        assert self.schedule is not None
        own = [values[self.followers] for values in self.schedule.varying]
        own += [values[self.members, 0] for values in self.group.rule.varying]
        return np.stack(
            [np.broadcast_to(np.asarray(length, float), lr0.shape)[self.runs], lr0[self.runs], *own], axis=1
        )


class TraceKernel:
    """Advances the G runs of a part on a formula."""

    def __init__(self, experiment: Experiment, objective: Objective, part: Part) -> None:
        size, batch = objective.size, part.group.batch_size
        rows = size if batch is None else min(batch, size) if size % min(batch, size) == 0 else None
        self._dtype, self._part, self._batch = objective.dtype, part, batch
        assert objective.formula is not None
        program = TraceProgram(
            objective.formula,
            part.group.rule.program,
            _TYPES[objective.dtype],
            _TYPES[weight_dtype(experiment.precision)],
            experiment.gradient.mode,
            experiment.gradient.eps or 0.0,
            rows,
            batch is not None,
            part.schedule.program if part.schedule else None,
        )
        self._kernel = Kernel(program.text)
        self._columns = np.array(list(objective.data.values()), objective.dtype).reshape(len(objective.data), size)
        self._data = self._kernel.put(self._columns)
        self._mark = self._kernel.allocate(0)
        self._has_plus = experiment.gradient.mode == "forward"

    def advance(
        self, step: int, rates: Rates, table: Array, state: State, order: Array | None = None, turn: int = 0
    ) -> tuple[State, Steps]:
        """Makes an update with each row of the table of rates (n, R), the first after `step` updates.

        With mini-batches `order` are the indices of the data points of all measurements, the first of which is number
        `turn` of its epoch. The rows are valid until the next call.
        """
        kernel, part, steps, (runs, size) = self._kernel, self._part, len(table), state.w.shape
        kernel.release(self._mark)
        follows, whole = part.schedule is not None, self._columns.shape[1]
        epochs = 0 if self._batch is None else (turn + steps - 1) // -(-whole // self._batch) + (turn == 0)
        tables = [] if follows else part.group.rule.coefficients(step, table[:, part.runs], part.members)
        carried = np.concatenate(
            [state.w, state.gradient, *state.states, state.loss[:, None], state.schedule], axis=1, dtype=float
        )
        shapes = {"loss": (steps, runs), "params": (steps, runs, size), "grad": (steps, runs, size)}
        shapes |= {"plus": (steps, runs, size)} if self._has_plus else {}
        shapes |= {"full": (epochs, runs), "rates": (steps if follows else 0, runs)}
        shuffled = None if order is None else np.take(self._columns, order, axis=1)
        others = [carried, *tables] if shuffled is None else [carried, shuffled, *tables]
        kernel.reserve(8 * sum(map(math.prod, shapes.values())) + sum(values.nbytes for values in others))
        arguments = kernel.allocate(4 * (len(WORDS) + 3 * len(tables)))
        words = dict.fromkeys(WORDS, 0) | {
            name: kernel.allocate(8 * math.prod(shape)) for name, shape in shapes.items()
        }
        words |= {"steps": steps, "runs": runs, "first": step, "state": kernel.put(carried)}
        words |= {"ends": kernel.put(np.full(runs, steps, np.int32))}
        words |= {"data": self._data, "pitch": self._dtype.itemsize * whole, "size": whole}
        words |= {"whole": self._data, "whole_pitch": words["pitch"], "whole_size": whole}
        if follows:
            words["constants"] = kernel.put(part.constants(rates.length, rates.lr0))
        if shuffled is not None:
            assert self._batch is not None
            words |= {"data": kernel.put(shuffled), "pitch": shuffled.shape[1] * self._dtype.itemsize}
            words |= {"batch": min(self._batch, whole), "index": turn}
        triples = [word for values in tables for word in (kernel.put(values), *_strides(values))]
        kernel.view(arguments, (len(words) + len(triples),), np.int32)[:] = [*words.values(), *triples]
        kernel.call("trace", arguments)
        views = {name: kernel.view(words[name], shape) for name, shape in shapes.items()}
        ends = kernel.view(words["ends"], (runs,), np.int32)
        after = kernel.view(words["state"], carried.shape).copy()
        return _split(after, size, state), Steps(
            views["loss"],
            views["params"],
            views["grad"],
            views.get("plus"),
            ends,
            views["full"],
            views["rates"] if follows else None,
        )


def _strides(values: Array) -> list[int]:
    """Returns the bytes from step to step and from run to run of coefficients (n or 1, G or 1, 1)."""
    return [stride if length > 1 else 0 for length, stride in zip(values.shape[:2], values.strides, strict=False)]


def _split(carried: Array, size: int, before: State) -> State:
    """Returns the numbers (G, k) that a kernel carries as a state like the one before."""
    states, own = len(before.states), carried[:, : (2 + len(before.states)) * size]
    w, gradient, *others = own.reshape(len(carried), 2 + states, size).transpose(1, 0, 2)
    loss, schedule = carried[:, own.shape[1]], carried[:, own.shape[1] + 1 :]
    return State(w, gradient, np.array(others).reshape(before.states.shape), loss, schedule)
