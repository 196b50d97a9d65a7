"""Verdicts against labels from theory, and those of sweeps against those of traces."""

from __future__ import annotations

from collections import Counter

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.simulation import Simulation
from tests.verdict_truth import labelled


def test_verdicts_agree_with_theory() -> None:
    cases = labelled()
    misses, seen = [], Counter(case.label for case in cases)
    for case in cases:
        simulation = Simulation(case.experiment)
        simulation.advance(case.experiment.steps)
        found = judge_run(case.experiment, simulation.trace, 0, simulation.objective)
        if found.key != case.label:
            misses.append(
                f"{case.why}, {case.experiment.steps} steps, lr {case.experiment.runs[0].lr:.4g}: "
                f"{case.label}, said {found.key}: {found.sentence}"
            )
    print(f"{len(cases)} runs, {len(misses)} misses; {dict(seen)}", *misses, sep="\n")
    assert len(cases) >= 300
    assert set(seen) == set(VERDICTS)
    assert len(misses) <= 0.02 * len(cases)
