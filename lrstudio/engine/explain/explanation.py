"""One step of a run, explained: every formula that took part, with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Stop
from lrstudio.engine.explain.line import Line, Place
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.explain.step_lines import loss_lines, rate_lines, update_lines
from lrstudio.engine.training.trace import UNENDED, Trace

MOST_SHOWN = 2
"""So many parameters are written out; of more, one is chosen."""


@dataclass(frozen=True)
class Explanation:
    """Step `step` (from 0) of a run: `w` and `loss` before the update, `after` and `loss_after` after it.

    `recorded` tells whether it was made; one that is still to be made is foretold, and one at which the run `ended` led
    to no finite number. `loss_after` is NaN where nobody knows it. `lr` is the rate that it used, `scheduled` the one
    that the schedule's rule gives now.
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
        """Where the weights go (P,)."""
        return self.after - self.w

    @property
    def unmoved(self) -> tuple[str, ...]:
        """The parameters that stay where they are though they have a slope."""
        g = next((line.vector for line in self.lines if line.role == "gradient"), None)
        still = () if g is None else np.flatnonzero((self.after == self.w) & (g != 0))
        return tuple(self.names[place] for place in still)


def explain(replay: Replay, step: int, parameter: int = 0, stop: Stop = lambda: False) -> Explanation | None:
    """The step that a run makes from a row; None of a trace without rows.

    At the last row of a run that goes on it is the next step, foretold; of one that is done the last that was made.
    Raises replay.Stopped where `stop()` says so.
    """
    trace, run = replay.trace, replay.run
    rows = trace.rows(run)
    if rows < 1:
        return None
    step = min(max(step, 0), rows - 1)
    over = trace.length > replay.experiment.steps or trace.over(replay.experiment.target_loss)
    if step == rows - 1 and step and trace.ends[run] == UNENDED and over:
        step -= 1
    recorded = step + 1 < rows
    place = _place(trace, parameter)
    loss = float(replay.row("loss", step))
    with np.errstate(all="ignore"):
        rates, scheduled = rate_lines(replay, step, stop)
        used = float(replay.row("lr", step))
        lr = used if np.isfinite(used) else scheduled
        states = replay.states(step, stop)
        known = replay.row("params", step + 1) if recorded else None
        updates, after = update_lines(replay, place, step, lr, states, known)
        loss_after = float(replay.row("loss", step + 1)) if recorded else _foretold_loss(replay, step, after)
        lines = (*loss_lines(replay, place, step), *rates, *updates)
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
        ended=not recorded and bool(trace.ends[run] != UNENDED),
    )


def _place(trace: Trace, parameter: int) -> Place:
    size = len(trace.names)
    return Place(tuple(range(size)) if size <= MOST_SHOWN else (min(max(parameter, 0), size - 1),), trace.names)


def _foretold_loss(replay: Replay, step: int, after: Array) -> float:
    """The loss after a step that is still to be made; of a network, most of whose weights are not recorded, NaN."""
    if replay.trace.snapshots is not None:
        return float("nan")
    w: Any = after[None].astype(replay.weight_dtype)
    return float(replay.objective.loss(w, replay.batches.rows(step + 1))[0])
