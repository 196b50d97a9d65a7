"""The tensors of a problem's parameters, as PyTorch has them: matrices and biases of layers, or one vector of all."""

from __future__ import annotations

from typing import NamedTuple


class Tensor(NamedTuple):
    """The parameters from `start` on, row by row; a vector is one column.

    A matrix is `hidden` unless it is that of the last layer. The rate of the parameters is multiplied by `factor`.
    """

    start: int
    rows: int
    columns: int = 1
    matrix: bool = False
    hidden: bool = False
    factor: float = 1.0

    @property
    def size(self) -> int:
        """The number of its parameters."""
        return self.rows * self.columns

    @property
    def place(self) -> slice:
        """Where they are."""
        return slice(self.start, self.start + self.size)


Tensors = tuple[Tensor, ...]


def vector(size: int) -> Tensors:
    """Returns one vector of so many parameters."""
    return (Tensor(0, size),)


ONE = vector(1)


def number_of(tensors: Tensors) -> int:
    """Returns the number of parameters."""
    return sum(tensor.size for tensor in tensors)


def factors_of(tensors: Tensors) -> list[float]:
    """Returns the factor of each parameter's rate."""
    return [tensor.factor for tensor in tensors for _ in range(tensor.size)]
