"""Explains one step of a run: every formula that takes part, with its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Stop
from lrstudio.engine.explain.line import Line, ShownParameters
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.explain.step_lines import loss_lines, rate_lines, update_lines
from lrstudio.engine.training.trace import UNENDED

MOST_SHOWN = 2
"""Problems with more parameters show one that is chosen."""


@dataclass(frozen=True)
class Explanation:
    """Step `step` (from 0) of a run: `w` and `loss` before the update, `after` and `loss_after` after it.

    A step that is not `recorded` is predicted; where the run `ended` at it, a number overflowed. `loss_after` is NaN
    where it is unknown. `lr` is the rate that the step used, `scheduled` the one that the schedule's rule gives now.
    """

    run: int
    step: int
    names: tuple[str, ...]
    lines: tuple[Line, ...]
    w: Array
    after: Array
    loss: float
    loss_after: float
    lr: float
    scheduled: float
    recorded: bool
    ended: bool = False

    @property
    def stretch(self) -> Array:
        """The change (P,) of the weights."""
        with np.errstate(invalid="ignore"):
            return self.after - self.w

    @property
    def unmoved(self) -> tuple[str, ...]:
        """The parameters that do not change although their gradient is not 0."""
        g = next((line.vector for line in self.lines if line.role == "gradient"), None)
        still = () if g is None else np.flatnonzero((self.after == self.w) & (g != 0))
        return tuple(self.names[index] for index in still)


def explain(replay: Replay, step: int, parameter: int = 0, stop: Stop = lambda: False) -> Explanation | None:
    """Explains the step that a run makes from a row; None for a trace without rows.

    At the last row of an active run it predicts the next step; of a finished run it explains the last one.
    Raises replay.Stopped once `stop()` returns True.
    """
    trace, run = replay.trace, replay.run
    rows = trace.rows(run)
    if rows < 1:
        return None
    step = min(max(step, 0), rows - 1)
    over = trace.length > replay.experiment.steps or trace.over(replay.experiment.target_loss)
    if step == rows - 1 and step and (trace.finished[run] or (trace.ends[run] == UNENDED and over)):
        step -= 1
    recorded = step + 1 < rows
    size = len(trace.names)
    indices = tuple(range(size)) if size <= MOST_SHOWN else (min(max(parameter, 0), size - 1),)
    shown = ShownParameters(indices, trace.names)
    loss = float(replay.row("loss", step))
    with np.errstate(all="ignore"):
        rates, scheduled = rate_lines(replay, step, stop)
        used = float(replay.row("lr", step))
        lr = used if np.isfinite(used) else scheduled
        whole = replay.whole(step, stop)
        reached = replay.row("params", step + 1) if recorded else None
        updates, after = update_lines(replay, shown, step, lr, whole, reached)
        loss_after = float(replay.row("loss", step + 1)) if recorded else _predicted_loss(replay, step, after)
        lines = (*loss_lines(replay, shown, step), *rates, *updates)
    return Explanation(
        run=run,
        step=step,
        names=trace.names,
        lines=lines,
        w=replay.row("params", step).copy(),
        after=after,
        loss=loss,
        loss_after=loss_after,
        lr=lr,
        scheduled=scheduled,
        recorded=recorded,
        ended=not recorded and bool(trace.diverged[run]),
    )


def _predicted_loss(replay: Replay, step: int, after: Array) -> float:
    """Returns the loss after the next step; NaN for a network, most of whose weights are not recorded."""
    if replay.trace.snapshots is not None:
        return float("nan")
    w: Any = after[None].astype(replay.weight_dtype)
    return float(replay.objective.loss(w, replay.batches.rows(step + 1))[0])
