"""`lrstudio sweep --resume`: what is finished is kept and not computed again."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lrstudio.engine.sweep.blocks import Block
from lrstudio.engine.sweep.summary import Summary
from lrstudio.store.sweep_file import SweepFile
from tests.patience import patience

SWEEP = ["sweep", "--problem", "proportional", "--lr", "1e-3:1:32", "--over", "start.w=0..5:8", "--steps", "20"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.engine.sweep.blocks.MOST", 64)


def interrupting(shares: list[float], after: int) -> Callable[[], Callable[[float], None]]:
    def report(share: float) -> None:
        shares.append(share)
        if len(shares) == after:
            raise KeyboardInterrupt

    return lambda: report


def test_a_second_start_computes_what_is_missing(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, table, kept = (tmp_path / name for name in ("alone.csv", "table.csv", "kept"))
    assert run(*SWEEP, "--csv", str(alone), "--quiet")[0] == 0
    shares: list[float] = []
    monkeypatch.setattr("lrstudio.terminal.sweep.progress", interrupting(shares, 3))
    asked = [*SWEEP, "--csv", str(table), "--resume", str(kept)]
    code, out, err = run(*asked)
    assert (code, out) == (1, "")
    assert err == f"lrstudio sweep: interrupted; the same command goes on from {str(kept)!r}\n"
    assert not table.exists() and kept.exists()
    assert run(*asked)[0] == 0
    assert shares == [0.25, 0.5, 0.75, 1.0]
    assert table.read_bytes() == alone.read_bytes()
    table.unlink()
    assert run(*asked)[0] == 0
    assert len(shares) == 4 and table.read_bytes() == alone.read_bytes() and kept.exists()


def test_an_interrupted_sweep_that_nothing_keeps_says_only_that(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.terminal.sweep.progress", interrupting([], 1))
    assert run(*SWEEP) == (1, "", "lrstudio sweep: interrupted\n")


def test_another_sweep_is_refused_in_one_line(run: Any, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    assert run(*SWEEP, "--resume", kept)[0] == 0
    code, out, err = run(*SWEEP, "--batch-size", "2", "--resume", kept)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert "belongs to another sweep (batch_size is null there and 2 here)" in err


def test_the_file_is_none_of_the_others(run: Any, tmp_path: Path) -> None:
    table = str(tmp_path / "table.csv")
    assert "must be a file of its own" in run(*SWEEP, "--csv", table, "--resume", table)[2]
    assert "must be a file of its own" in run(*SWEEP, "--resume", "-")[2]
    assert "there is no folder" in run(*SWEEP, "--resume", "/nowhere/at/all")[2]


LIMITED = (
    "import resource, sys; from lrstudio.engine.sweep import blocks; from lrstudio.terminal.cli import main; "
    "blocks.MOST = 64; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); sys.exit(main(sys.argv[2:]))"
)


def limited(size: int, *arguments: str) -> tuple[int, str]:
    """Runs the program where no file may be longer than `size` bytes; returns its exit code and standard error."""
    command = [sys.executable, "-c", LIMITED, str(size), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(60), check=False)
    return done.returncode, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a limit of the size of files, as POSIX has it")
def test_what_a_full_disk_does_not_take_is_kept_elsewhere_and_the_sweep_ends(run: Any, tmp_path: Path) -> None:
    kept, table, state = tmp_path / "kept", tmp_path / "table.csv", Path(os.environ["XDG_STATE_HOME"]) / "LR Studio"
    assert run(*SWEEP, "--csv", str(table), "--resume", str(kept), "--quiet")[0] == 0
    whole, rows = kept.read_bytes(), table.read_bytes()
    kept.unlink()
    room = len(whole) * 2 // 3
    full = tmp_path / "full"
    full.write_bytes(whole[:room])

    class Full(SweepFile):
        def add(self, block: Block, part: Summary) -> None:
            if self.path == full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(full))
            super().add(block, part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lrstudio.terminal.sweep.SweepFile", Full)
        code, _, err = run(*SWEEP, "--csv", str(table), "--resume", str(full), "--quiet")
    (elsewhere,) = state.iterdir()
    expected = f"lrstudio sweep: {str(full)!r}: No space left on device; it is kept as {str(elsewhere)!r}\n"
    assert (code, err) == (2, expected)
    assert elsewhere.read_bytes() == whole and table.read_bytes() == rows


@pytest.mark.skipif(os.name != "posix", reason="a limit of the size of files, as POSIX has it")
def test_a_sweep_that_nothing_can_keep_is_computed_all_the_same(run: Any, tmp_path: Path) -> None:
    code, err = limited(0, *SWEEP, "--resume", str(tmp_path / "kept"))
    assert (code, err) == (2, f"lrstudio sweep: {str(tmp_path / 'kept')!r}: {os.strerror(errno.EFBIG)}\n")


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_pipe_is_no_file_to_resume_from(run: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "kept")
    code, out, err = run(*SWEEP, "--resume", str(tmp_path / "kept"))
    assert (code, out) == (2, "") and "is not a file of a sweep's finished blocks" in err
