"""A data set inside a session: its words in the manifest, its columns as the entries `data-0.npy`, `data-1.npy`, ..."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from lrstudio.core.array import Array
from lrstudio.core.dataset import Dataset
from lrstudio.core.problems import Problem
from lrstudio.store.columns import Column
from lrstudio.store.fields import Fields, Json, SessionError, at

DataArrays = Mapping[str, Array]
"""The columns by the names of their entries."""
PREFIX = "data-"


def data_arrays(problem: Problem) -> dict[str, Array]:
    """What a session keeps of a problem's own data."""
    columns = () if problem.dataset is None else problem.dataset.columns
    return {_entry(place): column for place, column in enumerate(columns)}


def data_columns(problem: Problem) -> dict[str, Column]:
    """The same, to write."""
    arrays = data_arrays(problem)
    return {name: Column("<f8", array.shape, partial(_rows, array)) for name, array in arrays.items()}


def encode_dataset(dataset: Dataset) -> dict[str, Json]:
    """All but the columns; the last name is that of the target."""
    return {"title": dataset.title, "names": list(dataset.names), "words": list(dataset.words)}


def read_dataset(fields: Fields, data: DataArrays) -> Dataset:
    """The data set in these fields and arrays; SessionError says what does not fit."""
    title, names, words = fields.text("title"), fields.texts("names"), fields.texts("words")
    expected = [_entry(place) for place in range(len(names))]
    for name in expected:
        if name not in data:
            raise SessionError(f"{name} is missing")
    for name in data:
        if name not in expected:
            raise SessionError(f"{name} does not belong to this experiment")
    with at(fields.where):
        return Dataset(title, names, tuple(data[name] for name in expected), words)


def _rows(array: Array, start: int, stop: int) -> Array:
    return array[start:stop]


def _entry(place: int) -> str:
    return f"{PREFIX}{place}.npy"
