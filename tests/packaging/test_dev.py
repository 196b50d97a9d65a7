"""What the launcher of a fresh checkout says: to other Pythons, without a network, and while it works."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from tests.patience import patience

ROOT = Path(__file__).parents[2]
DEV = ROOT / "packaging" / "dev.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
AS_VERSION = """
import runpy, sys
sys.version_info = (3, int(sys.argv[1]), 0, "final", 0)
sys.argv = ["packaging/dev.py", "run"]
runpy.run_path({dev!r}, run_name={name!r})
"""
OFFLINE = """
import sys
print("Collecting numpy==2.4.6")
for total in (1, 0):
    print(f"WARNING: Retrying (Retry(total={total})) after connection broken by 'ProxyError()'", file=sys.stderr)
print("ERROR: Could not find a version that satisfies the requirement numpy==2.4.6", file=sys.stderr)
sys.exit(1)
"""


@pytest.fixture
def dev() -> dict[str, Any]:
    return runpy.run_path(str(DEV))


def as_python(minor: int, path: str, name: str = "__main__") -> subprocess.CompletedProcess[str]:
    program = AS_VERSION.format(dev=str(DEV), name=name)
    return subprocess.run(
        [sys.executable, "-c", program, str(minor)],
        capture_output=True, text=True, env={**os.environ, "PATH": path}, timeout=patience(30),
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="needs files that are programs")
@pytest.mark.parametrize("minor", [10, 15])
def test_a_python_that_is_too_old_or_too_new_gets_one_sentence(minor: int, tmp_path: Path) -> None:
    done = as_python(minor, str(tmp_path))
    assert done.returncode == 2
    needs = f"LR Studio needs Python 3.11, 3.12, 3.13 or 3.14; this is Python 3.{minor}."
    assert done.stderr == f"{needs} Please install one of these beside it.\n"
    for name in ("python3.12", "python3.14"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    assert as_python(minor, str(tmp_path)).stderr == f"{needs} Type: python3.14 {DEV} run\n"


def test_the_launcher_the_package_and_its_classifiers_agree_on_the_pythons() -> None:
    allowed = SpecifierSet(PROJECT["requires-python"])
    supported = [minor for minor in range(5, 20) if f"3.{minor}" in allowed]
    stated = re.findall(r"Programming Language :: Python :: 3\.(\d+)", "\n".join(PROJECT["classifiers"]))
    assert supported == [int(minor) for minor in stated]
    for minor in (supported[0], supported[-1]):
        assert as_python(minor, os.environ["PATH"], "not started").returncode == 0
    for minor in (supported[0] - 1, supported[-1] + 1):
        assert as_python(minor, os.environ["PATH"], "not started").returncode == 2


def test_without_a_network_one_sentence_is_left_of_the_errors(
    dev: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    assert not dev["shown"]([sys.executable, "-c", OFFLINE])
    assert sorted(capfd.readouterr().err.splitlines()) == [
        "Collecting numpy==2.4.6",  # what pip does is shown at once
        "No connection, trying again …",
        "There is no connection to the internet. Setting up needs one, once.",
    ]


def test_other_errors_are_shown(dev: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    assert not dev["shown"]([sys.executable, "-c", "import sys; sys.exit('ERROR: the disk is full')"])
    assert capfd.readouterr().err == "ERROR: the disk is full\n"


def test_a_connection_that_comes_back_is_no_failure(dev: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    assert dev["shown"]([sys.executable, "-c", OFFLINE.replace("sys.exit(1)", "sys.exit(0)")])
    assert "There is no connection" not in capfd.readouterr().err


def test_a_certificate_that_is_not_trusted_is_told_as_such(
    dev: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    assert not dev["shown"](
        [sys.executable, "-c", OFFLINE.replace("ProxyError()", "SSLError(CERTIFICATE_VERIFY_FAILED)")]
    )
    said = capfd.readouterr().err
    assert "CERTIFICATE_VERIFY_FAILED" in said
    assert "There is no connection" not in said


def test_the_program_starts_from_beside_a_checkout_of_its_name(
    dev: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    steps = {"venv_is_usable": lambda: True, "missing_packages": lambda _: [], "install_project": lambda *_: True}
    for name, step in {**steps, "start": lambda command: started.append(command) or 0}.items():
        monkeypatch.setitem(dev["main"].__globals__, name, step)
    (tmp_path / "lrstudio").mkdir()
    assert dev["main"](["run", "--version"]) == 0
    (command,) = started
    done = subprocess.run(
        [sys.executable, *command[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=patience(60)
    )
    assert done.returncode == 0, done.stderr
