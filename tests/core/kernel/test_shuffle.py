"""The orders of epochs: those of numpy 2.4's generator, with and without a kernel."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.kernel import host, shuffle
from lrstudio.core.kernel.shuffle import Shuffler

SEEDS = (0, 1, 2**32 - 1, 2**32, 987654321987654321, 2**63 - 1)
FROZEN = [8, 2, 7, 9, 4, 5, 6, 1, 0, 3]


@pytest.fixture(params=["kernel", "none"])
def _execution(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "none":
        monkeypatch.setattr(shuffle, "available", lambda: False)
    elif not host.available():
        pytest.skip(host.backend().reason)


def generator(seed: int, epoch: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(epoch,)))


def numpys(size: int, seed: int, first: int, count: int) -> Array:
    return np.array([generator(seed, first + index).permutation(size) for index in range(count)])


@pytest.mark.usefixtures("_execution")
@pytest.mark.parametrize("seed", SEEDS)
def test_orders_are_those_of_numpy(seed: int) -> None:
    for size in (*range(1, 301), 1000):
        orders = Shuffler(size, seed).orders(size % 7, 2)
        assert orders.dtype == np.int32
        np.testing.assert_array_equal(orders, numpys(size, seed, size % 7, 2))


@pytest.mark.usefixtures("_execution")
def test_a_hundred_thousand_points_and_late_epochs_are_those_of_numpy() -> None:
    np.testing.assert_array_equal(Shuffler(100_000, 5).orders(3, 1), numpys(100_000, 5, 3, 1))
    np.testing.assert_array_equal(Shuffler(9, 5).orders(2**32 - 2, 2), numpys(9, 5, 2**32 - 2, 2))


@pytest.mark.usefixtures("_execution")
def test_more_points_are_ordered_by_random_doubles() -> None:
    keys = generator(5, 3).random(100_001)
    np.testing.assert_array_equal(Shuffler(100_001, 5).order(3), np.argsort(keys, kind="stable"))


@pytest.mark.usefixtures("_execution")
def test_an_order_does_not_depend_on_those_before_it() -> None:
    shuffler = Shuffler(1000, 2)
    for epoch in (0, 131, 130, 5, 262, 0):
        np.testing.assert_array_equal(shuffler.order(epoch), Shuffler(1000, 2).orders(epoch, 1)[0])
        if epoch == 130:
            shuffler.rest()


@pytest.mark.usefixtures("_execution")
def test_an_order_is_frozen() -> None:
    assert Shuffler(10, 7).order(12345).tolist() == FROZEN
