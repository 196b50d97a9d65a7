"""Elementary functions of our own: the same bits from NumPy and from WebAssembly, on every machine.

Each function is one sequence of IEEE 754 operations, written once over a `Machine`. They are within 1 ulp of the true
value in float64 (`python -m tests.elementary_truth`); float32 computes in float64 and rounds once, within 0.51 ulp.
Nothing fuses a multiplication with an addition, so neither the libm, nor the width of the SIMD, nor the NumPy version
decides a bit.
"""

from lrstudio.core.elementary.arrays import (
    atan,
    cos,
    cosh,
    exp,
    expm1,
    log,
    log1p,
    power,
    sigmoid,
    sin,
    sinh,
    softplus,
    tan,
    tanh,
)
from lrstudio.core.elementary.wat import SIN_COS, definitions

ARITHMETIC = 3
"""The version of the arithmetic, which sessions record: 1 was that of NumPy, libm and BLAS, 2 had float64's tanh
for float32.

Whoever changes a bit of a function, or the order of a sum or of a mini-batch, counts on.
"""

__all__ = [
    "ARITHMETIC",
    "SIN_COS",
    "atan",
    "cos",
    "cosh",
    "definitions",
    "exp",
    "expm1",
    "log",
    "log1p",
    "power",
    "sigmoid",
    "sin",
    "sinh",
    "softplus",
    "tan",
    "tanh",
]
