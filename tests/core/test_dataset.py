"""Columns of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.dataset import Dataset


def made(**changes: Any) -> Dataset:
    return Dataset(**({"title": "a.csv", "names": ("x", "y"), "columns": ([1.0, 2, 3], [2.0, 5, 4])} | changes))


def test_equal_columns_are_equal_and_nobody_can_change_them() -> None:
    source = np.array([1.0, 2, 3])
    data = made(columns=(source, [2, 5, 4]))
    source[0] = 9
    assert data == made() and hash(data) == hash(made()) and data.digest == made().digest
    assert all(column.dtype == np.float64 for column in data.columns)
    with pytest.raises(ValueError, match="read-only"):
        data.columns[0][0] = 5


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "b.csv"},
        {"names": ("z", "y")},
        {"columns": ([1.0, 2, 3.5], [2.0, 5, 4])},
        {"columns": ([1.0, 2], [2.0, 5])},
        {"words": ("no", "yes")},
    ],
)
def test_everything_counts(changes: Any) -> None:
    assert made(**changes) != made()
    assert made() != "a.csv"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": ([1.0], [2.0])}, r"has 1 row\(s\): at least 2"),
        ({"columns": ([1.0, 2], [2.0, 5, 4])}, "the same number of rows"),
        ({"columns": ([[1.0, 2]], [[2.0, 5]])}, "the same number of rows"),
        ({"columns": ([1.0, np.nan], [2.0, 5])}, "“x” must have numbers from -1e"),
        ({"columns": ([1.0, 2], [2.0, np.inf])}, "“y” must have numbers"),
        ({"columns": ([1.0, 2], [2.0, 2e30])}, "“y” must have numbers"),
        ({"columns": ([1.0, 1], [2.0, 5])}, "“x” has the same value in every row"),
        ({"names": ("x", "x")}, "different names"),
        ({"names": ("x",)}, "1 to 7 features"),
        ({"names": ("x", "")}, "printable"),
        ({"names": ("x", "a\nb")}, "printable"),
        ({"names": ("x", "y" * 61)}, "printable"),
        ({"title": ""}, "title"),
        ({"words": ("yes",)}, "two different words"),
        ({"words": ("yes", "yes")}, "two different words"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(changes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**changes)
