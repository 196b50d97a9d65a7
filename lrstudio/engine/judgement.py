"""The verdicts of an experiment's runs, from their traces, with the proof of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrstudio.core.analysis import verdict as verdicts
from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.analysis.evidence import Evidence, Window, gather
from lrstudio.core.analysis.limits import factors, stability_limit
from lrstudio.core.analysis.proof import Verdict, verdict
from lrstudio.core.analysis.recurrence import recurrence
from lrstudio.core.analysis.surroundings import Surroundings, surroundings
from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, CYCLING, DIVERGED, OSCILLATING, PLATEAU, STUCK, VERDICTS
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lockstep import AnyObjective
from lrstudio.engine.preconditioning import preconditioner_at
from lrstudio.engine.trace import UNENDED, Trace

Array = np.ndarray[Any, np.dtype[Any]]


def judge_run(
    experiment: Experiment,
    trace: Trace,
    run: int,
    objective: AnyObjective,
    *,
    row: int | None = None,
) -> Verdict:
    """What a run has done until `row` (its last one where None is given), with the proof.

    Takes at most 2048 rows, quick enough to be asked for while the run goes on. Of a network it takes the losses in the
    trace, also those of mini-batches. With the preconditioner (P,) of an adaptive optimizer its limit is quoted too.
    Reads below `trace.length` only; `objective` is the experiment's own (`lockstep.compiled`), not the worker's.
    """
    rows = trace.rows(run)
    last = rows - 1 if row is None else min(row, rows - 1)
    overflowed = bool(trace.ends[run] != UNENDED and last == rows - 1)
    if last < 0:
        return verdict("diverged", "overflow", {"step": 0.0})
    with np.errstate(all="ignore"):
        evidence = _evidence(experiment, trace, run, last, overflowed)
        around = _look_around(experiment, objective, trace, run, last)
        evidence.least, evidence.distance, evidence.left = around.least, around.distance, around.left
        evidence.lowest, evidence.slope = around.lowest, around.slope
        if evidence.noisy and experiment.problem.movable:
            evidence.begin = objective.loss(trace.read("params", 0, 1)[0, run : run + 1]).astype(float)
            evidence.last = around.loss
            earlier = trace.read("params", evidence.window.starts[-1], last + 1)[0, run : run + 1]
            evidence.before = objective.loss(earlier).astype(float)
        code = int(verdicts.judge(evidence)[0])
        numbers = _numbers(experiment, trace, run, evidence, overflowed)
        numbers |= _theory(experiment, objective, trace, run, last, preconditioner_at(experiment, trace, run, last))
        return verdict(VERDICTS[code], _reason(code, experiment, evidence, around, numbers), numbers)


def _evidence(experiment: Experiment, trace: Trace, run: int, last: int, overflowed: bool) -> Evidence:
    first = max(0, Window(last).starts[0] - 1)
    one = slice(run, run + 1)
    evidence = gather(
        trace.read("loss", first, last + 1)[:, one],
        trace.read("params", first, last + 1)[:, one],
        trace.read("grad", first, last + 1)[:, one],
        begin=trace.read("loss", 0, 1)[0, one],
        steps=last,
        planned=experiment.steps,
        noisy=experiment.batch_size is not None,
    )
    if not experiment.problem.movable:
        evidence.stretch = (trace.read("norm", last, last + 1) / trace.read("norm", 0, 1))[0, one]
    evidence.ended = np.array([overflowed])
    evidence.hit = np.array([trace.hits[run] <= last])
    if last:
        used = trace.read("lr", last - 1, last)[0, one]
        evidence.rate_last, evidence.rate_most = used, np.maximum(used, trace.read("lr", 0, 1)[0, one])
    return evidence


def _look_around(experiment: Experiment, objective: AnyObjective, trace: Trace, run: int, last: int) -> Surroundings:
    """What is known around the run's place; of a network, whose weights the trace does not have, only its loss."""
    w = trace.read("params", last, last + 1)[0, run : run + 1]
    if not experiment.problem.movable:
        unknown, loss = np.array([np.nan]), trace.read("loss", last, last + 1)[0, run : run + 1]
        return Surroundings(loss, unknown, np.zeros(1), unknown, unknown, unknown, unknown)
    return surroundings(objective, w, experiment.problem.minima(objective.data))


