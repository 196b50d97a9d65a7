"""Every function is within 1 ulp of 60 digits, of float32 within 0.51 ulp."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.elementary.arrays import evaluated
from lrstudio.core.elementary.functions import FUNCTIONS
from tests.elementary_truth import errors, points


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_within_one_ulp_of_60_digits(name: str) -> None:
    assert max(errors(name, *points(name, 10_000))) < 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_of_float32_are_within_half_a_unit_of_the_last_place(name: str) -> None:
    with np.errstate(all="ignore"):
        arguments = [x.astype(np.float32) for x in points(name, 100_000)]
        found, truth = evaluated(name, *arguments), evaluated(name, *(x.astype(float) for x in arguments))
        rounded = truth.astype(np.float32)
        error = np.abs(found - truth) / np.spacing(np.abs(rounded))
    normal = np.isfinite(rounded) & (np.abs(truth) > np.finfo(np.float32).smallest_normal)
    assert normal.sum() > 1000
    assert error[normal].max() < 0.51
    assert (np.isfinite(found) == np.isfinite(rounded)).all()
