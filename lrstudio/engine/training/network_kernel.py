"""Advances the runs of one optimizer group of a network in a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.kernel.host import Kernel
from lrstudio.core.network.joins import numbers_of
from lrstudio.core.network.passes import PIECE
from lrstudio.core.network.program import FULL, METRICS, SNAPSHOT, WORDS, NetworkProgram
from lrstudio.core.network.update import scratch_bytes
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batch import OptimizerGroup
from lrstudio.engine.training.batch_runner import MiniBatches
from lrstudio.engine.training.precision import weight_dtype

_TYPES = {np.dtype(np.float64): "f64", np.dtype(np.float32): "f32"}


class State(NamedTuple):
    """Weights and gradient (G, P), optimizer states (G, P) and losses (G,) of some runs."""

    w: Array
    gradient: Array
    states: Sequence[Array]
    loss: Array


class Points(NamedTuple):
    """The points of the steps of a block: `x` (n or 1, ...) and `labels` (n or 1, ...) with `counts` (n,) of them.

    A step's inputs lie one after the other, each a row of points that is filled up to 16 bytes.
    """

    x: Array
    labels: Array
    counts: Array


class NetworkSteps(NamedTuple):
    """Rows of some runs after each update (n, G, ...), as float64: of all weights and slopes the sums of their squares.

    `ends` (G,) are the first rows with a number that is not finite, n for runs without one, and `final` (G,) the losses
    on all data before that; what follows is undefined. `full` (k, G), `metrics` (k, G, 3) and `snapshots` (k, G, P) are
    those of the rows where they were due.
    """

    loss: Array
    params: Array
    grad: Array
    squares: Array
    grad_squares: Array
    ends: Array
    final: Array
    full: Array
    metrics: Array
    snapshots: Array


class NetworkKernel:
    """Advances G runs with optimizers of one kind on a network."""

    def __init__(self, experiment: Experiment, objective: Objective, group: OptimizerGroup) -> None:
        assert objective.classifier is not None
        network, head, split = objective.classifier
        self._dtype, self._rule = objective.dtype, group.rule
        weights = _TYPES[weight_dtype(experiment.precision)]
        program = NetworkProgram(network, head, group.rule.program, _TYPES[objective.dtype], weights)
        passes = program.passes
        self._size, self._pitch = passes.network.size, passes.pitch // self._dtype.itemsize
        self._kernel = Kernel(program.text)
        most = max(len(split.labels), len(split.other_labels))
        row = padded(max(PIECE, most if group.batch_size is None else group.batch_size), self._dtype)
        width = self._dtype.itemsize
        train, other = (
            self._pieces(x.astype(self._dtype), labels)
            for x, labels in ((split.x, split.labels), (split.other_x, split.other_labels))
        )
        self._recorded = np.asarray(experiment.problem.recorded)
        self._constant = {
            "recorded": self._kernel.put((self._recorded * self._dtype.itemsize).astype(np.int32)),
            "recorded_count": len(self._recorded),
            **dict(zip(("train", "train_labels", "train_count"), train, strict=True)),
            **dict(zip(("other", "other_labels", "other_count"), other, strict=True)),
            "total": self._kernel.allocate(16),
            "losses": self._kernel.allocate(max(row, padded(most, self._dtype)) * self._dtype.itemsize),
            "base": self._kernel.allocate(passes.rows * row * self._dtype.itemsize),
            "scratch": self._kernel.allocate(scratch_bytes(program.rule, network.tensors, passes.pitch, width)),
            "numbers": self._put_weights(numbers_of(group.rule.tensors)),
        }
        self._mark = self._kernel.allocate(0)

    def _pieces(self, x: Array, labels: Array) -> tuple[int, int, int]:
        """Puts points in pieces into memory; returns the offsets and the number of points."""
        pieces = [slice(first, first + PIECE) for first in range(0, len(labels), PIECE)]
        parts = [whole_points(x[piece], labels[piece], self._dtype) for piece in pieces]
        inputs, classes = (np.concatenate([part[index].ravel() for part in parts]) for index in (0, 1))
        return self._kernel.put(inputs), self._kernel.put(classes), len(labels)

    def advance(
        self, step: int, rates: Array, state: State, points: Points, due: Array, *, settle: bool
    ) -> tuple[State, NetworkSteps]:
        """Makes an update with each row of the rates (n, G), the first after `step` updates.

        `due` (n,) are sums of FULL, METRICS and SNAPSHOT; `settle` asks for the final losses of runs that end.
        """
        kernel, (steps, runs), size = self._kernel, rates.shape, state.w.shape[1]
        kernel.release(self._mark)
        coefficients = [np.ascontiguousarray(values) for values in self._rule.coefficients(step, rates)]
        arguments = kernel.allocate(4 * (len(WORDS) + 3 * len(coefficients)))
        shapes = {
            "loss": (steps, runs),
            "params": (steps, runs, len(self._recorded)),
            "grad": (steps, runs, len(self._recorded)),
            "squares": (steps, runs),
            "grad_squares": (steps, runs),
            "full": (int(np.count_nonzero(due & FULL)), runs),
            "metrics": (int(np.count_nonzero(due & METRICS)), runs, 3),
            "snapshots": (int(np.count_nonzero(due & SNAPSHOT)), runs, size),
        }
        columns = 8 * sum(int(np.prod(shape)) for shape in shapes.values())
        weights = (3 + len(state.states)) * runs * self._pitch * self._dtype.itemsize
        kernel.reserve(columns + weights + sum(values.nbytes for values in (*points, *coefficients)))
        words = (
            dict.fromkeys(WORDS, 0)
            | self._constant
            | {
                "steps": steps,
                "runs": runs,
                "w": self._put_weights(state.w),
                "next": kernel.allocate(runs * self._pitch * self._dtype.itemsize),
                "g": self._put_weights(state.gradient),
                "states": self._put_states(state.states, runs),
                "ends": kernel.put(np.full(runs, steps, np.int32)),
                "final": kernel.put(np.full(runs, np.nan)) if settle else 0,
                "x": kernel.put(points.x),
                "x_by": points.x.strides[0] if len(points.x) > 1 else 0,
                "labels": kernel.put(points.labels),
                "labels_by": points.labels.strides[0] if len(points.labels) > 1 else 0,
                "counts": kernel.put(points.counts.astype(np.int32)),
                "due": kernel.put(due.astype(np.int32)),
                **{name: kernel.allocate(8 * int(np.prod(shape))) for name, shape in shapes.items()},
            }
        )
        triples = []
        for values in coefficients:
            by_step, by_run = (
                stride if length > 1 else 0 for length, stride in zip(values.shape[:2], values.strides, strict=False)
            )
            triples += [kernel.put(values), by_step, by_run]
        kernel.view(arguments, (len(words) + len(triples),), np.int32)[:] = [*words.values(), *triples]
        kernel.call("trace", arguments)
        after = State(
            self._weights(words["w"], (runs,)).astype(state.w.dtype),
            self._weights(words["g"], (runs,)).copy(),
            [values.copy() for values in self._weights(words["states"], (runs, len(state.states))).swapaxes(0, 1)],
            kernel.view(words["loss"], (steps, runs))[-1].copy(),
        )
        written = {name: kernel.view(words[name], shape) for name, shape in shapes.items()}
        final = kernel.view(words["final"], (runs,)) if settle else np.full(runs, np.nan)
        return after, NetworkSteps(ends=kernel.view(words["ends"], (runs,), np.int32), final=final, **written)

    def _put_weights(self, values: Array) -> int:
        """Puts arrays (..., P) into memory, each filled up by zeros; returns the offset."""
        *others, size = values.shape
        offset = self._kernel.allocate(int(np.prod(others)) * self._pitch * self._dtype.itemsize)
        view = self._kernel.view(offset, (*others, self._pitch), self._dtype)
        view[..., :size], view[..., size:] = values, 0
        return offset

    def _put_states(self, states: Sequence[Array], runs: int) -> int:
        """Puts the states (G, P) into memory, those of a run one after the other."""
        offset = self._kernel.allocate(len(states) * runs * self._pitch * self._dtype.itemsize)
        for values, own in zip(self._weights(offset, (runs, len(states))).swapaxes(0, 1), states, strict=True):
            values[...] = own
        return offset

    def _weights(self, offset: int, others: tuple[int, ...]) -> Array:
        """Returns arrays (..., P) in memory."""
        return self._kernel.view(offset, (*others, self._pitch), self._dtype)[..., : self._size]


def padded(points: int, dtype: DType) -> int:
    """Returns the number of points with which a row is filled up to 16 bytes."""
    lanes = 16 // dtype.itemsize
    return -(-points // lanes) * lanes


def whole_points(x: Array, labels: Array, dtype: DType) -> Points:
    """Returns all points x (m, in) with their labels (m,) for every step; the last one fills up the rows."""
    rows = np.minimum(np.arange(padded(len(labels), dtype)), len(labels) - 1)
    inputs = np.ascontiguousarray(x[rows].T, dtype)
    return Points(inputs.reshape(1, -1), labels[rows].astype(dtype)[None], np.array([len(labels)]))


def points_of(x: Array, labels: Array, batches: MiniBatches, step: int, steps: int) -> Points:
    """Returns the mini-batches of some steps of points x (m, in) with their labels (m,), in the type of x."""
    groups = batches.many(step, steps)
    most = padded(max(rows.shape[1] for _, rows in groups), x.dtype)
    inputs, own_labels = np.zeros((steps, x.shape[1] * most), x.dtype), np.zeros((steps, most), x.dtype)
    counts = np.empty(steps, np.int64)
    for some, rows in groups:
        counts[some] = count = rows.shape[1]
        width = padded(count, x.dtype)
        rows = rows[:, np.minimum(np.arange(width), count - 1)]
        columns = inputs[:, : x.shape[1] * width].reshape(steps, x.shape[1], width)  # a view
        columns[some] = x[rows].swapaxes(1, 2)
        own_labels[some, :width] = labels[rows]
    return Points(inputs, own_labels, counts)
