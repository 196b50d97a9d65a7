"""Records the steps of a batch that NumPy advances: networks, Newton's method, and all else where no kernel runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.network.products import norms
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.batch_runner import BatchRunner, Measured, in_parts
from lrstudio.engine.training.columns import FullLosses
from lrstudio.engine.training.rows import Rows, evaluated
from lrstudio.engine.training.trace import UNENDED, Trace

_MOST = 256
"""The largest number of steps that are recorded at once."""


class NumpyRecorder:
    """Advances a runner one step after the other and collects the rows that a trace stores."""

    def __init__(self, runner: BatchRunner, trace: Trace, recorded: Any) -> None:
        self._runner, self._trace, self._recorded = runner, trace, recorded

    def record(self, experiment: Experiment, steps: int, stop: Stop | None) -> Rows:
        """Makes up to `steps` updates, as long as the rates ahead are known and a run has not reached the target.

        Ends early once `stop()` returns True.
        """
        first, runner, trace = self._trace.length - 1, self._runner, self._trace
        steps = min(steps, _MOST)
        rates = runner.rates.at(np.arange(first, first + steps)).copy()
        rows: dict[str, Array] = {
            column: np.full((steps, *trace.read(column, first).shape[1:]), np.nan)
            for column in trace.columns
            if column != "lr"
        }
        full: list[tuple[int, Array]] = []
        target = experiment.target_loss
        threshold = None if target is None else np.float64(target)  # a Python float would be rounded to float32
        active = (trace.hits == UNENDED) & (trace.ends == UNENDED)
        for index, measured in enumerate(runner.updates(rates)):
            self._write({name: values[index] for name, values in rows.items()}, measured, experiment)
            judged = measured.loss
            if trace.full is not None:
                self._settle(trace.full)
                losses = runner.full_losses(experiment.steps_each, experiment.lengths)
                judged = np.full(len(active), np.inf) if losses is None else np.where(np.isnan(losses), np.inf, losses)
                full += [] if losses is None else [(runner.step, losses)]
            if threshold is not None:
                active &= (judged > threshold) & np.isfinite(measured.loss) & np.isfinite(runner.w).all(axis=1)
                if not active.any():
                    break
            if stop is not None and stop():
                break
        done = index + 1
        rows = {column: values[:done] for column, values in rows.items()}
        whole = np.array([step for step, _ in full], int), np.array([losses for _, losses in full], float)
        steps_with_losses = whole[0], whole[1].reshape(-1, len(active))
        return Rows(rows, rates[:done], _ends(rows), None if trace.full is None else steps_with_losses)

    def _write(self, row: dict[str, Array], measured: Measured, experiment: Experiment) -> None:
        """Writes the measured values into a row; of a network also the metrics, and takes a snapshot."""
        runner, snapshots = self._runner, self._trace.snapshots
        row["loss"][:] = measured.loss
        row["params"][:], row["grad"][:] = runner.w[:, self._recorded], measured.gradient[:, self._recorded]
        if measured.loss_plus is not None:
            row["loss_plus"][:] = measured.loss_plus
        if snapshots is not None:
            for name, values in network_metrics(runner, experiment).items():
                row[name][:] = values
            runner.end(~(np.isfinite(measured.loss) & np.isfinite(row["norm"])))
            snapshots.take(runner.step, runner.w)

    def _settle(self, full: FullLosses) -> None:
        """Measures the final losses on all data of the runs that the newest update has ended."""
        runner = self._runner
        broken = ~(np.isfinite(runner.measured.loss) & np.isfinite(runner.w).all(axis=1))
        broken &= np.isnan(full.final) & np.isfinite(runner.before).all(axis=1)
        if broken.any():
            full.final[broken] = runner.full_losses_before(broken)


def network_metrics(runner: BatchRunner, experiment: Experiment) -> dict[str, Array]:
    """Returns the metrics (R,) of a network; those on all data at some steps only."""
    if not runner.objective.metrics:
        return {}
    metrics = {"norm": norms(runner.w), "grad_norm": norms(runner.measured.gradient)}
    due = evaluated(experiment, np.array([runner.step]))[0]
    if not due.any():
        return metrics
    objective, names = runner.objective, runner.objective.metrics[len(metrics) :]
    values = in_parts(lambda some: tuple(objective.evaluate(some).values()), objective, runner.w)
    return metrics | {name: np.where(due, own, np.nan) for name, own in zip(names, values, strict=True)}


def _ends(rows: dict[str, Array]) -> Array:
    """Returns the first rows (R,) with a number that is not finite, their number where there is none."""
    broken = ~(np.isfinite(rows["loss"]) & np.isfinite(rows["params"]).all(axis=2))
    if "norm" in rows:
        broken |= ~np.isfinite(rows["norm"])
    return np.where(broken.any(axis=0), broken.argmax(axis=0), len(broken))
