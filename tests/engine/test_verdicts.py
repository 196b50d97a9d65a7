"""Verdicts against labels from theory, and those of sweeps against those of traces."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pytest

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation
from tests.verdict_truth import bowls, groups, noise
from tests.verdict_truth.group import Group

Judged = list[tuple[Group, Sweep, Summary]]
_EVERY = 61
"""Of so many labelled runs one is also run with a trace."""


@pytest.fixture(scope="module")
def judged() -> Judged:
    return [(group, sweep, sweep.run()) for group in groups() for sweep in [Sweep(group.experiment, group.axes)]]


def test_verdicts_agree_with_theory(judged: Judged) -> None:
    misses, seen = [], Counter[str]()
    for group, sweep, summary in judged:
        assert len(group.labels) == sweep.cells
        for cell, (label, code) in enumerate(zip(group.labels, summary.verdict.ravel().tolist(), strict=True)):
            if label is None:
                continue
            seen.update(label)
            seen["runs"] += 1
            if VERDICTS[code] not in label:
                run = sweep.experiment_at(cell).runs[0]
                misses.append(f"{group.why}, lr {run.lr:.4g} from {run.start}: {sorted(label)}, said {VERDICTS[code]}")
    print(f"{len(misses)} misses; {dict(seen)}", *misses, sep="\n")
    assert seen["runs"] >= 3000
    assert all(seen[key] >= 50 for key in VERDICTS)
    assert len(misses) <= 0.01 * seen["runs"], misses


def test_a_trace_is_judged_as_a_sweep_is_and_its_sentences_mean_something(judged: Judged) -> None:
    cells = [(sweep, cell, summary) for _, sweep, summary in judged for cell in range(sweep.cells)]
    apart, wrong = [], []
    for sweep, cell, summary in cells[::_EVERY]:
        experiment = sweep.experiment_at(cell)
        simulation = Simulation(experiment)
        simulation.advance(experiment.steps)
        found = judge_run(experiment, simulation.trace, 0, simulation.objective)
        code = VERDICTS[int(summary.verdict.ravel()[cell])]
        if found.key != code:
            apart.append(f"{experiment}: {found.key} of the trace, {code} of the sweep")
        wrong += [f"{experiment}: {found.sentence} ({what})" for what in nonsense(experiment, found)]
    assert not apart, apart
    assert not wrong, wrong


def nonsense(experiment: Experiment, found: Verdict) -> list[str]:
    """What a proof says that its numbers do not bear out."""
    said, known = found.sentence, found.numbers
    wrong = []
    if re.search(r"\{|nan|inf", said) or not said.endswith("."):
        wrong.append("not a sentence")
    about = re.search(
        r"Its rate (\S+) is (above|below|just) the limit (\S+) for (?:preconditioned )?curvature (\S+)\.", said
    )
    if about:
        rate, side, limit, curvature = float(about[1]), about[2], float(about[3]), float(about[4])
        if {"above": rate < limit, "below": rate > limit, "just": not math.isclose(rate, limit)}[side]:
            wrong.append("the wrong side of the limit")
        if {"diverged": side != "above", "cycling": side == "below", "stuck": side != "above"}.get(
            found.key, side == "above"
        ):
            wrong.append("a limit that contradicts the verdict")
        if experiment.runs[0].optimizer.key != "sgd" and "preconditioned" not in said:
            wrong.append("a limit of plain curvature for an optimizer that has none")
        if not (1e-9 < limit < 1e9 and 1e-9 < curvature < 1e9):
            wrong.append("a limit of a point that has overflowed")
    factors = re.search(
        r"Factor per step, without its sign: (\S+) (?:predicted|measured)[^,]*, (\S+) (?:predicted|measured)", said
    )
    apart = [float(value) - 1 for value in factors.groups()] if factors else [0.0]
    factors = factors or re.search(r"The predicted factor is (\S+), without its sign\.$", said)
    if factors and len(factors.groups()) == 1:
        apart = [float(factors[1]) - 1, known["factor"] - 1]
    if factors and "long run" not in said and max(apart) - min(apart) > 0.1 * max(map(abs, apart)) + 2e-3:
        wrong.append("two factors that contradict each other")
    if min(map(abs, apart)) > 1e-3 and (min(apart) < 0) != (max(apart) < 0):
        wrong.append("two factors on the two sides of 1")
    grows = re.search(r"makes the slope (\S+) times as large", said)
    if grows and float(grows[1]) < 1:
        wrong.append("a factor below 1 that makes it larger")
    if "comes closer" in said and (known.get("factor", 0) >= 1 or (known.get("left", 0) >= 1 and "way down" in said)):
        wrong.append("it does not come closer")
    if "at a minimum" in said and (known.get("left", 0) > 1e-4 or known.get("far", 0) > 0.1):
        wrong.append("it is not at a minimum")
    if "far above" in said and not known["loss"] > 2 * min(known["begin"], known.get("chance", math.inf)):
        wrong.append("it does not stand high")
    if "hardly changed" in said and abs(known["loss"] / known["begin"] - 1) > 0.1:
        wrong.append("it has changed")
    return wrong


@pytest.mark.parametrize("at", [3, 40])
def test_while_it_runs_it_is_judged_as_a_sweep_that_stops_there(at: int) -> None:
    for group in [*list(bowls.schedules())[::9], *list(noise.lines())[::9], *list(noise.networks())[::5]]:
        sweep = Sweep(group.experiment, group.axes)
        cells = np.arange(2, sweep.cells, 9)
        for places, part in sweep.chunks(cells, steps=at):
            for index, code in zip(places.tolist(), part.verdict.tolist(), strict=True):
                opened = sweep.experiment_at(index)
                simulation = Simulation(opened)
                simulation.advance(at)
                assert judge_run(opened, simulation.trace, 0, simulation.objective).key == VERDICTS[code], opened
