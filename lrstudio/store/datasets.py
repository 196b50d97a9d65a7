"""The data set of a session: its names in the manifest, its columns as the entries `data-0.npy`, `data-1.npy`, ..."""

from __future__ import annotations

from collections.abc import Mapping

from lrstudio.core.array import Array
from lrstudio.core.dataset import Dataset
from lrstudio.core.language import tr
from lrstudio.core.problems import Problem
from lrstudio.store.columns import Column
from lrstudio.store.fields import Fields, Json, SessionError, at

DataArrays = Mapping[str, Array]
"""Columns by the names of their entries."""
PREFIX = "data-"


def data_arrays(problem: Problem) -> dict[str, Array]:
    """Returns the columns of a problem's own data."""
    columns = () if problem.dataset is None else problem.dataset.columns
    return {_entry(index): column for index, column in enumerate(columns)}


def data_columns(problem: Problem) -> dict[str, Column]:
    """Returns the columns of a problem's own data as entries to write."""
    arrays = data_arrays(problem)
    return {name: Column.of(array, "<f8") for name, array in arrays.items()}


def encode_dataset(dataset: Dataset) -> dict[str, Json]:
    """Returns the data set without its columns as JSON; the last name is that of the target."""
    return {"title": dataset.title, "names": list(dataset.names), "words": list(dataset.words)}


def read_dataset(fields: Fields, data: DataArrays) -> Dataset:
    """Returns the data set of these fields and arrays; SessionError if they do not match."""
    title, names, words = fields.text("title"), fields.texts("names"), fields.texts("words")
    expected = [_entry(index) for index in range(len(names))]
    for name in expected:
        if name not in data:
            raise SessionError(tr("{name} is missing", name=name))
    for name in data:
        if name not in expected:
            raise SessionError(tr("{name} does not belong to this experiment", name=name))
    with at(fields.where):
        return Dataset(title, names, tuple(data[name] for name in expected), words)


def _entry(index: int) -> str:
    return f"{PREFIX}{index}.npy"
