"""Linear algebra of our own: LAPACK's results but for rounding, and the same bits whatever the processor."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.kernel import jacobi
from lrstudio.core.linear_algebra import (
    eigen,
    largest_of_tridiagonal,
    least_squares,
    pseudo_solve,
    solve,
    triangular_factor,
)
from tests.patience import patience

KINDS = ("random", "nearly singular", "repeated", "zero", "diagonal", "huge")


@pytest.fixture(params=["native", "numpy"])
def _execution(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setattr(jacobi, "supports", lambda _: False)
    elif not jacobi.supports(np.zeros((1, 2, 2))):
        pytest.skip("no native code here")


def matrices(kind: str, size: int, count: int = 20) -> Array:
    chance = np.random.default_rng(size)
    turned = np.linalg.qr(chance.normal(size=(count, size, size)))[0]
    values = chance.normal(size=(count, size))
    match kind:
        case "nearly singular":
            values = 10 ** chance.uniform(-18, 3, size=values.shape)
        case "repeated":
            values = np.round(values)
        case "zero":
            values *= 0
        case "diagonal":
            turned = np.broadcast_to(np.eye(size), turned.shape)
        case "huge":
            values *= 1e150
    square = (turned * values[:, None]) @ turned.transpose(0, 2, 1)
    return np.asarray((square + square.transpose(0, 2, 1)) / 2)


@pytest.mark.usefixtures("_execution")
@pytest.mark.parametrize("size", [1, 2, 3, 8, 20])
@pytest.mark.parametrize("kind", KINDS)
def test_eigenvalues_are_those_of_lapack_and_their_vectors_rebuild_the_matrix(kind: str, size: int) -> None:
    given = matrices(kind, size)
    expected = np.linalg.eigvalsh(given)
    scale = np.abs(expected).max(axis=1)[:, None, None] + np.finfo(float).tiny
    values, vectors = eigen(given)
    assert (np.diff(values, axis=1) >= 0).all()
    np.testing.assert_allclose(values / scale[:, 0], expected / scale[:, 0], atol=1e-13)
    rebuilt = (vectors * (values[:, None] / scale)) @ vectors.transpose(0, 2, 1)
    np.testing.assert_allclose(rebuilt, given / scale, atol=1e-13)
    np.testing.assert_allclose(
        vectors.transpose(0, 2, 1) @ vectors, np.broadcast_to(np.eye(size), given.shape), atol=1e-13
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS[:-1])
def test_native_code_and_numpy_give_the_same_bits(kind: str, dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (2, 3, 8):
        given: Array = matrices(kind, size).astype(dtype)
        native = eigen(given)
        with monkeypatch.context() as context:
            context.setattr(jacobi, "supports", lambda _: False)
            values, vectors = eigen(given)
            alone = np.concatenate([eigen(one[None]).vectors for one in given])
        assert values.dtype == vectors.dtype == dtype
        assert native.values.tobytes() == values.tobytes()
        assert native.vectors.tobytes() == vectors.tobytes() == alone.tobytes()


@pytest.mark.usefixtures("_execution")
def test_no_matrices_have_no_eigenvalues() -> None:
    values, vectors = eigen(np.zeros((0, 3, 3)))
    assert values.shape == (0, 3)
    assert vectors.shape == (0, 3, 3)


@pytest.mark.usefixtures("_execution")
def test_a_small_eigenvalue_keeps_its_digits_beside_a_large_one() -> None:
    scale = np.array([1e8, 1.0, 1e-8])
    given = np.array([[2.0, 1, 0], [1, 2, 1], [0, 1, 2]]) * scale * scale[:, None]
    assert eigen(given[None]).values[0, 0] == pytest.approx(4 / 3 * 1e-16, rel=1e-12)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_equations_are_solved(size: int) -> None:
    chance = np.random.default_rng(3)
    for _ in range(20):
        matrix, right = chance.normal(size=(size, size)), chance.normal(size=size)
        np.testing.assert_allclose(solve(matrix, right), np.linalg.solve(matrix, right), rtol=1e-9)
    np.testing.assert_array_equal(solve(np.array([[0.0, 2], [4, 2]]), np.array([6.0, 10])), [1, 3])
    assert np.isnan(solve(np.array([[1.0, 2], [2, 4]]), np.ones(2))).all()


def test_the_pseudo_inverse_leaves_out_what_is_0() -> None:
    given = matrices("repeated", 6)
    right = np.random.default_rng(4).normal(size=(len(given), 6))
    expected = (np.linalg.pinv(given, rcond=1e-12, hermitian=True) @ right[:, :, None])[:, :, 0]
    np.testing.assert_allclose(pseudo_solve(given, right), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("rows", "columns", "rank"), [(5, 1, 1), (10, 9, 9), (10, 9, 6), (40, 3, 3), (3, 5, 3)])
def test_least_squares_are_those_of_lapack(rows: int, columns: int, rank: int) -> None:
    chance = np.random.default_rng(rows)
    matrix = chance.normal(size=(rows, rank)) @ chance.normal(size=(rank, columns))
    right = chance.normal(size=rows)
    expected = np.linalg.lstsq(matrix, right, rcond=None)[0]
    np.testing.assert_allclose(least_squares(matrix, right), expected, rtol=1e-10)


@pytest.mark.parametrize("shape", [(300, 10), (10, 10), (4, 10), (1, 3)])
def test_the_triangular_factor_is_that_of_lapack_but_for_signs(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(6).normal(size=shape)
    factor, expected = triangular_factor(matrix), np.linalg.qr(matrix, mode="r")
    np.testing.assert_array_equal(factor, np.triu(factor))
    np.testing.assert_allclose(np.abs(factor), np.abs(expected), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(factor.T @ factor, matrix.T @ matrix, atol=1e-11)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 40])
@pytest.mark.parametrize("fading", [1.0, 0.3, 1e-5, 0.0])
def test_the_largest_eigenvalue_of_a_tridiagonal_matrix_is_that_of_lapack(size: int, fading: float) -> None:
    chance = np.random.default_rng(size)
    for _ in range(10):
        diagonal, beside = (
            chance.normal(size=size),
            np.abs(chance.normal(size=size - 1)) * fading ** np.arange(size - 1),
        )
        whole = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        value, vector = largest_of_tridiagonal(diagonal.tolist(), beside.tolist())
        assert value == pytest.approx(np.linalg.eigvalsh(whole)[-1], rel=1e-13)
        np.testing.assert_allclose(whole @ vector, value * np.array(vector), atol=1e-12)
        assert np.sum(np.square(vector)) == pytest.approx(1, rel=1e-14)


def test_a_tridiagonal_matrix_of_zeros_has_the_eigenvalue_0() -> None:
    value, vector = largest_of_tridiagonal([0.0] * 3, [0.0] * 2)
    assert value == 0
    assert np.sum(np.square(vector)) == 1


def digest() -> str:
    """The SHA-256 of results of every function here."""
    found: list[Array] = []
    chance = np.random.default_rng(8)
    for size in (2, 5, 9):
        square = chance.uniform(-1, 1, size=(30, size, size))
        right = chance.uniform(-1, 1, size=(30, size))
        found += [*eigen(square), pseudo_solve(square, right), solve(square[0], right[0])]
        found += [least_squares(square[:, 0], right[:, 0]), triangular_factor(square.reshape(-1, size))]
        value, vector = largest_of_tridiagonal(square[0, 0].tolist(), square[1, 0, :-1].tolist())
        found.append(np.array([value, *vector]))
    return hashlib.sha256(b"".join(np.ascontiguousarray(values).tobytes() for values in found)).hexdigest()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OPENBLAS_CORETYPE": "Nehalem"},
        {"OPENBLAS_CORETYPE": "Haswell"},
        {"NPY_DISABLE_CPU_FEATURES": "X86_V3"},
        {"LRSTUDIO_KERNEL": "numpy"},
    ],
    ids=str,
)
def test_the_bits_are_the_same_in_other_processes(environment: dict[str, str]) -> None:
    program = "from tests.core.test_linear_algebra import digest; print(digest())"
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=patience(60), check=True
    )
    assert done.stdout.strip() == digest() == FROZEN


FROZEN = "1aa9dc1aaf8d53627bee969d32edb58ecc7c52c69316b9260fa5793a269ec836"
"""Recorded on one machine; every other one must give it too."""
