"""Advances the runs of one optimizer group in a kernel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel.host import Kernel
from lrstudio.core.kernel.trace import WORDS, TraceProgram
from lrstudio.core.objective import FormulaObjective
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batch import OptimizerGroup, weight_dtype

_TYPES = {np.dtype(np.float64): "f64", np.dtype(np.float32): "f32"}


class Steps(NamedTuple):
    """Rows of some runs after each update (n, G, ...), as float64.

    `ends` (G,) are the first rows with a number that is not finite, n for runs without one; what follows them is
    undefined. `full` (k, G) are the losses on all data at the ends of epochs.
    """

    loss: Array
    params: Array
    grad: Array
    loss_plus: Array | None
    ends: Array
    full: Array


class State(NamedTuple):
    """Weights and gradient (G, P), optimizer states (S, G, P) and losses (G,) of some runs, as float64."""

    w: Array
    gradient: Array
    states: Array
    loss: Array


class TraceKernel:
    """Advances G runs with optimizers of one kind on a formula; with mini-batches on `rows` of the data."""

    def __init__(self, experiment: Experiment, objective: FormulaObjective, group: OptimizerGroup) -> None:
        size, batch = objective.size, experiment.batch_size
        rows = size if batch is None else min(batch, size) if size % min(batch, size) == 0 else None
        mode, eps = experiment.gradient.mode, experiment.gradient.eps or 0.0
        self._dtype, self._rule, self._batch = objective.dtype, group.rule, batch
        weights = _TYPES[weight_dtype(experiment.precision)]
        program = TraceProgram(
            objective.formula, group.rule.program, _TYPES[objective.dtype], weights, mode, eps, rows, batch is not None
        )
        self._kernel = Kernel(program.text)
        self._columns = np.array(list(objective.data.values()), objective.dtype).reshape(len(objective.data), size)
        self._data = self._kernel.put(self._columns)
        self._mark = self._kernel.allocate(0)
        self._has_plus = mode == "forward"

    def advance(
        self, step: int, rates: Array, state: State, orders: Array | None = None, turn: int = 0
    ) -> tuple[State, Steps]:
        """Makes an update with each row of the rates (n, G), the first after `step` updates.

        `orders` (epochs, size) are the shuffled rows of the epochs of the measurements, the first of which uses the
        mini-batch `turn` of its epoch.
        """
        kernel, (steps, runs), size = self._kernel, rates.shape, state.w.shape[1]
        kernel.release(self._mark)
        whole = self._columns.shape[1]
        words = dict.fromkeys(WORDS, 0)
        epochs = 0 if orders is None else len(orders)
        coefficients = self._rule.coefficients(step, rates)
        carried = np.concatenate([state.w, state.gradient, *state.states, state.loss[:, None]], axis=1, dtype=float)
        arguments = kernel.allocate(4 * (len(WORDS) + 3 * len(coefficients)))
        words |= {
            "steps": steps,
            "runs": runs,
            "state": kernel.put(carried),
            "ends": kernel.put(np.full(runs, steps, np.int32)),
            "loss": kernel.allocate(8 * steps * runs),
            "params": kernel.allocate(8 * steps * runs * size),
            "grad": kernel.allocate(8 * steps * runs * size),
            "plus": kernel.allocate(8 * steps * runs * size if self._has_plus else 0),
            "full": kernel.allocate(8 * (epochs + 1) * runs),
            "data": self._data,
            "pitch": self._dtype.itemsize * whole,
            "size": whole,
            "whole": self._data,
            "whole_pitch": self._dtype.itemsize * whole,
            "whole_size": whole,
        }
        if orders is not None:
            assert self._batch is not None
            shuffled = np.ascontiguousarray(self._columns[:, orders.ravel()])
            batch = min(self._batch, whole)
            words |= {
                "data": kernel.put(shuffled) + turn * batch * self._dtype.itemsize,
                "pitch": shuffled.shape[1] * self._dtype.itemsize,
                "batch": batch,
                "index": turn,
            }
        triples = []
        for values in coefficients:
            by_step, by_run = (
                stride if length > 1 else 0
                for length, stride in zip(values.shape[:2], np.ascontiguousarray(values).strides, strict=False)
            )
            triples += [kernel.put(np.ascontiguousarray(values)), by_step, by_run]
        kernel.view(arguments, (len(words) + len(triples),), np.int32)[:] = [*words.values(), *triples]
        kernel.call("trace", arguments)
        carried = kernel.view(words["state"], carried.shape).copy()
        parts = np.split(carried, range(size, carried.shape[1], size), axis=1)
        after = State(parts[0], parts[1], np.array(parts[2:-1]).reshape(-1, runs, size), parts[-1][:, 0])
        return after, Steps(
            kernel.view(words["loss"], (steps, runs)),
            kernel.view(words["params"], (steps, runs, size)),
            kernel.view(words["grad"], (steps, runs, size)),
            kernel.view(words["plus"], (steps, runs, size)) if self._has_plus else None,
            kernel.view(words["ends"], (runs,), np.int32),
            kernel.view(words["full"], (epochs, runs)),
        )
