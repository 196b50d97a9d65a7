"""The texts of many numbers at once are those of `repr`."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.store.csv.shortest import Cells, floats, joined, whole

RANDOM = np.random.default_rng(0)
NUMBERS: dict[str, Array] = {
    "all bits": RANDOM.integers(0, 2**64, 50_000, dtype=np.uint64).view(np.float64),
    "usual": RANDOM.normal(size=20_000),
    "of many sizes": np.exp(RANDOM.uniform(-60, 60, 20_000)),
    "widened float32": RANDOM.normal(size=20_000).astype(np.float32).astype(np.float64),
    "few digits": np.round(RANDOM.normal(size=20_000) * 1000, 3),
    "whole": RANDOM.integers(-(10**6), 10**6, 20_000).astype(np.float64),
    "powers of two": 2.0 ** np.arange(-1074, 1024),
    "powers of ten": 10.0 ** np.arange(-323, 309),
    "limits": np.array([0.0, -0.0, 1e-4, 1e-5, 9999999999999998.0, 1e16, 5e-324, -1.7976931348623157e308]),
    "equal": np.full(5, -1.5e-7),
    "equal and not finite": np.full(5, -np.inf),
    "zeros of both signs": np.array([0.0, -0.0, 0.0]),
    "not finite": np.array([np.nan, np.inf, -np.inf, 0.1]),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_float_has_the_text_of_repr(kind: str) -> None:
    values = NUMBERS[kind]
    assert joined([floats(values)]).split("\n")[:-1] == list(map(repr, values.tolist()))


def test_an_integer_has_its_digits() -> None:
    values = np.array([0, 7, 10, 9999, 10_000, 123_456_789_012, 10**16])
    assert joined([whole(values)]).split() == list(map(str, values.tolist()))


def test_cells_are_joined_to_lines_and_can_be_empty() -> None:
    column = floats(np.array([0.5, 1e-7]))
    column.shown[1] = False
    assert joined([Cells.same("a", 2), column, whole(np.array([1, 20]))]) == "a,0.5,1\na,,20\n"
