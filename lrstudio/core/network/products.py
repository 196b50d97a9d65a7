"""Matrix products with one order of summation on every machine, in WebAssembly or, for few numbers, in NumPy.

Products over units are sums in the order of the units, from a start on. Sums over points have as many lanes as a
register of 128 bits holds numbers (2 of float64, 4 of float32): lane l adds up the points l, l + lanes, ... in order,
from 0 on; then neighbouring lanes are added: s0 + s1 or (s0 + s1) + (s2 + s3). Nothing is fused. BLAS has an order of
its own on every processor.
"""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.kernel.host import available
from lrstudio.core.kernel.lengths import NORM_LANES
from lrstudio.core.network.product_kernel import PRODUCTS

_WORTH = 2**15
"""The number of products from which on a call of the kernel is faster."""
_AT_ONCE = 2**14
"""Numbers that NumPy computes at once, so that they stay in the cache."""


def lanes(dtype: DType) -> int:
    """Returns the number of lanes of a sum over points."""
    return 16 // dtype.itemsize


def linear(w: Array, a: Array, start: Array | float = 0.0) -> Array:
    """Returns start + w a (R, O, M) for w (R, O, K), a (R or 1, K, M) and a start that broadcasts to the result."""
    runs, rows, inner = w.shape
    out = np.empty((runs, rows, a.shape[2]), w.dtype)
    out[...] = start
    if out.size * inner >= _WORTH and available():
        kernel = PRODUCTS.take(w.dtype)
        kernel.add_linear(w, a, out)
        PRODUCTS.give(w.dtype, kernel)
        return out
    at_once = max(1, _AT_ONCE // (runs * rows))
    for first in range(0, a.shape[2], at_once):
        block, points = out[..., first : first + at_once], a[..., first : first + at_once]
        for k in range(inner):
            block += w[:, :, k, None] * points[:, k, None]
    return out


def slopes(delta: Array, a: Array) -> Array:
    """Returns the sums (R, O, K) over the points of delta (R, O, M) times a (R or 1, K, M)."""
    if delta.size * a.shape[1] >= _WORTH and available():
        kernel = PRODUCTS.take(delta.dtype)
        sums = kernel.slopes(delta, a)
        PRODUCTS.give(delta.dtype, kernel)
        return sums
    split_delta, split_a = _split(delta)[:, :, :, None], _split(a)[:, :, None]
    total = np.zeros(np.broadcast_shapes(split_delta.shape[1:], split_a.shape[1:]), delta.dtype)
    at_once = max(1, _AT_ONCE // total.size)
    for first in range(0, len(split_delta), at_once):
        products = split_delta[first : first + at_once] * split_a[first : first + at_once]
        products[0] += total
        total = np.add.reduce(products, axis=0)
    return _joined(total)


def sums(values: Array, count: int | None = None) -> Array:
    """Returns the sums (...) over the points of values (..., M), in `count` lanes."""
    split = _split(values, count)
    split[0] += 0  # -0 becomes 0, at which the sums start
    return _joined(np.add.reduce(split, axis=0))


def sums_of_squares(vectors: Array) -> Array:
    """Returns the sums (R,) of the squares of vectors (R, P), in float64 and four lanes."""
    vectors = vectors.astype(float, copy=False)
    return sums(vectors * vectors, NORM_LANES)


def norms(vectors: Array) -> Array:
    """Returns the lengths (R,) of vectors (R, P)."""
    norm: Array = np.sqrt(sums_of_squares(vectors))
    return norm


def _split(values: Array, count: int | None = None) -> Array:
    """Returns points (..., M) as (M/count, ..., count), with zeros at the end."""
    *others, points = values.shape
    count = count or lanes(values.dtype)
    split = np.zeros((-(-points // count), *others, count), values.dtype)
    whole = points // count
    axes = (len(others), *range(len(others)), len(others) + 1)
    split[:whole] = values[..., : whole * count].reshape(*others, whole, count).transpose(axes)
    split[whole:, ..., : points - whole * count] = values[..., whole * count :]
    return split


def _joined(sums: Array) -> Array:
    """Returns the sums (...) of lanes (..., lanes), neighbours first."""
    while sums.shape[-1] > 1:
        sums = sums[..., ::2] + sums[..., 1::2]
    total: Array = sums[..., 0]
    return total
