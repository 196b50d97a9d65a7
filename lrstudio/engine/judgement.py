"""Computes the verdicts of an experiment's runs from their traces, with an explanation of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from lrstudio.core.analysis import evidence as progress
from lrstudio.core.analysis import verdict as verdicts
from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.analysis.evidence import Evidence, Window, gather
from lrstudio.core.analysis.minima import searched_minima
from lrstudio.core.analysis.proof import Verdict, verdict
from lrstudio.core.analysis.surroundings import Surroundings, surroundings
from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, CYCLING, DIVERGED, OSCILLATING, PLATEAU, STUCK, VERDICTS
from lrstudio.core.array import Array
from lrstudio.core.elementary import log, power
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Problem
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import UNENDED, Trace

Minima = tuple[tuple[float, ...], ...]

SOON = 4
"""Number of steps before a run that has not ended gets a verdict."""
_FORGOTTEN = 1e-12
"""Gradients with a smaller weight in the mean of squares are left out."""
_MOST_ROWS = 2**16
_MOST_PARAMETERS, _MOST_DATA = 8, 2000
"""Minima are searched for with at most so many parameters and data points."""


def too_early(experiment: Experiment, trace: Trace, run: int, row: int | None = None) -> bool:
    """Returns whether a run has too few steps until `row` for a verdict: fewer than 4 of the planned, and no end."""
    last = trace.rows(run) - 1 if row is None else min(row, trace.rows(run) - 1)
    ended = trace.ends[run] != UNENDED and last == trace.rows(run) - 1
    return last < min(SOON, experiment.steps_each[run]) and not ended


def judge_run(
    experiment: Experiment, trace: Trace, run: int, objective: Objective, *, row: int | None = None
) -> Verdict:
    """Returns the verdict on a run at `row` (default: its last), with the explanation; see also `too_early`.

    Reads the losses and at most 2048 other rows below `trace.length`, fast enough while the run continues. For a
    network it reads the losses in the trace and computes those over all data from its snapshots. `objective` is the
    experiment's (`batch_runner.compiled`), but not the one that the worker uses.
    """
    rows = trace.rows(run)
    last = rows - 1 if row is None else min(row, rows - 1)
    overflowed = bool(trace.diverged[run] and last == rows - 1)
    if last < 0:
        return verdict("diverged", "overflow", {"step": 0.0})
    with np.errstate(all="ignore"):
        evidence = _evidence(experiment, trace, run, last, overflowed)
        starts, one = evidence.window.starts, slice(run, run + 1)
        start, halfway, earlier, w = (trace.weights(step)[1][one] for step in (0, starts[0], starts[-1], last))
        if evidence.noisy:
            objective.at(0)
            evidence.begin = np.asarray(objective.loss(start), float)
        objective.at(last)
        minima = known_minima(experiment.problem, experiment.seed)
        around = surroundings_at(experiment.problem, objective, w, minima, start, halfway)
        evidence.set_surroundings(around)
        if evidence.noisy:
            evidence.last = around.loss
            evidence.before = np.asarray(objective.loss(earlier), float)
            evidence.halfway = np.asarray(objective.loss(halfway), float)
        code = int(verdicts.judge(evidence)[0])
        numbers = _numbers(experiment, trace, run, evidence, overflowed)
        numbers |= _theory(experiment, objective, trace, run, last, diverged=code == DIVERGED)
        return verdict(VERDICTS[code], _reason(code, experiment, evidence, numbers), numbers)


def _evidence(experiment: Experiment, trace: Trace, run: int, last: int, overflowed: bool) -> Evidence:
    first = max(0, Window(last).starts[0] - 1)
    one, network = slice(run, run + 1), "grad_norm" in trace.columns
    gradient = trace.read("grad", 0, 1)[0, one]
    evidence = gather(
        trace.read("loss", first, last + 1)[:, one],
        trace.read("params", first, last + 1)[:, one],
        trace.read("grad", first, last + 1)[:, one],
        begin=trace.read("loss", 0, 1)[0, one],
        peak=np.array([trace.peak(run, last)]),
        first_gradient_norm=trace.read("grad_norm", 0, 1)[0, one] if network else np.linalg.norm(gradient, axis=1),
        steps=last,
        planned=experiment.steps_each[run],
        noisy=experiment.batch_sizes[run] is not None,
        norms=trace.read("grad_norm", first, last + 1)[:, one] if network else None,
    )
    if network:
        evidence.weight_growth = (trace.read("norm", last, last + 1) / trace.read("norm", 0, 1))[0, one]
    evidence.overflowed = np.array([overflowed])
    evidence.reached_target = np.array([trace.hits[run] <= last])
    if last:
        used = trace.read("lr", last - 1, last)[0, one]
        evidence.last_rate, evidence.largest_rate = used, np.maximum(used, trace.read("lr", 0, 1)[0, one])
    return evidence


def _numbers(experiment: Experiment, trace: Trace, run: int, evidence: Evidence, overflowed: bool) -> dict[str, float]:
    rate, most = float(evidence.last_rate[0]), float(evidence.largest_rate[0])
    step = trace.ends[run] if overflowed else trace.hits[run]
    first = evidence.window.starts[0]
    steady = evidence.steps and trace.read("lr", first, first + 1)[0, run] == rate
    return {
        "steps": float(evidence.steps),
        "to_go": float(evidence.planned - evidence.steps),
        "loss": float(evidence.last[0]),
        "lr": rate if evidence.steps else experiment.runs[run].lr,
        "left": float(progress.loss_left(evidence)[0]),
        "ahead": float(progress.loss_projected(evidence)[0]),
        "far": float(evidence.distance_left.ravel()[0]),
        "far_ahead": float(progress.distance_projected(evidence).ravel()[0]),
        "factor": float(verdicts.factor(evidence)[0]) if steady and not evidence.noisy else float("nan"),
        "turns": float(evidence.reversals[0]),
        "peak": float(evidence.peak[0]),
        "begin": float(evidence.begin[0]),
        "late_loss": float(evidence.late_loss.ravel()[0]),
        "base": float(verdicts.base(evidence).ravel()[0]),
        "chance": float(evidence.chance_loss.ravel()[0]),
        "stretch": float(evidence.weight_growth.ravel()[0]),
        "share": rate / most if most else float("nan"),
        "step": float(step) if step != UNENDED else float("nan"),
        "weights": float(experiment.problem.size),
    }


def _theory(
    experiment: Experiment, objective: Objective, trace: Trace, run: int, last: int, *, diverged: bool
) -> Mapping[str, float]:
    """Returns the curvatures, the limit and the predicted factor at the last row, for a diverged run at the start."""
    if not experiment.problem.records_all_parameters or len(trace.names) > MOST_EXACT:
        return {}
    law = experiment.runs[run].law(max(1, last))
    w = trace.weights(0 if diverged else last)[1][run : run + 1]
    eigenvalues = curvatures(objective, w)[0]
    if not np.isfinite(eigenvalues).all():
        return {}
    numbers = {"least": float(eigenvalues[0]), "greatest": float(eigenvalues[-1])}
    if law is None:
        return numbers | {"no_theory": 1.0 if experiment.runs[run].optimizer.recurrence() is None else 2.0}
    divisor = experiment.problem.divisor_of(experiment.runs[run].lr_factors)
    if law.preconditioned:
        preconditioner = None if diverged else preconditioner_at(experiment, trace, run, last)
        if preconditioner is None:
            return numbers
        divisor = preconditioner[None] if divisor is None else preconditioner * divisor
    if divisor is not None:
        numbers["preconditioned"] = 1.0
        eigenvalues = curvatures(objective, w, divisor)[0]
        moving = np.count_nonzero(np.isfinite(divisor))  # a parameter with the factor 0 has a curvature of 0
        eigenvalues = np.sort(eigenvalues[np.argsort(np.abs(eigenvalues))[len(eigenvalues) - moving :]])
        if not moving:
            return numbers
    rate = float(trace.read("lr", last - 1, last)[0, run]) if last else experiment.runs[run].lr
    predicted = float(law.factors(np.array([rate]), eigenvalues)[0])
    limit = law.stability_limit(eigenvalues)
    return numbers | {"steepest": float(eigenvalues[-1]), "limit": limit, "predicted": predicted}


def preconditioner_at(experiment: Experiment, trace: Trace, run: int, row: int) -> Array | None:
    """Returns the preconditioner (P,) of the update that led to a row, from the recorded gradients.

    None where there is none, or where the gradients alone do not determine it.
    """
    optimizer = experiment.runs[run].optimizer
    decay = optimizer.state_decay
    if decay is None or optimizer.clips or row < 1 or not experiment.problem.records_all_parameters:
        return None
    rows = row if decay in (0, 1) else min(row, int(log(_FORGOTTEN) / log(decay)) + 1)
    if rows > _MOST_ROWS:
        return None
    gradients = np.asarray(trace.read("grad", row - rows, row)[:, run], float)
    ages = np.arange(rows - 1, -1, -1.0)[:, None]
    with np.errstate(all="ignore"):
        result = optimizer.preconditioner(optimizer.state_of(gradients, power(decay, ages)), row)
    return result if result is not None and np.isfinite(result).all() and (result > 0).all() else None


def _reason(code: int, experiment: Experiment, evidence: Evidence, numbers: Mapping[str, float]) -> str:
    """Returns the key of the sentence in `proof`."""
    if code == DIVERGED:
        if evidence.overflowed[0]:
            return "overflow"
        if verdicts.is_growing(evidence)[0]:
            return "growth" if not evidence.noisy and numbers["factor"] > 1 else "rise"
        if verdicts.falls_without_bound(evidence)[0]:
            return "unbounded"
        return "above_start" if numbers["loss"] > numbers["begin"] else "above_chance"
    if code == ARRIVED:
        return "minimum" if verdicts.arrived(evidence)[0] else "target"
    if code == STUCK:
        return _reason_stuck(experiment, evidence)
    if code == CYCLING:
        return "cycle" if verdicts.cycles(evidence)[0] and abs(log(numbers["factor"])) < 1e-2 else "erratic"
    if code == OSCILLATING:
        return "reversing"
    if code == PLATEAU:
        if verdicts.overshot(evidence)[0] and progress.is_slow(evidence)[0]:
            return "weights_grew" if numbers["stretch"] > verdicts.STRETCHED else "overshot"
        if verdicts.is_noise_limited(evidence)[0]:
            return "noise"
        return "faded" if verdicts.faded_early(evidence)[0] else "flat"
    if code == CONVERGING:
        first, *_, final = evidence.means if evidence.noisy else evidence.max_losses
        return "unclear" if final[0] > first[0] else "pace" if numbers["left"] < 1 else "falling"
    return "slow" if not numbers["ahead"] <= progress.SLOW_SHARE else "slow_direction"


def _reason_stuck(experiment: Experiment, evidence: Evidence) -> str:
    if evidence.largest_rate[0] == 0:
        return "zero_rate"
    if evidence.gradient_norm[0] == 0:
        return "zero_gradient"
    if experiment.gradient.mode != "analytic" and evidence.gradient_norms[-1, 0] == 0:
        return "rounded"
    return "float32" if experiment.precision != "float64" else "unchanged"


@lru_cache(maxsize=16)
def known_minima(problem: Problem, seed: int) -> Minima:
    """Returns the minima that the problem declares, else those found by a search; none without a landscape."""
    if not problem.has_landscape:
        return ()
    objective = problem.objective(seed)
    if minima := problem.minima(objective.data):
        return minima
    if len(problem.names) > _MOST_PARAMETERS or objective.size > _MOST_DATA:
        return ()
    return searched_minima(objective, problem.initial(seed), problem.domain)


def surroundings_at(
    problem: Problem, objective: Objective, w: Array, minima: Minima, start: Array, earlier: Array
) -> Surroundings:
    """Returns the surroundings of w (R, P), given the parameters at the start and at an earlier step.

    The least loss is at least the problem's lower bound, if it has one.
    """
    if problem.lower_bound is None:
        return surroundings(objective, w, minima, start, earlier)
    with np.errstate(all="ignore"):
        if w.shape[1] <= MOST_EXACT:
            result = surroundings(objective, w, minima, start, earlier)
        else:
            loss, gradient = (np.asarray(values, float) for values in objective.loss_and_gradient(w))
            result = Surroundings.unknown(loss, np.sqrt((gradient**2).sum(axis=1)))
        chance = np.broadcast_to(np.asarray(objective.loss(np.zeros_like(w[:1])), float), len(w))
        least = np.where(result.is_quadratic, np.fmax(result.least, problem.lower_bound), problem.lower_bound)
        return result._replace(least=least, chance_loss=chance)
