"""The file of a sweep's finished blocks: what is whole in it is not computed again, another sweep is refused."""

from __future__ import annotations

import errno
import os
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Proportional
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.blocks import Block, computed_block, missing_blocks
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.store.atomic import FileChangedError
from lrstudio.store.sweep_file import SweepFile

BASE = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=20)
RATES = Axis("lr", tuple(np.geomspace(1e-3, 1, 16).tolist()))
MOMENTA = Axis("optimizer.momentum", tuple(np.linspace(0, 0.9, 12).tolist()))
BLOCKS = (Block(64, 128), Block(0, 64))
RECORD = 12 + 64 * 57
"""Bytes of a block."""


def sweep(experiment: Experiment = BASE, *axes: Axis) -> Sweep:
    return Sweep(experiment, axes or (RATES, MOMENTA))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in which two of three blocks are finished."""
    path = tmp_path / "a.blocks"
    file = SweepFile(path, sweep())
    for block in BLOCKS:
        file.add(block, computed_block(sweep(), block))
    return path


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.engine.sweep.blocks.MOST", 64)


def known(path: Path) -> list[bool]:
    """Whether each block is in the file, after comparison with the truth."""
    found, truth = SweepFile(path, sweep()).known, sweep().run()
    done = found.verdict != UNKNOWN
    for column in fields(Summary):
        np.testing.assert_array_equal(getattr(found, column.name)[done], getattr(truth, column.name)[done])
    return [bool(part.all()) for part in np.split(done.ravel(), 3)]


def test_what_is_finished_is_read_back(path: Path) -> None:
    assert known(path) == [True, True, False]
    file = SweepFile(path, sweep())
    assert missing_blocks(sweep(), file.known) == [Block(128, 192)]
    file.add(Block(128, 192), computed_block(sweep(), Block(128, 192)))
    assert known(path) == [True, True, True]


@pytest.mark.parametrize("lost", [1, 3000, RECORD + 5])
def test_a_record_that_was_cut_short_is_computed_again(path: Path, lost: int) -> None:
    path.write_bytes(path.read_bytes()[:-lost])
    assert known(path) == [False, lost < RECORD, False]
    file = SweepFile(path, sweep())
    for block in missing_blocks(sweep(), file.known):
        file.add(block, computed_block(sweep(), block))
    assert known(path) == [True, True, True]


def test_a_damaged_record_is_computed_again(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5000] ^= 1
    path.write_bytes(content)
    assert known(path) == [True, False, False]


def test_an_empty_file_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    SweepFile(path, sweep()).add(BLOCKS[0], computed_block(sweep(), BLOCKS[0]))
    assert known(path) == [False, True, False]


def limited(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Let the system write so many bytes and then no more."""
    write, left = os.write, [room]

    def refusing(descriptor: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = write(descriptor, data[: left[0]])
        left[0] -= count
        return count

    monkeypatch.setattr("lrstudio.store.atomic.os.write", refusing)


@pytest.mark.parametrize("room", [0, 1, 2000, RECORD])
def test_a_full_disk_leaves_no_part_of_a_first_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    path = tmp_path / "new"
    file, part = SweepFile(path, sweep()), computed_block(sweep(), BLOCKS[0])
    with monkeypatch.context() as patch:
        limited(patch, room)
        with pytest.raises(OSError, match="No space left on device") as full:
            file.add(BLOCKS[0], part)
    assert full.value.filename == str(path) and not list(tmp_path.iterdir())
    file.add(BLOCKS[0], part)
    assert known(path) == [False, True, False]


@pytest.mark.parametrize("room", [0, 1, 2000, RECORD - 1])
def test_a_full_disk_leaves_the_blocks_before(path: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    before = path.read_bytes()
    file, part = SweepFile(path, sweep()), computed_block(sweep(), Block(128, 192))
    with monkeypatch.context() as patch:
        limited(patch, room)
        with pytest.raises(OSError, match="No space left on device"):
            file.add(Block(128, 192), part)
    assert path.read_bytes() == before
    file.add(Block(128, 192), part)
    assert known(path) == [True, True, True]


def test_a_block_is_on_the_disk_before_the_next_is_computed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, part, synced = SweepFile(path, sweep()), computed_block(sweep(), Block(128, 192)), list[int]()
    monkeypatch.setattr("lrstudio.store.atomic.os.fsync", lambda file: synced.append(os.fstat(file).st_size))
    file.add(Block(128, 192), part)
    assert synced == [path.stat().st_size]


def test_two_sweeps_with_one_file_destroy_no_block_of_each_other(tmp_path: Path) -> None:
    path, other = tmp_path / "a.blocks", tmp_path / "b.blocks"
    parts = {block: computed_block(sweep(), block) for block in (*BLOCKS, Block(128, 192))}
    first, second = SweepFile(path, sweep()), SweepFile(path, sweep())
    first.add(BLOCKS[0], parts[BLOCKS[0]])
    with pytest.raises(FileChangedError):
        second.add(BLOCKS[1], parts[BLOCKS[1]])
    third = SweepFile(path, sweep())
    first.add(BLOCKS[1], parts[BLOCKS[1]])
    with pytest.raises(FileChangedError):
        third.add(Block(128, 192), parts[Block(128, 192)])
    third.move(other)
    third.add(Block(128, 192), parts[Block(128, 192)])
    assert known(path) == [True, True, False] and known(other) == [False, True, True]


def test_a_file_is_made_by_the_first_block(tmp_path: Path) -> None:
    SweepFile(tmp_path / "new", sweep())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (sweep(replace(BASE, steps=21)), "(steps is 20 there and 21 here)"),
        (sweep(BASE.with_run(0, optimizer=SGD())), "(runs.0.optimizer.values.momentum is 0.5 there and 0.0 here)"),
        (sweep(BASE, Axis("lr", RATES.values[:-1]), MOMENTA), "(axes.lr.count is 16 there and 15 here; axes.lr.last"),
        (sweep(BASE, Axis("lr", (*RATES.values[:7], 0.5, *RATES.values[8:])), MOMENTA), "(axes.lr.values differ)"),
        (sweep(BASE, RATES), "axes.optimizer.momentum is {"),
    ],
)
def test_the_file_of_another_sweep_is_refused_and_says_what_differs(path: Path, other: Sweep, difference: str) -> None:
    with pytest.raises(ValueError, match="belongs to another sweep") as refused:
        SweepFile(path, other)
    assert difference in str(refused.value)


def test_results_of_another_arithmetic_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.store.sweep_file.ARITHMETIC", -1)
    with pytest.raises(ValueError, match=f"arithmetic is {ARITHMETIC} there and -1 here"):
        SweepFile(path, sweep())


@pytest.mark.parametrize(
    "content", [b"lr,verdict\n0.1,arrived\n", b"{}\n", b"\x00" * 99, b'{"format": "lrstudio sweep"']
)
def test_another_file_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a file of a sweep's finished blocks"):
        SweepFile(path, sweep())
    assert path.read_bytes() == content
