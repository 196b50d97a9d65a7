"""Products of matrices have one order of summation, in NumPy and in the kernel."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.kernel.host import SharedKernels, available
from lrstudio.core.network import products
from lrstudio.core.network.product_kernel import PRODUCTS, ProductKernel
from lrstudio.core.problems import Digits

SHAPES = [(1, 1, 1, 1), (1, 1, 16, 33), (3, 5, 2, 10), (1, 8, 7, 257), (2, 10, 64, 64), (3, 4, 4, 3)]


def _factors(shape: tuple[int, int, int, int], dtype: type, *, shared: bool) -> tuple[Array, Array, Array, Array]:
    runs, rows, inner, points = shape
    random = np.random.default_rng(0)
    many = 1 if shared else runs
    shapes = [(runs, rows, inner), (many, inner, points), (runs, rows, 1), (runs, rows, points)]
    factors: list[Array] = [random.normal(size=shape).astype(dtype) for shape in shapes]
    w, a, start, delta = factors
    return w, a, start, delta


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_orders_of_summation_are_those_that_are_documented(
    shape: tuple[int, int, int, int], dtype: type, shared: bool
) -> None:
    w, a, start, delta = _factors(shape, dtype, shared=shared)
    expected = np.broadcast_to(start, delta.shape).copy()
    for k in range(shape[2]):
        expected += w[:, :, k, None] * a[:, None, k]
    np.testing.assert_array_equal(products.linear(w, a, start), expected)
    lanes = np.zeros((*w.shape, products.lanes(np.dtype(dtype))), dtype)
    for point in range(shape[3]):
        lanes[..., point % lanes.shape[-1]] += delta[:, :, None, point] * a[:, None, :, point]
    while lanes.shape[-1] > 1:
        lanes = lanes[..., ::2] + lanes[..., 1::2]
    found = products.slopes(delta, a)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, lanes[..., 0])
    np.testing.assert_array_equal(products.sums(delta), products.slopes(delta, np.ones_like(delta[:1, :1]))[..., 0])


@pytest.mark.skipif(not available(), reason="no kernels here")
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_kernel_has_the_bits_of_numpy(shape: tuple[int, int, int, int], dtype: type, shared: bool) -> None:
    w, a, start, delta = _factors(shape, dtype, shared=shared)
    kernel = ProductKernel(np.dtype(dtype))
    out = np.broadcast_to(start, delta.shape).copy()
    kernel.add_linear(w, a, out)
    np.testing.assert_array_equal(out, products.linear(w, a, start))
    np.testing.assert_array_equal(kernel.slopes(delta, a), products.slopes(delta, a))


@pytest.mark.skipif(not available(), reason="no kernels here")
def test_runs_that_do_not_fit_into_the_memory_are_computed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    w, a, start, delta = _factors((7, 3, 5, 12), np.float64, shared=False)
    monkeypatch.setattr("lrstudio.core.network.product_kernel._BYTES", 2000)
    kernel = ProductKernel(np.dtype(np.float64))
    out = np.broadcast_to(start, delta.shape).copy()
    kernel.add_linear(w, a, out)
    np.testing.assert_array_equal(out, products.linear(w, a, start))
    np.testing.assert_array_equal(kernel.slopes(delta, a), products.slopes(delta, a))


def test_a_length_is_the_root_of_the_sum_of_squares() -> None:
    vectors = np.random.default_rng(1).normal(size=(3, 337)).astype(np.float32)
    np.testing.assert_allclose(products.norms(vectors), np.linalg.norm(vectors.astype(float), axis=1), rtol=1e-15)


def _hash() -> str:
    """Returns a hash of losses, gradients and Hessian-vector products of two networks on all data."""
    found = hashlib.sha256()
    for dtype in (np.float32, np.float64):
        objective = Digits().objective(0, np.dtype(dtype))
        w = np.stack([Digits().initial(seed) for seed in (0, 1)])
        for values in (*objective.loss_and_gradient(w), objective.hessian_products(w)(w)):
            found.update(values.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    "environment",
    [{"OPENBLAS_CORETYPE": "Prescott"}, {"OPENBLAS_CORETYPE": "Nehalem"}, {"LRSTUDIO_KERNEL": "numpy"}],
    ids=lambda environment: "-".join(environment.values()),
)
def test_no_bit_depends_on_blas_or_on_what_computes(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", f"from {__name__} import _hash; print(_hash())"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == _hash()


@pytest.mark.skipif(not available(), reason="no kernels here")
def test_a_kernel_that_has_become_large_is_not_used_again() -> None:
    small, large = ((1, 4, 4, points) for points in (100, 2**18))
    kernels, dtype = SharedKernels(ProductKernel), np.dtype(np.float64)
    kernel = kernels.take(dtype)
    for shape, same in ((small, True), (large, False)):
        w, a, start, delta = _factors(shape, np.float64, shared=False)
        kernel.add_linear(w, a, start + delta)
        kernels.give(dtype, kernel)
        again = kernels.take(dtype)
        assert (again is kernel) == same
    again.slopes(delta, a)
    kernels.give(dtype, again)
    assert kernels.take(dtype) is not again


@pytest.mark.skipif(not available(), reason="no kernels here")
def test_threads_that_compute_one_after_another_use_the_same_kernel() -> None:
    w, a, start, _ = _factors((2, 10, 64, 64), np.float64, shared=False)
    used: list[ProductKernel] = []

    def compute() -> None:
        products.linear(w, a, start)
        used.append(PRODUCTS.take(w.dtype))
        PRODUCTS.give(w.dtype, used[-1])

    for _ in range(4):
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
    assert len(used) == 4 and len(set(map(id, used))) == 1


@pytest.mark.skipif(not available(), reason="no kernels here")
def test_threads_that_compute_at_once_have_a_kernel_each() -> None:
    w, a, _, _ = _factors((2, 10, 64, 64), np.float64, shared=False)
    kernels = SharedKernels(ProductKernel)
    one, other = kernels.take(w.dtype), kernels.take(w.dtype)
    found = [np.zeros((2, 10, 64)) for _ in range(2)]
    for kernel, out in zip((one, other), found, strict=True):
        kernel.add_linear(w, a, out)
    assert one is not other
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.skipif(not available(), reason="no kernels here")
def test_few_kernels_wait_for_their_next_use() -> None:
    kernels, dtype = SharedKernels(ProductKernel), np.dtype(np.float32)
    used = [kernels.take(dtype) for _ in range(5)]
    for kernel in used:
        kernels.give(dtype, kernel)
    assert sum(kernels.take(dtype) in used for _ in range(5)) == 2
