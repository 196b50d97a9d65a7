"""The same bits as recorded, here and where other libraries would compute others."""

from __future__ import annotations

import pytest

from lrstudio.core.kernel.host import VARIABLE
from lrstudio.engine.recorded_bits import differing, recorded
from tests.everywhere import NO_AVX2
from tests.same_bits import OLD_LIBM, elsewhere


def test_every_training_has_the_recorded_bits() -> None:
    assert differing() == []


@pytest.mark.parametrize("kernels", ["", "numpy"])
def test_they_depend_on_no_library_and_no_instruction_of_the_processor(kernels: str) -> None:
    old = {"OPENBLAS_CORETYPE": "Prescott", **NO_AVX2, **OLD_LIBM}
    assert elsewhere(old | ({VARIABLE: kernels} if kernels else {})) in ([], None)


def test_every_name_has_a_hash() -> None:
    assert len(recorded()) > 500
    assert all(len(value) == 12 for value in recorded().values())
