"""The types of numbers that a precision stands for."""

from __future__ import annotations

import numpy as np

from lrstudio.core.formula.compile import DType
from lrstudio.engine.experiment import Precision

_DOUBLE: DType = np.dtype(np.float64)
_SINGLE: DType = np.dtype(np.float32)


def weight_dtype(precision: Precision) -> DType:
    """Returns the type in which the weights are kept."""
    return _DOUBLE if precision == "float64" else _SINGLE


def arithmetic_dtype(precision: Precision) -> DType:
    """Returns the type in which everything is computed."""
    return _SINGLE if precision == "float32" else _DOUBLE
