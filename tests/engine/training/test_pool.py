"""Blocks of memory are used again once no array needs them."""

from __future__ import annotations

from mmap import mmap

import numpy as np
import pytest

from lrstudio.engine.training import pool
from lrstudio.engine.training.columns import Column
from lrstudio.engine.training.pool import Pool

SHAPE = (2**14, 2)
BYTES = 8 * 2**15


def address(values: np.ndarray) -> int:
    return int(values.__array_interface__["data"][0])


def test_a_block_is_used_again_once_no_view_of_it_is_left() -> None:
    blocks = Pool()
    block = blocks.block(SHAPE)
    where, view = address(block), block[5:7].T
    view[:] = 3.0
    del block
    assert blocks.kept == 0
    other = blocks.block(SHAPE)
    assert address(other) != where and (view == 3.0).all()
    del view
    assert blocks.kept == BYTES
    assert address(blocks.block(SHAPE)) == where


def test_a_block_of_another_size_is_new() -> None:
    blocks = Pool()
    del_later = blocks.block(SHAPE)
    del del_later
    assert blocks.block((2**15, 2)).shape == (2**15, 2)
    assert blocks.kept == BYTES + 2 * BYTES


def test_what_waits_for_use_is_bounded_and_can_be_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_KEPT", 3 * BYTES)
    blocks = Pool()
    several = [blocks.block(SHAPE) for _ in range(5)]
    several.clear()
    assert blocks.kept == 3 * BYTES
    blocks.release()
    assert blocks.kept == 0


def test_a_lack_of_memory_is_a_memory_error_once_nothing_waits_for_use(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = Pool()
    block = blocks.block(SHAPE)
    del block

    def without_room(*_: int) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(pool, "mmap", without_room)
    with pytest.raises(MemoryError, match="no memory for"):
        blocks.block((2**15, 2))
    assert blocks.kept == 0


def test_a_trace_that_grows_leaves_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 2**27

    def limited(descriptor: int, size: int) -> mmap:
        if size > limit:
            raise OSError(12, "Cannot allocate memory")
        return mmap(descriptor, size)

    monkeypatch.setattr(pool, "mmap", limited)
    blocks, half = Pool(), (2**23,)
    first = blocks.block(half)
    with pytest.raises(MemoryError):
        blocks.block(half, grows=True)
    second = blocks.block(half)
    assert first.nbytes == second.nbytes == limit // 2
    blocks.relieve()


def test_small_blocks_are_not_kept() -> None:
    blocks = Pool()
    assert blocks.block((10, 3)).shape == (10, 3)
    assert blocks.kept == 0


def test_a_column_uses_the_memory_of_the_one_before() -> None:
    pool.POOL.release()
    rows = np.ones((2**16, 2))
    column = Column((2,))
    column.write(0, rows)
    where = address(column.read(0, 2**16))
    del column
    again = Column((2,))
    again.write(0, rows)
    assert address(again.read(0, 2**16)) == where
