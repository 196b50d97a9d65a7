"""The recorder for trainings of one's own."""

from __future__ import annotations

import errno
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import lrstudio
from lrstudio.store.logs.read import read_log


def rows(path: Path) -> list[list[str]]:
    return [line.split(",") for line in path.read_text("utf-8").splitlines()]


def test_what_it_writes_is_read_as_a_log_with_every_number(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    losses = [1 / 3, 1e-300, float("inf"), 5e-324]
    with lrstudio.record(path) as log:
        for step, loss in enumerate(losses):
            log(step=step, lr=0.1 * (step + 1), loss=loss)
    assert rows(path)[0] == ["step", "lr", "loss", "relative_time"]
    read = read_log([path])
    (run,) = read.runs
    series = {each.name: each for each in run.series}
    assert {name: each.role for name, each in series.items()} == {
        "lr": "rate",
        "loss": "loss",
        "relative_time": "counter",
    }
    np.testing.assert_array_equal(series["loss"].values, losses)
    assert not read.open_questions


def test_an_existing_file_is_kept_and_another_written_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("mine")
    with lrstudio.record(path) as log:
        log(step=0, loss=1.0)
    assert path.read_text() == "mine" and log.path == tmp_path / "run-2.csv"
    assert len(rows(log.path)) == 2


def test_a_name_that_comes_later_gets_a_column_and_the_lines_before_an_empty_cell(tmp_path: Path) -> None:
    with lrstudio.record(tmp_path / "run.csv") as log:
        log(step=0, loss=1.0, relative_time=0)
        log(step=1, loss=0.5, relative_time=1, val_loss=0.75)
        log(step=2, loss=0.25, relative_time=2)
    assert rows(log.path) == [
        ["step", "loss", "relative_time", "val_loss"],
        ["0", "1.0", "0", ""],
        ["1", "0.5", "1", "0.75"],
        ["2", "0.25", "2", ""],
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["run.csv"]


def test_values_are_numbers_tensors_of_one_element_or_nothing(tmp_path: Path) -> None:
    with lrstudio.record(tmp_path / "run.csv") as log:
        log(step=np.int64(3), loss=np.float32(0.5), lr=np.array([0.25])[0], metric=Decimal("1.5"), none=None)
        for wrong, error in (([1.0, 2.0], TypeError), ("much", ValueError)):
            with pytest.raises(error, match=r"loss = .*: must be a number"):
                log(step=4, loss=wrong)
    assert rows(log.path)[1][:5] == ["3.0", "0.5", "0.25", "1.5", ""]
    assert len(rows(log.path)) == 2


def test_after_a_crash_every_line_that_was_written_is_there(tmp_path: Path) -> None:
    program = "import lrstudio, os, sys\nlog = lrstudio.record(sys.argv[1])\n"
    program += "for step in range(1000): log(step=step, loss=1 / (step + 1))\nos._exit(3)"
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "run.csv")], check=False)
    assert done.returncode == 3
    assert len(rows(tmp_path / "run.csv")) == 1001


def test_it_goes_on_after_close(tmp_path: Path) -> None:
    log = lrstudio.record(tmp_path / "run.csv")
    log(step=0, loss=1.0)
    log.close()
    log(step=1, loss=0.5)
    log.close()
    assert [row[0] for row in rows(log.path)] == ["step", "0", "1"]


def test_it_imports_nothing_but_the_standard_library() -> None:
    program = "import sys, lrstudio; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    allowed = set(sys.stdlib_module_names) | {"lrstudio", "__main__"}
    assert {name for name in done.stdout.split() if not name.startswith("_")} <= allowed


FULL_DISK = """
import os, resource, signal, sys
import lrstudio

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = lrstudio.record(sys.argv[1])
def refused(room, **values):
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(log.path) + room, resource.RLIM_INFINITY))
    try:
        log(**values)
    except OSError as error:
        print(error.errno)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log(step=0, loss=1, relative_time=0)
refused(0, step=1, loss=1, relative_time=1)
refused(3, step=1, loss=1, relative_time=1)
log(step=2, loss=1, relative_time=2)
refused(0, step=3, loss=1, relative_time=3, accuracy=1)
log(step=4, loss=1, relative_time=4)
log(step=5, loss=1, relative_time=5, accuracy=1)
log.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of a file's size")
def test_a_line_that_a_full_disk_refuses_leaves_the_others_and_the_recorder_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(errno.EFBIG)] * 3
    assert rows(path) == [
        ["step", "loss", "relative_time", "accuracy"],
        ["0", "1", "0", ""],
        ["2", "1", "2", ""],
        ["4", "1", "4", ""],
        ["5", "1", "5", "1"],
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["run.csv"]


def test_a_later_column_needs_no_longer_name_than_the_file_has(tmp_path: Path) -> None:
    with lrstudio.record(tmp_path / f"{'x' * 251}.csv") as log:
        log(step=0, loss=1.0)
        log(step=1, loss=0.5, accuracy=0.75)
    assert [row[0] for row in rows(log.path)] == ["step", "0", "1"]
