"""Which rates of a sweep are good, on losses that are written down."""

from __future__ import annotations

import numpy as np

from lrstudio.core.analysis.good_rates import good_rates

RATES = np.array([0.001, 0.01, 0.1, 1.0, 10.0])
NONE = np.zeros(5, bool)


def test_the_best_and_all_that_come_as_far_are_good() -> None:
    found = good_rates(RATES, np.array([9.0, 1.1, 1.0, 1.15, 50.0]), NONE, 10.0)
    assert found is not None
    assert (found.best, found.loss, found.rates) == (0.1, 1.0, (0.01, 0.1, 1.0))
    assert found.enough == 1.0 + 0.02 * 9


def test_what_has_failed_counts_for_nothing_however_low_it_was() -> None:
    losses = np.array([9.0, 5.0, 2.0, -1e9, np.nan])
    found = good_rates(RATES, losses, np.array([False, False, False, True, True]), 10.0)
    assert found is not None and (found.best, found.rates) == (0.1, (0.1,))


def test_of_several_that_arrive_the_middle_one_is_the_best() -> None:
    found = good_rates(RATES, np.array([3.0, 0.0, 1e-20, 0.0, 4.0]), NONE, 5.0)
    assert found is not None and found.best == 0.1


def test_the_nearest_good_rate_is_measured_in_factors() -> None:
    found = good_rates(RATES, np.array([9.0, 1.0, 5.0, 1.0, 9.0]), NONE, 10.0)
    assert found is not None and found.rates == (0.01, 1.0)
    assert [found.nearest(rate) for rate in (1e-4, 0.05, 0.2, 30.0)] == [0.01, 0.01, 1.0, 1.0]


def test_where_no_rate_leads_down_none_is_good() -> None:
    assert good_rates(RATES, np.full(5, 10.0), NONE, 10.0) is None
    assert good_rates(RATES, np.full(5, 1.0), ~NONE, 10.0) is None
    assert good_rates(RATES, np.full(5, np.nan), NONE, 10.0) is None


def test_a_rate_that_is_too_slow_is_not_good_beside_one_that_is_not() -> None:
    losses, slow = np.array([9.0, 1.1, 1.0, 1.15, 50.0]), RATES < 0.05
    found = good_rates(RATES, losses, NONE, 10.0, slow)
    assert found is not None and (found.rates, found.slow) == ((0.1, 1.0), False)
    found = good_rates(RATES, losses, NONE, 10.0, ~NONE)
    assert found is not None and (found.rates, found.slow) == ((0.01, 0.1, 1.0), True)
