"""Every function is within 1 ulp of 60 digits."""

from __future__ import annotations

import pytest

from lrstudio.core.elementary.functions import FUNCTIONS
from tests.elementary_truth import errors, points


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_within_one_ulp_of_60_digits(name: str) -> None:
    assert max(errors(name, *points(name, 10_000))) < 1
