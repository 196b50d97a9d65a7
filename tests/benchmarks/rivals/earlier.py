"""The program at an earlier commit, timed by the same file in a process of its own."""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

COMMIT = "63521c1"
"""The last one before formulas were compiled to WebAssembly."""
ROOT = Path(__file__).parents[3]


@cache
def missing() -> str:
    """Returns why the commit is not here; "" where it is."""
    try:
        done = subprocess.run(["git", "-C", ROOT, "cat-file", "-e", COMMIT], capture_output=True)
    except OSError:
        return "git is not installed"
    return "" if done.returncode == 0 else f"there is no commit {COMMIT} here"


@cache
def _served() -> subprocess.Popen[str]:
    folder = tempfile.TemporaryDirectory()
    checkout = Path(folder.name) / "earlier"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", str(checkout), COMMIT], check=True, capture_output=True)
    serving = subprocess.Popen(
        [sys.executable, Path(__file__).parents[1] / "subject.py", checkout],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def end() -> None:
        serving.terminate()
        serving.wait()
        subprocess.run([*git, "remove", "--force", str(checkout)], check=False, capture_output=True)
        folder.cleanup()

    atexit.register(end)
    return serving


def train(name: str, steps: int) -> float:
    """CPU seconds of so many steps of a job of `subject`."""
    serving = _served()
    assert serving.stdin is not None and serving.stdout is not None
    print(name, steps, file=serving.stdin, flush=True)
    return float(serving.stdout.readline())
