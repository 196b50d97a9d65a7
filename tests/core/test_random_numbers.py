"""Random numbers with NumPy's streams, whose bits depend on no C library and no processor."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.random_numbers import normal, uniform

EDGE = 3.654152885361009
FROZEN = "87fba33faaac38efb0b92509cb94b0f4894dc72c294e313b070c7ccbbe070101"


def test_uniform_numbers_are_numpys_but_for_a_fused_rounding() -> None:
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    found = uniform(ours, -1.3, 2.7, (100, 20))
    np.testing.assert_allclose(found, theirs.uniform(-1.3, 2.7, (100, 20)), rtol=0, atol=1e-15)
    assert found.min() >= -1.3 and found.max() < 2.7
    assert ours.random() == theirs.random()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_normal_numbers_are_numpys_and_leave_the_generator_as_they_do(seed: int) -> None:
    ours, theirs = np.random.default_rng(seed), np.random.default_rng(seed)
    found, expected = normal(ours, (4000, 5)), theirs.standard_normal((4000, 5))
    tail = np.abs(expected) > EDGE
    assert tail.any()
    np.testing.assert_array_equal(found[~tail], expected[~tail])
    np.testing.assert_allclose(found[tail], expected[tail], rtol=3e-16)
    assert ours.bit_generator.state == theirs.bit_generator.state


def test_the_tails_follow_from_our_own_logarithm_whatever_numpys_is(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = normal(np.random.default_rng(5), 50_000)

    class Elsewhere(np.random.Generator):
        """A generator whose logarithm errs in the last digits."""

        def standard_normal(self, *given: object, **named: object) -> Array:  # type: ignore[override]
            values = np.asarray(super().standard_normal(*given, **named))  # type: ignore[call-overload]
            return np.where(np.abs(values) > EDGE, values * (1 + 4e-16), values)

    monkeypatch.setattr(np.random, "Generator", Elsewhere)
    found = normal(Elsewhere(np.random.PCG64(5)), 50_000)
    assert (np.abs(found) > EDGE).sum() > 5
    np.testing.assert_array_equal(found, expected)


def test_the_streams_are_frozen() -> None:
    random = np.random.default_rng(11)
    values = np.concatenate([normal(random, 50_000), uniform(random, -3, 5, 1000), random.permutation(100)])
    assert hashlib.sha256(values.tobytes()).hexdigest() == FROZEN
