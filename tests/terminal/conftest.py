"""What the tests of the terminal share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrstudio.terminal.cli import main


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state of the user"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Call the program; gives the exit code, standard output and standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
