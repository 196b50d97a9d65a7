"""The type of every array in this program."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
