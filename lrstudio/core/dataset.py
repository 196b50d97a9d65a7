"""Imported columns of numbers."""

from __future__ import annotations

import hashlib
from functools import cached_property
from itertools import pairwise
from threading import Event

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.linear_algebra import triangular_factor
from lrstudio.core.record import dataclass

MOST_FEATURES = 7
MOST_POWER = 8
LARGEST = 1e30
"""Larger numbers can be neither drawn nor squared in single precision."""
MOST_NAME, MOST_TITLE = 60, 200
_CHUNK = 2**12
"""Rows per QR decomposition."""
_YIELD = 2**14
"""Rows after which other threads may run. The many short calls to NumPy release the GIL too briefly for another thread
to wake: without a wait the window would freeze."""
_SHOWN = 5000


@dataclass(frozen=True, eq=False)
class Dataset:
    """Named, read-only float64 columns (m,); the last one is the target, the others are the features.

    `title` is the name of the imported file. `words` are the two texts of a target that is not a number, which 0 and 1
    stand for. Raises ValueError if a column cannot be trained on.
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
            raise ValueError(tr("the columns must have the same number of rows"))
        if len(self) < 2:
            raise ValueError(tr("the data has {rows} row(s): at least 2 are needed", rows=len(self)))
        for name, column in zip(self.names, columns, strict=True):
            if not np.abs(column).max() <= LARGEST:
                raise ValueError(
                    tr(
                        "column “{name}” must have numbers from {low:g} to {high:g}",
                        name=name,
                        low=-LARGEST,
                        high=LARGEST,
                    )
                )
        for name, scale in zip(self.names, self.scales, strict=True):
            if not scale > 0:
                raise ValueError(
                    tr("column “{name}” has the same value in every row: there is nothing to learn from it", name=name)
                )

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

    @cached_property
    def binary(self) -> bool:
        """Whether the target is 0 or 1 in every row."""
        return bool(((self.columns[-1] == 0) | (self.columns[-1] == 1)).all())

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the values."""
        digest = hashlib.sha256()
        for column in self.columns:
            digest.update(column.data)
        return digest.hexdigest()

    @cached_property
    def means(self) -> tuple[float, ...]:
        return tuple(float(column.mean()) for column in self.columns)

    @cached_property
    def scales(self) -> tuple[float, ...]:
        """The standard deviation of each column; exactly 0 for a constant column."""
        alike = [bool((column == column[0]).all()) for column in self.columns]
        return tuple(0.0 if same else float(column.std()) for same, column in zip(alike, self.columns, strict=True))

    @cached_property
    def standard(self) -> tuple[Array, ...]:
        """The columns with mean 0 and standard deviation 1."""
        scaled = zip(self.columns, self.means, self.scales, strict=True)
        return tuple((column - mean) / scale for column, mean, scale in scaled)

    @cached_property
    def factor(self) -> Array:
        """R of the QR decomposition of the standardized columns, from which least squares follow.

        Its columns stand for the features (of a single one: its powers 1 to 8), 1 and the target. Computed in chunks,
        between which other threads may run.
        """
        pause = Event()
        *features, target = self.standard
        width = (MOST_POWER if len(features) == 1 else len(features)) + 2
        factor: Array = np.empty((0, width))
        for start in range(0, len(self), _CHUNK):
            stop = min(start + _CHUNK, len(self))
            stacked = np.empty((width, len(factor) + stop - start))
            stacked[:, : len(factor)] = factor.T
            chunk = stacked[:, len(factor) :]
            for index, column in enumerate(features):
                chunk[index] = column[start:stop]
            for index in range(len(features), width - 2):
                np.multiply(chunk[index - 1], chunk[0], out=chunk[index])
            chunk[-2], chunk[-1] = 1, target[start:stop]
            factor = triangular_factor(stacked.T)
            if start % _YIELD == _YIELD - _CHUNK:
                pause.wait(0.0002)
        return factor

    @cached_property
    def shown(self) -> tuple[Array, ...]:
        """Evenly spaced rows, at most some thousand, that include the minimum and maximum of each column."""
        if len(self) <= _SHOWN:
            return self.columns
        ends = [end for column in self.columns for end in (int(column.argmin()), int(column.argmax()))]
        rows = np.unique([*np.linspace(0, len(self) - 1, _SHOWN).astype(int), *ends])
        return tuple(column[rows] for column in self.columns)

    @property
    def _outline(self) -> tuple[object, ...]:
        return self.title, self.names, self.words, len(self)

    def _check_names(self) -> None:
        if not 2 <= len(self.names) <= MOST_FEATURES + 1 or len(self.names) != len(self.columns):
            raise ValueError(tr("the data must have 1 to {most} features and a target", most=MOST_FEATURES))
        if any(one == other for one, other in pairwise(sorted(self.names))):
            raise ValueError(tr("the columns must have different names"))
        if not all(is_name(name, MOST_NAME) for name in (*self.names, *self.words)):
            raise ValueError(tr("the columns must have names of 1 to {most} printable characters", most=MOST_NAME))
        if not is_name(self.title, MOST_TITLE):
            raise ValueError(tr("the data must have a title of 1 to {most} printable characters", most=MOST_TITLE))
        if len(self.words) not in (0, 2) or len(set(self.words)) != len(self.words):
            raise ValueError(tr("the target must have two different words or none"))


def is_name(text: object, most: int) -> bool:
    """Returns whether it is a text of 1 to `most` printable characters."""
    return isinstance(text, str) and 1 <= len(text) <= most and text.isprintable()
