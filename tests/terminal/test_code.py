"""`lrstudio run … --code`: a script that repeats the runs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from tests.engine.code.scripts import differences, printed


def test_the_script_prints_the_table_of_the_command(run: Any, tmp_path: Path) -> None:
    words = ("--problem", "noisy_line", "--lr", "0.1", "--batch-size", "20", "--steps", "8")
    code, script, err = run("run", *words, "--code", "numpy")
    assert (code, err) == (0, "")
    assert "lrstudio run --problem noisy_line --lr 0.1 --steps 8 --batch-size 20" in script
    _, table, _ = run("run", *words, "--csv", "-", "--quiet")
    assert differences(list(csv.reader(io.StringIO(table))), printed(script, tmp_path), 1e-9) == []


def test_a_session_becomes_a_script(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    run("run", "--lr", "0.1", "--steps", "5", "--save", session, "--quiet")
    assert run("run", session, "--code", "numpy")[1] == run("run", "--lr", "0.1", "--steps", "5", "--code", "numpy")[1]


def test_what_does_not_go_with_a_script_is_refused(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    run("run", "--steps", "5", "--save", session, "--quiet")
    for words, named in (
        (("--csv", "a.csv", "--save", "b.lrs"), "--csv, --save"),
        (("--compare", "--seeds", "3"), "--compare, --seeds"),
        ((session, "--lr", "0.1", "--steps", "9"), "--lr, --steps"),
    ):
        code, out, err = run("run", *words, "--code", "numpy")
        assert (code, out) == (2, "")
        assert named in err
        assert err.count("\n") == 1
