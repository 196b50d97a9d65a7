"""Runs with more rows than memory in the terminal: said before, with the same numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrstudio.engine.experiment import Experiment
from lrstudio.terminal.cli import main

RUN = ["run", "--problem", "rosenbrock", "--lr", "1e-3", "--lr", "1", "--optimizer", "adam", "--steps", "500"]


def table(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    assert main([*RUN, "--csv", "-", *more]) == 0
    out, err = capsys.readouterr()
    return out, err


def test_a_trace_larger_than_the_memory_has_the_same_table_and_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole, said = table(capsys)
    assert "memory" not in said
    monkeypatch.setattr(Experiment, "kept_every", 64)
    monkeypatch.setattr("lrstudio.engine.memory.free_memory", lambda: 64 * 96 * 3)
    path = str(tmp_path / "long.lrs")
    short, said = table(capsys, "--save", path)
    assert short == whole
    assert (
        "lrstudio run: the trace of all steps would take 0.0 GB of memory: from step 64 on every 64th step is kept, "
        "and those between are computed again where they are needed\n"
    ) in said
    assert table(capsys, "--quiet")[0] == whole
    assert main(["run", path, "--steps", "100", "--csv", "-"]) == 0
    longer, said = capsys.readouterr()
    assert "from step 64 on every 64th step is kept" in said
    assert "\n0,600," in longer and longer.startswith(whole.partition("\n1,0,")[0].rpartition("\n0,500,")[0])
