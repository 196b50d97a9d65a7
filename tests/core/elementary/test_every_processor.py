"""The bits of the functions do not depend on the processor, on libm, or on what computes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.elementary.arrays import evaluated
from lrstudio.core.elementary.functions import FUNCTIONS

RECORDED = {3: "893b23167a11a8a2c56d90e5e4a4bc04c3cff4ad92f8ea9307009bce00135983"}
"""The digests of the versions of the arithmetic: other bits are another version."""
ELSEWHERE = [
    {"NPY_DISABLE_CPU_FEATURES": "X86_V3"},  # its name from numpy 2.4 on; older ones ignore it with a warning
    {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"},
    {"LRSTUDIO_KERNEL": "pulley"},
    {"LRSTUDIO_KERNEL": "numpy"},
]


def digest() -> str:
    """Returns a digest of the values of all functions at numbers of all sizes and at moderate ones."""
    random = np.random.default_rng(13)
    words = random.integers(0, 2**64, (2, 20_000), np.uint64, endpoint=False)
    x, y = np.concatenate([words.view(float), random.uniform(-8, 8, (2, 20_000))], axis=1)
    found = hashlib.sha256()
    for name, function in FUNCTIONS.items():
        for dtype in (np.float64, np.float32):
            with np.errstate(all="ignore"):
                values = evaluated(name, *(argument.astype(dtype) for argument in (x, y)[: function.arity]))
            values[np.isnan(values)] = np.nan
            found.update(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())
    return found.hexdigest()


def test_bits_are_those_of_this_version_of_the_arithmetic() -> None:
    assert digest() == RECORDED[ARITHMETIC]


@pytest.mark.parametrize("environment", ELSEWHERE, ids=lambda environment: "=".join(*environment.items()))
def test_bits_are_the_same_elsewhere(environment: dict[str, str]) -> None:
    code = "from tests.core.elementary.test_every_processor import digest; print(digest())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == RECORDED[ARITHMETIC]
