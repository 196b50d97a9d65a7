"""`lrstudio run … --report`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def test_a_report_is_written_without_qt(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    program = (
        "import sys; from lrstudio.cli import main; "
        f"code = main(['run', '--steps', '5', '--quiet', '--lang', 'zh_CN', '--report', {str(file)!r}]); "
        "print(code, any('PySide6' in name for name in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("0 False\n", "")
    assert 'lang="zh-CN"' in file.read_text("utf-8")


def test_a_report_is_a_pdf_where_its_name_says_so(run: Any, tmp_path: Path, qapp: object) -> None:
    file = tmp_path / "a.PDF"
    assert run("run", "--steps", "5", "--report", str(file), "--quiet")[0] == 0
    assert file.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--report", "a.txt"), "a.txt"),
        (("--report", "-"), "-"),
        (("--report", "a.html", "--csv", "a.html"), "--csv a.html and --report a.html"),
        (("--report", "missing/a.html"), "missing"),
        (("--report", "a.html", "--code", "numpy"), "--report"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_before_the_training(
    run: Any, words: tuple[str, ...], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("run", *words)
    assert (code, out) == (2, "") and named in err and err.count("\n") == 1
    assert list(tmp_path.glob("*.html")) == []
