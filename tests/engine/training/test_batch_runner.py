"""Mini-batches: every point once an epoch, and a pure function of the step."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.engine.training.batch_runner import MiniBatches


@pytest.mark.parametrize(("size", "batch"), [(10, 3), (10, 5), (10, 10), (10, 1), (7, 4), (1, 1)])
def test_an_epoch_covers_every_point_once(size: int, batch: int) -> None:
    batches = MiniBatches(size, batch, seed=3)
    assert batches.per_epoch == -(-size // batch)
    orders = []
    for epoch in range(4):
        rows = [batches.rows(epoch * batches.per_epoch + index) for index in range(batches.per_epoch)]
        assert [len(row) for row in rows[:-1]] == [batch] * (len(rows) - 1)  # type: ignore[arg-type]
        order: list[int] = np.concatenate(rows).tolist()  # type: ignore[arg-type]
        assert sorted(order) == list(range(size))
        orders.append(tuple(order))
    if size > 5:
        assert len(set(orders)) == 4


def test_batches_are_a_pure_function_of_the_step() -> None:
    forwards, backwards = MiniBatches(50, 8, 1), MiniBatches(50, 8, 1)
    there = [forwards.rows(step) for step in range(60)]
    back = [backwards.rows(step) for step in reversed(range(60))][::-1]
    for one, other in zip(there, back, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_is_another_order() -> None:
    assert list(MiniBatches(50, 50, 1).rows(0)) != list(MiniBatches(50, 50, 2).rows(0))  # type: ignore[arg-type]


def test_without_a_batch_size_all_data_are_used() -> None:
    batches = MiniBatches(50, None, 1)
    assert batches.rows(7) is None
    assert batches.per_epoch == 1


def test_very_many_rows_are_all_seen_once_in_an_epoch_in_another_order_each_time() -> None:
    batches = MiniBatches(250_001, 1000, seed=3)
    epochs = [
        np.concatenate([batches.rows(step) for step in range(first, first + batches.per_epoch)])
        for first in (0, batches.per_epoch)
    ]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(250_001))
        assert abs(np.corrcoef(epoch, np.arange(250_001))[0, 1]) < 0.01
    assert (epochs[0] != epochs[1]).any()
    np.testing.assert_array_equal(MiniBatches(250_001, 1000, seed=3).rows(7), batches.rows(7))
