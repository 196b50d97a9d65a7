"""Eigenvalues, linear equations, least squares and Newton's direction with the same bits on every machine.

LAPACK's results depend on the processor. These use + - * / and roots in a fixed order; no result depends on the other
matrices.
"""

from __future__ import annotations

import math
from functools import reduce
from itertools import combinations
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel import jacobi

_HALVINGS = 80
_IN_PAIRS = 8
"""From so many terms on NumPy adds them in pairs."""
_TINY = float(np.finfo(float).tiny)


class Eigen(NamedTuple):
    """The rising eigenvalues (R, P) and, as columns, the unit eigenvectors (R, P, P)."""

    values: Array
    vectors: Array


def eigen(matrices: Array) -> Eigen:
    """Returns the eigenvalues and eigenvectors of the symmetric parts of finite matrices (R, P, P).

    By Jacobi's rotations (Golub & Van Loan, Matrix Computations, 8.5), each of which makes an element 0.
    """
    values, vectors = _decomposed(matrices)
    order = np.argsort(values, axis=1, kind="stable")
    values = np.take_along_axis(values, order, axis=1)
    vectors = np.take_along_axis(vectors, order[:, :, None], axis=1).transpose(0, 2, 1)
    return Eigen(values, vectors)


def pseudo_solve(matrices: Array, right: Array) -> Array:
    """Returns the pseudo-inverse of the symmetric parts of finite matrices (R, P, P) times right sides (R, P).

    Eigenvalues below P machine epsilons of the largest count as 0.
    """
    values, vectors = _decomposed(matrices)
    size = np.abs(values)
    least = right.shape[1] * np.finfo(values.dtype).eps * size.max(axis=1, keepdims=True, initial=0)
    along = ordered_sum(vectors * right[:, None, :], 2)
    along = np.where(size > least, along / np.where(size > least, values, 1), 0)
    return ordered_sum(vectors * along[:, :, None], 1) + 0


def newton_direction(hessian: Array, gradient: Array) -> Array:
    """Returns the pseudo-inverse of each symmetric Hessian (R, P, P) times the gradient (R, P); NaN if not finite.

    Eigenvalues below P machine epsilons of the largest count as 0. No result depends on the other runs.
    """
    is_finite = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    finite = np.where(is_finite[:, None, None], hessian, 0)
    direction = pseudo_solve(finite, gradient)
    direction[~is_finite] = np.nan
    return direction


def solve(matrix: Array, right: Array) -> Array:
    """Returns the solution (P,) of linear equations (P, P) by Gaussian elimination with partial pivoting.

    NaN for a singular matrix.
    """
    rows = np.column_stack([matrix, right]).astype(float)
    size = len(rows)
    for index in range(size):
        pivot = index + int(np.abs(rows[index:, index]).argmax())
        rows[[index, pivot]] = rows[[pivot, index]]
        if not np.abs(rows[index, index]) > 0:
            return np.full(size, np.nan)
        factors = rows[index + 1 :, index] / rows[index, index]
        rows[index + 1 :] -= factors[:, None] * rows[index]
    solution = rows[:, -1]
    for index in reversed(range(size)):
        solution[index] /= rows[index, index]
        solution[:index] -= rows[:index, index] * solution[index]
    return solution.copy()


@np.errstate(over="ignore", under="ignore")
def least_squares(matrix: Array, right: Array) -> Array:
    """Returns the shortest x (P,) with the least norm of matrix (m, P) x - right (m,).

    By Hestenes' rotations (1958), which make the columns orthogonal; singular values below max(m, P) machine epsilons
    of the largest count as 0.
    """
    columns, turned = np.array(matrix.T, float), np.eye(matrix.shape[1])
    eps = float(np.finfo(float).eps)
    for _ in range(jacobi.SWEEPS):
        rotated = False
        for p, q in combinations(range(len(columns)), 2):
            pp, qq, pq = (np.asarray((columns[i] * columns[j]).sum()) for i, j in ((p, p), (q, q), (p, q)))
            active = np.abs(pq) > eps * np.sqrt(pp) * np.sqrt(qq)
            if not active:
                continue
            rotated = True
            _, c, s = _rotation(pp, qq, pq, active)
            for rows in (columns, turned):
                rows[[p, q]] = c * rows[p] - s * rows[q], s * rows[p] + c * rows[q]
        if not rotated:
            break
    squares = (columns * columns).sum(axis=1)
    kept = np.sqrt(squares) > max(matrix.shape) * eps * np.sqrt(squares.max(initial=0))
    solution = np.zeros(matrix.shape[1])
    for _ in range(2):  # twice, because of rounding
        left = right - ordered_sum(matrix * solution, 1)
        shares = (columns * left).sum(axis=1)[kept] / squares[kept]
        solution += ordered_sum(turned[kept] * shares[:, None], 0)
    return solution


def triangular_factor(matrix: Array) -> Array:
    """Returns R (min(m, n), n) of the QR decomposition of a matrix (m, n) by Householder's reflections."""
    left = np.array(matrix, float)
    rows, columns = left.shape
    for index in range(min(rows - 1, columns)):
        vector = left[index:, index].copy()
        length = np.sqrt((vector * vector).sum())
        if length == 0:
            continue
        alpha = -length if vector[0] >= 0 else length
        vector[0] -= alpha
        share = (vector[:, None] * left[index:, index:]).sum(axis=0) / (length * (length + abs(left[index, index])))
        left[index:, index:] -= vector[:, None] * share
        left[index, index], left[index + 1 :, index] = alpha, 0
    return left[: min(rows, columns)]