def _numbers(experiment: Experiment, trace: Trace, run: int, evidence: Evidence, overflowed: bool) -> dict[str, float]:
    rate, most = float(evidence.rate_last[0]), float(evidence.rate_most[0])
    step = trace.ends[run] if overflowed else trace.hits[run]
    return {
        "steps": float(evidence.steps),
        "loss": float(evidence.last[0]),
        "lr": rate if evidence.steps else experiment.runs[run].lr,
        "left": float(verdicts.way_left(evidence)[0]),
        "ahead": float(verdicts.projected(evidence)[0]),
        "factor": float(verdicts.factor(evidence)[0]),
        "turns": float(evidence.reversals[0]),
        "stretch": float(evidence.stretch.ravel()[0]),
        "share": rate / most if most else float("nan"),
        "step": float(step) if step != UNENDED else float("nan"),
    }


def _theory(
    experiment: Experiment, objective: AnyObjective, trace: Trace, run: int, last: int, preconditioner: Array | None
) -> Mapping[str, float]:
    """Curvatures at the run's place, or at its start where it has left all bounds, the limit and the factor."""
    if not experiment.problem.movable or len(trace.names) > MOST_EXACT:
        return {}
    optimizer = experiment.runs[run].optimizer
    step = max(1, last)
    known = recurrence(optimizer, step)
    for place in (last, 0):
        w = trace.read("params", place, place + 1)[0, run : run + 1]
        bent = curvatures(objective, w)[0]
        if np.isfinite(bent).all():
            break
    else:
        return {}
    found = {"least": float(bent[0]), "greatest": float(bent[-1])}
    if known is None or (known.preconditioned and preconditioner is None):
        return found
    if known.preconditioned and preconditioner is not None:
        bent = curvatures(objective, w, preconditioner[None])[0]
    limit = stability_limit(optimizer, bent, step)
    rate = float(trace.read("lr", last - 1, last)[0, run]) if last else experiment.runs[run].lr
    predicted = factors(optimizer, np.array([rate]), bent, step)
    assert limit is not None and predicted is not None
    return found | {"steepest": float(bent[-1]), "limit": limit, "predicted": float(predicted[0])}


def _reason(
    code: int, experiment: Experiment, evidence: Evidence, around: Surroundings, numbers: Mapping[str, float]
) -> str:
    """Which sentence tells it."""
    if code == DIVERGED:
        if evidence.ended[0]:
            return "overflow"
        return "growth" if evidence.heights[-1, 0] > evidence.heights[0, 0] or evidence.reversals[0] else "runaway"
    if code == ARRIVED:
        return "minimum" if verdicts.arrived(evidence)[0] else "target"
    if code == STUCK:
        return _why_stuck(experiment, evidence, around)
    if code == CYCLING:
        return "cycle" if abs(np.log(numbers["factor"])) < 1e-2 else "wild"
    if code == OSCILLATING:
        return "turning"
    if code == PLATEAU:
        if verdicts.faded(evidence)[0]:
            return "faded"
        if verdicts.thrown(evidence)[0]:
            return "thrown"
        return "noise" if evidence.noisy else "flat"
    return "pace" if code == CONVERGING else "slow"


def _why_stuck(experiment: Experiment, evidence: Evidence, around: Surroundings) -> str:
    if evidence.rate_most[0] == 0:
        return "no_rate"
    if around.slope[0] == 0:
        return "no_slope"
    if experiment.gradient.mode != "analytic" and evidence.slopes[-1, 0] == 0:
        return "nudge"
    return "float32" if experiment.precision != "float64" else "unmoved"


def judge_all(experiment: Experiment, trace: Trace, objective: AnyObjective) -> list[Verdict]:
    """The verdicts of all runs so far."""
    return [judge_run(experiment, trace, run, objective) for run in range(trace.runs)]
