"""What computes where native code does not work: the same numbers, and one line that says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lrstudio.core.kernel.host import VARIABLE

TWICE = """
import sys
from lrstudio.cli import main
sys.exit(main(sys.argv[1:]) or main(sys.argv[1:]))
"""
REFUSE_EXECUTABLE_MEMORY = """
import ctypes, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if sys.platform != "linux" or ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
"""
NO_SUCH_PROTECTION = 77
COMMANDS = (
    "run --problem rosenbrock --optimizer adam --lr 0.1 --steps 30 --csv -",
    "sweep --problem rosenbrock --lr 1e-3:1:9 --steps 30 --csv -",
    "range-test --num 20 --steps 20 --csv -",
)


def ended(command: str, program: str = TWICE, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process that gives the command twice."""
    return subprocess.run(
        [sys.executable, "-c", program, *command.split()],
        env={name: value for name, value in os.environ.items() if name != VARIABLE} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def notes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "arithmetic" in line]


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """A folder with a wasmtime whose library is of another system, as a wheel without a platform brings it."""
    package = tmp_path / "wasmtime"
    package.mkdir()
    (package / "_wasmtime.dll").write_bytes(b"MZ" + bytes(1000))
    (package / "__init__.py").write_text(
        "import ctypes, pathlib\nctypes.CDLL(str(pathlib.Path(__file__).parent / '_wasmtime.dll'))\n", "utf-8"
    )
    return str(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_library_that_does_not_load_is_said_once_and_numpy_computes_the_same(command: str, broken: str) -> None:
    usual, retreat = ended(command), ended(command, PYTHONPATH=broken)
    assert retreat.returncode == 0
    assert retreat.stdout == usual.stdout
    (note,) = notes(retreat)
    name = command.split()[0]
    assert note.startswith(f"lrstudio {name}: arithmetic: NumPy, slower: wasmtime cannot be imported (")
    assert notes(usual) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_without_executable_memory_the_interpreter_computes_the_same(command: str) -> None:
    usual, retreat = ended(command), ended(command, REFUSE_EXECUTABLE_MEMORY + TWICE)
    if retreat.returncode == NO_SUCH_PROTECTION:
        pytest.skip("this system cannot refuse executable memory to a process")
    assert retreat.returncode == 0
    assert retreat.stdout == usual.stdout
    (note,) = notes(retreat)
    assert "arithmetic: WebAssembly, interpreted and slower: " in note


@pytest.mark.parametrize("kind", ["pulley", "numpy"])
def test_a_selected_backend_computes_the_same_and_is_not_remarked_on(kind: str) -> None:
    usual, selected = ended(COMMANDS[0]), ended(COMMANDS[0], **{VARIABLE: kind})
    assert (selected.returncode, selected.stdout) == (0, usual.stdout)
    assert notes(selected) == []


def test_a_quiet_run_says_nothing_of_its_arithmetic(broken: str) -> None:
    assert notes(ended(f"{COMMANDS[0]} --quiet", PYTHONPATH=broken)) == []
