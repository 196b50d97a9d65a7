"""The memory of the runs of a sweep kernel, and the statistics that are collected from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Window
from lrstudio.core.analysis.run_statistics import RunStatistics
from lrstudio.core.array import Array
from lrstudio.core.kernel.host import Kernel
from lrstudio.core.kernel.sweep import SweepProgram
from lrstudio.engine.training.batch_runner import Measured


class Records:
    """The memory of R runs: a record for each group, whose lanes are runs; the last run fills the lanes left over."""

    def __init__(self, program: SweepProgram, kernel: Kernel, runs: int) -> None:
        self._program, self._kernel, self._runs = program, kernel, runs
        self.dtype = np.dtype(np.float64 if program.lanes.scalar == "f64" else np.float32)
        self.groups = -(-runs // program.layout.runs)
        self.address = kernel.allocate(self.groups * program.layout.size)
        self.whole = np.dtype(np.int64 if program.lanes.scalar == "f64" else np.int32)
        self.parameters, self.noisy = program.parameters, program.batches

    def begin(self, w: Array, measured: Measured, full: Array | None, target: float | None) -> None:
        """Fills the records at the start of the runs."""
        self._kernel.view(self.address, (self.groups * self._program.layout.size,), np.uint8)[:] = 0
        loss = measured.loss.astype(float)
        ended = ~(np.isfinite(loss) & np.isfinite(w).all(axis=1))
        last = np.where(ended, np.nan, loss)
        judged = last if full is None else np.where(ended | ~np.isfinite(full), np.nan, full)
        values = {f"w{p}": w[:, p] for p in self.parameters}
        values |= {f"g{p}": measured.gradient[:, p] for p in self.parameters}
        values |= {"l": loss, "last": last, "judged": judged}
        values |= {"peak": np.fmax(last, -np.inf), "best": np.fmin(judged, np.inf)}
        reached = np.zeros(self._runs, bool) if target is None else (loss if full is None else full) <= target
        values |= {"dead": -ended.astype(int), "ends": ended - 1, "hits": (reached & ~ended) - 1}
        for name, numbers in values.items():
            self[name] = numbers

    def __getitem__(self, name: str) -> Array:
        """Returns a copy of a column (R,)."""
        return self._column(name).reshape(-1)[: self._runs].copy()

    def __setitem__(self, name: str, values: Any) -> None:
        """Sets a column to numbers (R,) or one number."""
        column = self._column(name)
        if np.ndim(values):
            values = np.concatenate([values, values[-1:].repeat(column.size - self._runs)]).reshape(column.shape)
        column[...] = values

    def stacked(self, name: str) -> Array:
        """Returns the columns of all parameters (R, P), one after the other in memory."""
        return np.array([self[f"{name}{p}"] for p in self.parameters]).T

    def _column(self, name: str) -> Array:
        column = self._program.layout.columns[name]
        dtype = {"number": self.dtype, "whole": self.whole, "double": np.dtype(np.float64)}[column.type]
        width = self._program.layout.size // dtype.itemsize
        first = column.offset // dtype.itemsize
        whole = self._kernel.view(self.address, (self.groups, width), dtype)
        return whole[:, first : first + self._program.layout.runs]


class Results:
    """Collects the statistics between the stretches."""

    def __init__(self, records: Records, window: Window, w: Array, first_gradient_norm: Array) -> None:
        self._records, self._window = records, window
        self._start, self._first_gradient_norm = w, first_gradient_norm
        self._squares, self._max_losses, self._square_sums = (np.zeros((BLOCKS, len(w))) for _ in range(3))
        self._sums = np.zeros((2, 2, len(w)))

    def before(self, row: int) -> None:
        """Begins a block whose first row is the next one, and keeps the loss before the last row."""
        records = self._records
        if row + 1 in self._window.starts:
            records["max_loss"] = -np.inf
            for name in ("square", "square_sum", "loss_sum", "loss_square_sum"):
                records[name] = 0.0
            records["changed"] = 0
        if row == self._window.steps - 1:
            self._before = records["l"].astype(float)

    def after(self, row: int) -> None:
        """Keeps weights, and ends the block whose last row this is."""
        records, window = self._records, self._window
        if row == window.starts[0]:
            self._halfway = records.stacked("w")
            records["reversals"] = 0  # of the step to the first row of the window
        if row == window.starts[-1]:
            self._earlier = records.stacked("w")
        block = next((block for block, start in enumerate(window.starts) if row == start + window.length - 1), None)
        if block is None:
            return
        self._square_sums[block] = records["square_sum"]
        self._squares[block] = np.where(np.isnan(self._square_sums[block]), np.nan, records["square"])
        self._max_losses[block] = records["max_loss"]
        if block in (0, BLOCKS - 1):
            self._sums[int(block > 0)] = records["loss_sum"], records["loss_square_sum"]

    def statistics(self) -> RunStatistics:
        """Returns the statistics after the last row."""
        records = self._records
        loss, ends = records["l"].astype(float), records["ends"].astype(np.int64)
        noisy = self._records.noisy
        last = np.where(ends < 0, loss, records["last"])
        return RunStatistics(
            window=self._window,
            ends=ends,
            last=last,
            judged=records["judged"].astype(float) if noisy else last,
            peak=records["peak"].astype(float),
            best=records["best"].astype(float),
            hits=records["hits"].astype(np.int64),
            before=self._before,
            start=self._start,
            halfway=self._halfway,
            earlier=self._earlier,
            w=records.stacked("w"),
            turns=records["turns"].astype(np.int64),
            squares=self._squares,
            max_losses=self._max_losses,
            square_sums=self._square_sums,
            sums=self._sums,
            reversals=records["reversals"].astype(np.int64),
            gradient_sum=records.stacked("slope_sum"),
            moved=2 * records["changed"] != 0,
            gradient=records.stacked("g"),
            first_gradient_norm=self._first_gradient_norm,
        )