def largest_of_tridiagonal(diagonal: list[float], beside: list[float]) -> tuple[float, list[float]]:
    """Returns the largest eigenvalue and its unit eigenvector (k,) of a finite symmetric tridiagonal matrix.

    From the diagonal (k,) and the elements beside it (k - 1,). λ is above all eigenvalues if all pivots
    λ - a_i - b_(i-1)^2/pivot_(i-1) are positive; the eigenvector follows from the pivots from both ends, joined where
    they fit best (Dhillon 1997).
    """
    squares = [element * element for element in beside]
    reach = [0.0, *map(abs, beside), 0.0]
    low = max(diagonal)
    high = max(element + reach[index] + reach[index + 1] for index, element in enumerate(diagonal))
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        if len(_pivots(middle, diagonal, squares, positive=True)) == len(diagonal):
            high = middle
        else:
            low = middle
    down = _pivots(high, diagonal, squares)
    up = _pivots(high, diagonal[::-1], squares[::-1])[::-1]
    fits = [abs(one + other - (high - element)) for one, other, element in zip(down, up, diagonal, strict=True)]
    joint = fits.index(min(fits))
    vector = [0.0] * joint + [1.0] + [0.0] * (len(diagonal) - 1 - joint)
    for index in range(joint, 0, -1):
        vector[index - 1] = vector[index] * beside[index - 1] / down[index - 1]
    for index in range(joint, len(diagonal) - 1):
        vector[index + 1] = vector[index] * beside[index] / up[index + 1]
    length = math.sqrt(math.fsum(element * element for element in vector))
    return high, [element / length for element in vector]


def ordered_sum(values: Array, axis: int) -> Array:
    """Returns the sums along a short axis, added from the first to the last."""
    parts = np.moveaxis(values, axis, 0)
    total = np.array(parts[0]) if len(parts) else np.zeros(parts.shape[1:], values.dtype)
    for part in parts[1:]:
        total += part
    return total


def row_sums(values: Array) -> Array:
    """Returns the sums (R,) of rows (R, P) with the bits of `values.sum(axis=1)`, sooner where the rows are short."""
    return ordered_sum(values, 1) if values.shape[1] < _IN_PAIRS else np.asarray(values.sum(axis=1))


def row_maxima(values: Array) -> Array:
    """Returns the largest numbers (R,) of rows (R, P), NaN where there is one."""
    return np.asarray(reduce(np.maximum, values.T)) if values.shape[1] < _IN_PAIRS else np.asarray(values.max(axis=1))


def _decomposed(matrices: Array) -> tuple[Array, Array]:
    """Returns the eigenvalues (R, P) in any order and, as rows, the eigenvectors (R, P, P)."""
    whole = matrices / 2 + matrices.transpose(0, 2, 1) / 2
    values, vectors = (jacobi.rotated if jacobi.supports(whole) else _rotated)(whole)
    return values + 0, vectors + 0  # -0 becomes 0


@np.errstate(over="ignore", under="ignore")
def _rotated(matrices: Array) -> tuple[Array, Array]:
    """Returns what the kernel of the same name does: eigenvalues (R, P) and, as rows, eigenvectors (R, P, P)."""
    a = np.ascontiguousarray(matrices.transpose(1, 2, 0))
    size, eps = len(a), np.finfo(a.dtype).eps
    vectors = np.zeros_like(a)
    vectors[range(size), range(size)] = 1
    for _ in range(jacobi.SWEEPS):
        rotated = False
        for p, q in combinations(range(size), 2):
            pp, qq, pq = a[p, p].copy(), a[q, q].copy(), a[p, q].copy()
            active = np.abs(pq) > eps * np.sqrt(np.abs(pp)) * np.sqrt(np.abs(qq))
            if not active.any():
                continue
            rotated = True
            t, c, s = _rotation(pp, qq, pq, active)
            for rows in (a, vectors):
                rows[p], rows[q] = c * rows[p] - s * rows[q], s * rows[p] + c * rows[q]
            a[:, p], a[:, q] = a[p], a[q]
            a[p, p], a[q, q] = pp - t * pq, qq + t * pq
            a[p, q] = a[q, p] = np.where(active, 0, pq)
        if not rotated:
            break
    return a[range(size), range(size)].T, vectors.transpose(2, 0, 1)


def _rotation(pp: Array, qq: Array, pq: Array, active: Array) -> tuple[Array, Array, Array]:
    """Returns tangent, cosine and sine of the rotation that makes pq 0; the identity where it is not `active`."""
    ratio = (qq - pp) / np.where(active, 2 * pq, 1)
    t = np.where(ratio < 0, -1, 1).astype(pq.dtype) / (np.abs(ratio) + np.sqrt(ratio * ratio + 1))
    t = np.where(active, t, 0)
    c = 1 / np.sqrt(t * t + 1)
    return t, c, t * c


def _pivots(shift: float, diagonal: list[float], squares: list[float], *, positive: bool = False) -> list[float]:
    """Returns the pivots of shift - matrix, with the least number in place of 0; up to the last `positive` one."""
    pivots: list[float] = []
    share = 0.0
    for element, square in zip(diagonal, [*squares, 0.0], strict=True):
        pivot = shift - element - share
        if positive and not pivot > 0:
            break
        pivots.append(pivot or _TINY)
        share = square / pivots[-1]
    return pivots
