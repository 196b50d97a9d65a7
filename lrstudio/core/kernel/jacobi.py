"""Jacobi's method for symmetric matrices as WebAssembly, as `lrstudio.core.linear_algebra` computes it with NumPy."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel.host import Kernel, SharedKernels, backend

SWEEPS = 40
"""Sweeps of rotations after which it ends at the latest; it needs about six."""
_VALUES = 2**18
"""Elements of matrices that are computed in one call."""


def supports(matrices: Array) -> bool:
    """Returns whether native code computes these matrices (R, P, P)."""
    return (
        len(matrices) > 0
        and matrices.shape[1] > 1
        and matrices.dtype.name in ("float64", "float32")
        and backend().kind == "native"
    )


def rotated(matrices: Array) -> tuple[Array, Array]:
    """Returns the eigenvalues (R, P) and, as rows, the eigenvectors (R, P, P) of symmetric matrices (R, P, P)."""
    block = max(1, _VALUES // matrices[:1].size)
    parts = [_rotated(matrices[first : first + block]) for first in range(0, len(matrices), block)]
    return np.concatenate([values for values, _ in parts]), np.concatenate([vectors for _, vectors in parts])


def definitions(kind: str) -> str:
    """Returns the function `$jacobi_KIND (a, vectors, size)` for KIND f64 or f32.

    It changes a symmetric matrix at the address `a`, in place, into one with its eigenvalues on the diagonal, and
    writes the eigenvectors as rows.
    """
    size, eps = (8, "0x1p-52") if kind == "f64" else (4, "0x1p-23")
    return (
        _JACOBI.replace("T.", f"{kind}.")
        .replace("_T", f"_{kind}")
        .replace(" T)", f" {kind})")
        .replace("$SIZE", f"(i32.const {size})")
        .replace("$EPS", eps)
        .replace("$SWEEPS", str(SWEEPS))
    )


def _kernel(kind: str) -> Kernel:
    exports = '(memory (export "memory") 1) (export "jacobi" (func $all))'
    loop = _ALL.replace("_T", f"_{kind}").replace("$SIZE", f"(i32.const {8 if kind == 'f64' else 4})")
    return Kernel(f"(module {exports} {definitions(kind)} {loop})")


_KERNELS = SharedKernels(_kernel)


def _rotated(matrices: Array) -> tuple[Array, Array]:
    count, size = matrices.shape[:2]
    kernel = _KERNELS.take(kind := "f64" if matrices.dtype == np.float64 else "f32")
    start = kernel.allocate(2 * matrices.nbytes)
    a, vectors = kernel.view(start, (2, count, size, size), matrices.dtype)
    a[...] = matrices
    kernel.call("jacobi", start, start + matrices.nbytes, size, count)
    result = np.array(np.diagonal(a, axis1=1, axis2=2)), np.array(vectors)
    kernel.release(start)
    _KERNELS.give(kind, kernel)
    return result


_JACOBI = """
(func $jacobi_T (param $a i32) (param $vectors i32) (param $size i32)
  (local $row i32) (local $sweep i32) (local $rotated i32) (local $p i32) (local $q i32) (local $r i32)
  (local $ap i32) (local $aq i32) (local $ar i32) (local $vp i32) (local $vq i32)
  (local $pp T) (local $qq T) (local $pq T) (local $ratio T) (local $t T) (local $c T) (local $s T)
  (local $x T) (local $y T)
  (local.set $row (i32.mul (local.get $size) $SIZE))
  (memory.fill (local.get $vectors) (i32.const 0) (i32.mul (local.get $row) (local.get $size)))
  (local.set $vp (local.get $vectors))
  (loop $diagonal
    (T.store (local.get $vp) (T.const 1))
    (local.set $vp (i32.add (local.get $vp) (i32.add (local.get $row) $SIZE)))
    (br_if $diagonal (i32.lt_u (local.tee $p (i32.add (local.get $p) $SIZE)) (local.get $row))))
  (block $converged (loop $next_sweep
    (local.set $rotated (i32.const 0))
    (local.set $p (i32.const 0))
    (loop $next_p
      (local.set $ap (i32.add (local.get $a) (i32.mul (local.get $p) (local.get $size))))
      (local.set $q (local.get $p))
      (block $last_q (loop $next_q
        (br_if $last_q (i32.eq (local.tee $q (i32.add (local.get $q) $SIZE)) (local.get $row)))
        (local.set $aq (i32.add (local.get $a) (i32.mul (local.get $q) (local.get $size))))
        (local.set $pp (T.load (i32.add (local.get $ap) (local.get $p))))
        (local.set $qq (T.load (i32.add (local.get $aq) (local.get $q))))
        (local.set $pq (T.load (i32.add (local.get $ap) (local.get $q))))
        (br_if $next_q (i32.eqz (T.gt (T.abs (local.get $pq)) (T.mul
          (T.mul (T.const $EPS) (T.sqrt (T.abs (local.get $pp)))) (T.sqrt (T.abs (local.get $qq)))))))
        (local.set $rotated (i32.const 1))
        (local.set $ratio (T.div (T.sub (local.get $qq) (local.get $pp)) (T.mul (T.const 2) (local.get $pq))))
        (local.set $t (T.div (select (T.const -1) (T.const 1) (T.lt (local.get $ratio) (T.const 0)))
          (T.add (T.abs (local.get $ratio))
            (T.sqrt (T.add (T.mul (local.get $ratio) (local.get $ratio)) (T.const 1))))))
        (local.set $c (T.div (T.const 1) (T.sqrt (T.add (T.mul (local.get $t) (local.get $t)) (T.const 1)))))
        (local.set $s (T.mul (local.get $t) (local.get $c)))
        (local.set $vp (i32.add (local.get $vectors) (i32.mul (local.get $p) (local.get $size))))
        (local.set $vq (i32.add (local.get $vectors) (i32.mul (local.get $q) (local.get $size))))
        (local.set $ar (local.get $a))
        (local.set $r (i32.const 0))
        (loop $next_r
          (local.set $x (T.load (i32.add (local.get $ap) (local.get $r))))
          (local.set $y (T.load (i32.add (local.get $aq) (local.get $r))))
          (T.store (i32.add (local.get $ap) (local.get $r)) (local.tee $ratio
            (T.sub (T.mul (local.get $c) (local.get $x)) (T.mul (local.get $s) (local.get $y)))))
          (T.store (i32.add (local.get $ar) (local.get $p)) (local.get $ratio))
          (T.store (i32.add (local.get $aq) (local.get $r)) (local.tee $ratio
            (T.add (T.mul (local.get $s) (local.get $x)) (T.mul (local.get $c) (local.get $y)))))
          (T.store (i32.add (local.get $ar) (local.get $q)) (local.get $ratio))
          (local.set $x (T.load (i32.add (local.get $vp) (local.get $r))))
          (local.set $y (T.load (i32.add (local.get $vq) (local.get $r))))
          (T.store (i32.add (local.get $vp) (local.get $r))
            (T.sub (T.mul (local.get $c) (local.get $x)) (T.mul (local.get $s) (local.get $y))))
          (T.store (i32.add (local.get $vq) (local.get $r))
            (T.add (T.mul (local.get $s) (local.get $x)) (T.mul (local.get $c) (local.get $y))))
          (local.set $ar (i32.add (local.get $ar) (local.get $row)))
          (br_if $next_r (i32.lt_u (local.tee $r (i32.add (local.get $r) $SIZE)) (local.get $row))))
        (T.store (i32.add (local.get $ap) (local.get $p))
          (T.sub (local.get $pp) (T.mul (local.get $t) (local.get $pq))))
        (T.store (i32.add (local.get $aq) (local.get $q))
          (T.add (local.get $qq) (T.mul (local.get $t) (local.get $pq))))
        (T.store (i32.add (local.get $ap) (local.get $q)) (T.const 0))
        (T.store (i32.add (local.get $aq) (local.get $p)) (T.const 0))
        (br $next_q)))
      (br_if $next_p (i32.lt_u (local.tee $p (i32.add (local.get $p) $SIZE)) (local.get $row))))
    (br_if $converged (i32.eqz (local.get $rotated)))
    (br_if $next_sweep (i32.lt_u (local.tee $sweep (i32.add (local.get $sweep) (i32.const 1)))
      (i32.const $SWEEPS))))))
"""

_ALL = """
(func $all (param $a i32) (param $vectors i32) (param $size i32) (param $count i32) (local $bytes i32)
  (local.set $bytes (i32.mul (i32.mul (local.get $size) (local.get $size)) $SIZE))
  (block $end (loop $next
    (br_if $end (i32.eqz (local.get $count)))
    (call $jacobi_T (local.get $a) (local.get $vectors) (local.get $size))
    (local.set $a (i32.add (local.get $a) (local.get $bytes)))
    (local.set $vectors (i32.add (local.get $vectors) (local.get $bytes)))
    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
    (br $next))))
"""
