"""What the rule of an optimizer reads of all parameters at once or of each tensor, for R runs in NumPy.

In a rule, `sum(x)`, `mean(x)` and `norm(x)` are one number of all parameters of a run. `tensor_mean(x)` is the mean of
each tensor, `row_mean(x)` and `column_mean(x)` are those of the rows and columns of a matrix; a vector is one column.
`rows(w)` and `columns(w)` are their numbers, `matrix(w)` is 1 in a matrix, `hidden(w)` in that of a hidden layer, else
0. `lr_factor(w)` is the factor of each parameter's rate.
`orthogonal(x, steps, a, b, c, eps)` makes the singular values of a matrix nearly 1; a vector stays as it is.

Sums are in float64 and four lanes, as in `products`, so that a kernel has the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import Joined
from lrstudio.core.formula.tensors import Tensor, Tensors, number_of
from lrstudio.core.kernel.lengths import NORM_LANES
from lrstudio.core.network.products import linear, norms, slopes, sums


@lru_cache(256)
def joined_functions(tensors: Tensors) -> Joined:
    """Returns the functions by name; each takes values (R, P) and returns as many, or (R, 1) for all parameters."""

    def of_each(function: Callable[..., Array]) -> Callable[..., Array]:
        def joined(x: Array, *numbers: Any) -> Array:
            out = np.empty_like(x)
            for tensor in tensors:
                own = x[:, tensor.place].reshape(len(x), tensor.rows, tensor.columns)
                out[:, tensor.place] = np.broadcast_to(function(own, tensor, *numbers), own.shape).reshape(len(x), -1)
            return out

        return joined

    return (
        ("total", lambda x: _sums(x)[:, None].astype(x.dtype)),
        ("norm", lambda x: norms(x)[:, None].astype(x.dtype)),
        ("tensor_mean", of_each(lambda x, _: _mean(x.reshape(len(x), 1, -1)))),
        ("row_mean", of_each(lambda x, _: _mean(x))),
        ("column_mean", of_each(lambda x, _: _mean(x.swapaxes(1, 2)).swapaxes(1, 2))),
        ("rows", of_each(lambda x, tensor: np.array(tensor.rows, x.dtype))),
        ("columns", of_each(lambda x, tensor: np.array(tensor.columns, x.dtype))),
        ("matrix", of_each(lambda x, tensor: np.array(tensor.matrix, x.dtype))),
        ("hidden", of_each(lambda x, tensor: np.array(tensor.hidden, x.dtype))),
        ("lr_factor", of_each(lambda x, tensor: np.array(tensor.factor, x.dtype))),
        ("orthogonal", of_each(_orthogonal)),
    )


def named_functions(tensors: Tensors) -> dict[str, Callable[..., Array]]:
    """Returns the functions by their names in rules."""
    functions = dict(joined_functions(tensors))
    total, size = functions.pop("total"), number_of(tensors)
    return functions | {"sum": total, "mean": lambda x: total(x) / np.array(size, x.dtype)}


def numbers_of(tensors: Tensors) -> Array:
    """Returns rows(w), columns(w), matrix(w), hidden(w) and lr_factor(w) of all parameters as (5, P)."""
    numbers = [[each.rows, each.columns, each.matrix, each.hidden, each.factor] for each in tensors]
    return np.repeat(np.array(numbers, float), [tensor.size for tensor in tensors], axis=0).T


def _sums(x: Array) -> Array:
    return sums(x.astype(float, copy=False), NORM_LANES)


def _mean(x: Array) -> Array:
    """Returns the means (R, n, 1) over the last axis of values (R, n, m)."""
    mean: Array = (_sums(x) / x.shape[2])[..., None].astype(x.dtype)
    return mean


def _orthogonal(x: Array, tensor: Tensor, steps: Any, a: Any, b: Any, c: Any, eps: Any) -> Array:
    """Returns matrices (R, rows, columns) after the steps of a Newton-Schulz iteration, which begins at length 1.

    A step is X = aX + (bA + cAA)X with A = XXᵀ, for the shorter side; no matrix is divided by less than eps.
    """
    if not tensor.matrix:
        return x
    steps, a, b, c, eps = (np.asarray(number, x.dtype).reshape(-1, 1, 1) for number in (steps, a, b, c, eps))
    length = norms(x.reshape(len(x), -1)).astype(x.dtype)[:, None, None]
    turned = tensor.rows > tensor.columns
    x = np.ascontiguousarray(x.swapaxes(1, 2) if turned else x) / np.where(length < eps, eps, length)
    for step in range(int(steps.max())):
        gram = slopes(x, x)
        after = linear(linear(gram, gram * c, gram * b), x, x * a)
        x = np.where(step < steps, after, x)
    return x.swapaxes(1, 2) if turned else x
