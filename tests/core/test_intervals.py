"""Student's t against printed tables, and medians of a few values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrstudio.core.analysis.intervals import half_width, ordered, t_probability, t_quantile

# two-sided 95 % and 99 % points, as printed in NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2
PRINTED = {
    1: (12.706, 63.657),
    2: (4.303, 9.925),
    3: (3.182, 5.841),
    4: (2.776, 4.604),
    9: (2.262, 3.250),
    29: (2.045, 2.756),
    100: (1.984, 2.626),
}


@pytest.mark.parametrize("df", PRINTED)
def test_the_quantiles_are_those_of_printed_tables(df: int) -> None:
    assert (round(t_quantile(df), 3), round(t_quantile(df, 0.99), 3)) == PRINTED[df]
    assert t_probability(t_quantile(df), df) == pytest.approx(0.95, abs=1e-14)


def test_with_many_degrees_of_freedom_it_is_the_normal_distribution() -> None:
    assert t_quantile(999) == pytest.approx(1.962341, abs=1e-6)


def test_an_interval_of_a_mean_is_t_s_over_the_root_of_n() -> None:
    """Five values 1 to 5: s = √2.5."""
    assert half_width(math.sqrt(2.5), 5) == pytest.approx(2.7764451 * math.sqrt(2.5 / 5), rel=1e-7)
    assert math.isnan(half_width(0.0, 1))


def test_a_quantile_is_one_of_the_values_also_beside_infinite_ones() -> None:
    values = np.array([[3.0, np.inf], [1.0, 2.0], [2.0, np.inf], [4.0, 1.0]])
    assert ordered(values, 0.5).tolist() == [2.0, 2.0]
    assert ordered(values, 0.75).tolist() == [3.0, np.inf]
    assert ordered(values, 0.25).tolist() == [1.0, 1.0]
