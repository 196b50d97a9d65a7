"""Calls the matrix products in WebAssembly on arrays of NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.kernel.host import Kernel, SharedKernels
from lrstudio.core.network.gemm import LANES, Lane, gemm

_BYTES = 2**21
"""The memory for the factors and results of some runs at once: about what a processor's cache holds."""


class ProductKernel:
    """The products of `products` for arrays of one type."""

    def __init__(self, dtype: DType) -> None:
        self._dtype = dtype
        self._kernel = Kernel(_module(LANES[dtype.itemsize]))
        self._begin = self._kernel.allocate(0)

    @property
    def size(self) -> int:
        """The bytes of its memory."""
        return self._kernel.size

    def add_linear(self, w: Array, a: Array, out: Array) -> None:
        """Adds w a to out (R, O, M), for w (R, O, K) and a (R or 1, K, M)."""
        row = self._padded(out.shape[2])
        for runs in self._blocks(len(out), row * (out.shape[1] + w.shape[2]) + w[0].size):
            factor = self._put(w[runs], w.shape[2])
            points, sums = self._put(_of(a, runs), row), self._put(out[runs], row)
            self._call("linear_runs", (factor, points, sums), (w[runs], _of(a, runs)), row)
            found = self._kernel.view(sums, (*out[runs].shape[:2], row), self._dtype)
            out[runs] = found[..., : out.shape[2]]

    def slopes(self, delta: Array, a: Array) -> Array:
        """Returns the sums (R, O, K) over the points of delta (R, O, M) times a (R or 1, K, M)."""
        out = np.empty((len(delta), delta.shape[1], a.shape[1]), self._dtype)
        row = self._padded(a.shape[2])
        for runs in self._blocks(len(out), row * (out.shape[1] + out.shape[2]) + out[0].size):
            sums = self._kernel.allocate(out[runs].nbytes)
            factor, points = self._put(delta[runs], row), self._put(_of(a, runs), row)
            self._call("slopes_runs", (factor, points, sums), (delta[runs], _of(a, runs)), row)
            out[runs] = self._kernel.view(sums, out[runs].shape, self._dtype)
        return out

    def _call(self, name: str, offsets: tuple[int, int, int], factors: tuple[Array, Array], row: int) -> None:
        first, second = factors
        shared = len(second) == 1
        self._kernel.call(name, len(first), *offsets, int(shared), first.shape[1], second.shape[1], self._width * row)

    @property
    def _width(self) -> int:
        return self._dtype.itemsize

    def _padded(self, points: int) -> int:
        count = 16 // self._width
        return -(-points // count) * count

    def _blocks(self, runs: int, numbers: int) -> Iterator[slice]:
        """Yields blocks of runs with so many numbers each; the memory is empty at the beginning of a block."""
        at_once = max(1, _BYTES // (numbers * self._width))
        for first in range(0, runs, at_once):
            self._kernel.release(self._begin)
            yield slice(first, first + at_once)

    def _put(self, values: Array, row: int) -> int:
        """Copies values (n, m, k) into new memory, padded by zeros to (n, m, row); returns its offset."""
        shape = (*values.shape[:2], row)
        offset = self._kernel.allocate(self._width * int(np.prod(shape)))
        view = self._kernel.view(offset, shape, self._dtype)
        view[..., : values.shape[2]], view[..., values.shape[2] :] = values, 0
        return offset


PRODUCTS = SharedKernels(ProductKernel)
"""By the type of numbers."""


def _of(values: Array, runs: slice) -> Array:
    """Returns the values (R or 1, ...) of some runs."""
    return values[runs] if len(values) > 1 else values


def _module(lane: Lane) -> str:
    """Returns the module: a call makes a product of every run; `shared` is whether `a` is that of all runs."""
    numbers = "(param $rows i32) (param $columns i32) (param $row i32) (local $da i32)"
    offsets = "(param $runs i32) (param $w i32) (param $a i32) (param $out i32) (param $shared i32)"
    row, size = "(local.get $row)", f"(i32.const {lane.size})"

    def moved(pointer: str, *factors: str) -> str:
        distance = f"(local.get ${factors[0]})" if len(factors) == 1 else _times(factors)
        return f"(local.set ${pointer} (i32.add (local.get ${pointer}) {distance}))"

    def _times(factors: tuple[str, ...]) -> str:
        product = f"(local.get ${factors[0]})"
        for factor in factors[1:]:
            product = f"(i32.mul {product} {size if factor == 'size' else f'(local.get ${factor})'})"
        return product

    def over_runs(name: str, body: str, *steps: str) -> str:
        return f"""(func (export "{name}") {offsets} {numbers}
  (if (i32.eqz (local.get $shared)) (then (local.set $da (i32.mul (local.get $columns) {row}))))
  (loop $runs {body} {" ".join(steps)}
  (br_if $runs (local.tee $runs (i32.sub (local.get $runs) (i32.const 1))))))"""

    get = "(local.get $w) (local.get $a) (local.get $out) (local.get $rows) (local.get $columns) (local.get $row)"
    product = get.replace("(local.get $w)", f"(local.get $w) {_times(('columns', 'size'))}")
    return "\n".join(
        [
            '(module (memory (export "memory") 1)',
            gemm(lane),
            over_runs(
                "linear_runs",
                f"(call $linear {product})",
                moved("w", "rows", "columns", "size"),
                moved("a", "da"),
                moved("out", "rows", "row"),
            ),
            over_runs(
                "slopes_runs",
                f"(call $slopes {get})",
                moved("w", "rows", "row"),
                moved("a", "da"),
                moved("out", "rows", "columns", "size"),
            ),
            ")",
        ]
    )
