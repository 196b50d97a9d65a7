"""A sweep over seeds has the medians of sweeps with single seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.problems import NoisyLine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.over_seeds import OverSeeds, swept_over_seeds
from lrstudio.engine.sweep.sweep import Sweep

EXPERIMENT = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),), batch_size=10, steps=40, seed=4)
RATES = (0.05, 0.3, 0.9, 5.0)


def test_medians_and_quartiles_are_values_of_seeds() -> None:
    result = swept_over_seeds(EXPERIMENT, RATES, 5)
    assert result.seeds == (4, 5, 6, 7, 8)
    alone = [Sweep(replace(EXPERIMENT, seed=seed), [Axis("lr", RATES)]).run() for seed in result.seeds]
    losses = np.sort([each.final_loss for each in alone], axis=0)
    median = result.median
    np.testing.assert_array_equal(median.final_loss[:2], losses[2, :2])
    np.testing.assert_array_equal(result.quantile("final_loss", 0.25)[:2], losses[1, :2])
    np.testing.assert_array_equal(result.quantile("final_loss", 0.75)[:2], losses[3, :2])
    assert result.diverged[-1] == 5 and median.verdict[-1] == DIVERGED and np.isnan(median.final_loss[-1])


def test_a_seed_that_diverges_counts_as_larger_and_a_tie_of_verdicts_as_the_worst() -> None:
    result = swept_over_seeds(EXPERIMENT, RATES, 4)
    verdict, loss = result.each.verdict.copy(), result.each.final_loss.copy()
    verdict[:2, 0], loss[:, 0] = DIVERGED, (1.0, 2.0, 3.0, 4.0)
    verdict[2:, 0] = 0
    changed = OverSeeds(result.seeds, replace(result.each, verdict=verdict, final_loss=loss))
    assert changed.quantile("final_loss", 0.5)[0] == 4.0  # 3, 4, and two that diverged
    assert np.isnan(changed.quantile("final_loss", 0.75)[0])
    assert changed.median.verdict[0] == DIVERGED and changed.diverged[0] == 2


def test_seeds_that_would_be_rounded_to_others_are_refused() -> None:
    last = replace(EXPERIMENT, seed=2**53 - 1)
    assert swept_over_seeds(last, RATES[:1], 2).seeds == (2**53 - 1, 2**53)
    with pytest.raises(ValueError, match="a sweep over 3 seeds begins at most at 9007199254740990"):
        swept_over_seeds(last, RATES[:1], 3)
