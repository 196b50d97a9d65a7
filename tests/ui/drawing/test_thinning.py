"""Thinned curves keep their extremes."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.ui.drawing.thinning import MOST_POINTS, extremes


@pytest.mark.parametrize("count", [0, 1, MOST_POINTS, MOST_POINTS + 1, 123_457])
def test_thinning_keeps_the_extremes(count: int) -> None:
    values = np.random.default_rng(0).normal(size=count)
    if count > 100:
        values[50] = np.nan
        values[count // 2], values[count // 3] = 99, -99
    indices = extremes(values)
    assert len(indices) <= MOST_POINTS
    assert (np.diff(indices) > 0).all()
    if count:
        assert (indices[0], indices[-1]) == (0, count - 1)
        assert np.nanmax(values[indices]) == np.nanmax(values)
        assert np.nanmin(values[indices]) == np.nanmin(values)
