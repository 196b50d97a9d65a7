"""`lrstudio sweep --resume`: what is finished is kept and not computed again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
