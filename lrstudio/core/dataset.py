"""Columns of numbers that somebody has brought along."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from threading import Event

import numpy as np

from lrstudio.core.array import Array

MOST_FEATURES = 7
MOST_POWER = 8
LARGEST = 1e30
"""Larger numbers cannot be drawn, nor squared in single precision."""
MOST_NAME, MOST_TITLE = 60, 200
_PIECE = 2**8
"""Few rows at once, so that OpenBLAS stays in one thread: with two it takes a hundred times as long."""
_TURN = 2**14
"""After so many rows others may go on. The many short calls to LAPACK give Python's lock up for moments that are too
short for a thread to wake in: without a wait the window would stand still."""
_SHOWN = 5000


@dataclass(frozen=True, eq=False)
class Dataset:
    """Named float64 columns (m,) that nobody can change; the last one is the target, the others are the features.

    `title` is the name of the file they came from. `words` are the two values of the target that stand for 0 and 1,
    where it was not a number. ValueError says which column is not fit to be trained on.
    """

    title: str
    names: tuple[str, ...]
    columns: tuple[Array, ...]
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = tuple(np.array(column, np.float64) for column in self.columns)
        for column in columns:
            column.flags.writeable = False
        object.__setattr__(self, "columns", columns)
        self._check_names()
        if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
            raise ValueError("the columns must have the same number of rows")
        if len(self) < 2:
            raise ValueError(f"the data has {len(self)} row(s): at least 2 are needed")
        for name, column in zip(self.names, columns, strict=True):
            if not np.abs(column).max() <= LARGEST:
                raise ValueError(f"column “{name}” must have numbers from {-LARGEST:g} to {LARGEST:g}")
        for name, scale in zip(self.names, self.scales, strict=True):
            if not scale > 0:
                raise ValueError(f"column “{name}” has the same value in every row: there is nothing to learn from it")

    def __len__(self) -> int:
        return len(self.columns[0])

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Dataset) or self._outline != other._outline:
            return False
        return self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self._outline)

    @property
    def features(self) -> tuple[str, ...]:
        return self.names[:-1]

    @property
    def target(self) -> str:
        return self.names[-1]

    @property
    def binary(self) -> bool:
        """Whether the target is 0 or 1 in every row."""
        return self._binary

    @cached_property
    def digest(self) -> str:
        """The sha256 of the values; equal columns have equal ones."""
        digest = hashlib.sha256()
        for column in self.columns:
            digest.update(column.data)
        return digest.hexdigest()

    @cached_property
    def means(self) -> tuple[float, ...]:
        return tuple(float(column.mean()) for column in self.columns)

    @cached_property
    def scales(self) -> tuple[float, ...]:
        """The standard deviation of each column; 0 where every row has the same value."""
        alike = [bool((column == column[0]).all()) for column in self.columns]
        return tuple(0.0 if same else float(column.std()) for same, column in zip(alike, self.columns, strict=True))

    @cached_property
    def standard(self) -> tuple[Array, ...]:
        """The columns with mean 0 and standard deviation 1."""
        scaled = zip(self.columns, self.means, self.scales, strict=True)
        return tuple((column - mean) / scale for column, mean, scale in scaled)

    @cached_property
    def factor(self) -> Array:
        """What least squares needs of the standardised columns, however many rows there are: R of their QR.

        Its columns stand for the features (of a single one: its powers 1 to 8), 1 and the target. Made piece by piece;
        other threads get their turn.
        """
        turn = Event()
        *features, target = self.standard
        width = (MOST_POWER if len(features) == 1 else len(features)) + 2
        found: Array = np.empty((0, width))
        for start in range(0, len(self), _PIECE):
            stop = min(start + _PIECE, len(self))
            stacked = np.empty((width, len(found) + stop - start))
            stacked[:, : len(found)] = found.T
            piece = stacked[:, len(found) :]
            for place, column in enumerate(features):
                piece[place] = column[start:stop]
            for place in range(len(features), width - 2):
                np.multiply(piece[place - 1], piece[0], out=piece[place])
            piece[-2], piece[-1] = 1, target[start:stop]
            found = np.asarray(np.linalg.qr(stacked.T, mode="r"))
            if start % _TURN == _TURN - _PIECE:
                turn.wait(0.0002)
        return found

    @cached_property
    def shown(self) -> tuple[Array, ...]:
        """An even share of some thousand rows, with the least and the largest of every column among them."""
        if len(self) <= _SHOWN:
            return self.columns
        ends = [end for column in self.columns for end in (int(column.argmin()), int(column.argmax()))]
        rows = np.unique([*np.linspace(0, len(self) - 1, _SHOWN).astype(int), *ends])
        return tuple(column[rows] for column in self.columns)

    @cached_property
    def _binary(self) -> bool:
        return bool(((self.columns[-1] == 0) | (self.columns[-1] == 1)).all())

    @property
    def _outline(self) -> tuple[object, ...]:
        return self.title, self.names, self.words, len(self)

    def _check_names(self) -> None:
        if not 2 <= len(self.names) <= MOST_FEATURES + 1 or len(self.names) != len(self.columns):
            raise ValueError(f"the data must have 1 to {MOST_FEATURES} features and a target")
        if any(one == other for one, other in pairwise(sorted(self.names))):
            raise ValueError("the columns must have different names")
        if not all(is_name(name, MOST_NAME) for name in (*self.names, *self.words)):
            raise ValueError(f"the columns must have names of 1 to {MOST_NAME} printable characters")
        if not is_name(self.title, MOST_TITLE):
            raise ValueError(f"the data must have a title of 1 to {MOST_TITLE} printable characters")
        if len(self.words) not in (0, 2) or len(set(self.words)) != len(self.words):
            raise ValueError("the target must have two different words or none")


def is_name(text: object, most: int) -> bool:
    """Whether it is a text of 1 to `most` printable characters."""
    return isinstance(text, str) and 1 <= len(text) <= most and text.isprintable()
