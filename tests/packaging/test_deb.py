"""The Debian package on this very machine: built, installed, tried as an ordinary user, removed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = "lintian xvfb xauth x11-utils libglib2.0-bin xdg-utils shared-mime-info desktop-file-utils".split()
OPENED = """
gio open "$1"
for _ in $(seq 100); do
    window=$(xwininfo -root -tree | awk '/mine - LR Studio/ { print $1; exit }')
    [ -n "$window" ] && break
    sleep 0.2
done
xprop -id "$window" WM_NAME WM_CLASS _NET_WM_ICON
kill -INT "$(xprop -id "$window" _NET_WM_PID | sed 's/.* = //')"
"""

pytestmark = [
    pytest.mark.packaging,
    pytest.mark.skipif(
        not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root on Debian"
    ),
]


def run(*command: object, **options: object) -> str:
    """What the command says on stdout; AssertionError with all it said where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def apt(*arguments: object) -> None:
    run("apt-get", "-y", "-qq", *arguments, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    run("bash", ROOT / "packaging" / "build_deb.sh", folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(package: Path) -> Iterator[None]:
    apt("update")
    apt("install", "--no-install-recommends", *TOOLS)
    apt("install", "--no-install-recommends", package)
    yield
    run("dpkg", "--purge", "lrstudio")  # apt no longer knows a package that a test has removed


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    shutil.chown(folder, "nobody")
    yield folder
    shutil.rmtree(folder)


def as_nobody(home: Path, *command: object) -> str:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    return run("/usr/sbin/runuser", "-u", "nobody", "--", *command, cwd=home, env=environment)


def test_lintian_has_nothing_to_say(package, installed):
    assert run("lintian", "--allow-root", "--fail-on", "none", package) == ""


def test_the_package_is_small(package):
    assert package.stat().st_size < 40_000_000


def test_the_selftest_passes_for_an_ordinary_user(installed, home):
    assert "close: ok" in as_nobody(home, "lrstudio", "selftest")


def test_the_selftest_passes_in_a_real_window(installed, home):
    assert "close: ok" in as_nobody(home, "xvfb-run", "-a", "lrstudio", "selftest")


def test_the_terminal_lists_what_there_is(installed, home):
    assert "parabola" in as_nobody(home, "lrstudio", "list", "problems")


def test_licence_texts_come_along(installed):
    texts = {text.name.split("-")[0] for text in Path("/usr/lib/lrstudio/_internal/licenses").iterdir()}
    assert {"README.txt", "ICU.txt", "Python.txt", "lrstudio", "numpy", "pyqtgraph", "contourpy"} <= texts


def test_a_session_is_opened_by_its_file_type(installed, home):
    as_nobody(home, "lrstudio", "run", "--steps", 3, "--save", "mine.lrs", "--quiet")
    assert as_nobody(home, "xdg-mime", "query", "default", "application/x-lrstudio") == "lrstudio.desktop\n"
    assert "content-type: application/x-lrstudio\n" in as_nobody(home, "gio", "info", "mine.lrs")
    window = as_nobody(home, "xvfb-run", "-a", "bash", "-c", OPENED, "opened", "mine.lrs")
    assert 'WM_NAME(STRING) = "mine - LR Studio"' in window or 'WM_NAME(UTF8_STRING) = "mine - LR Studio"' in window
    assert "Icon (" in window


def test_removal_leaves_nothing(installed):
    files = [Path(line) for line in run("dpkg", "-L", "lrstudio").splitlines()]
    apt("remove", "lrstudio")
    assert [file for file in files if "lrstudio" in str(file) and (file.exists() or file.is_symlink())] == []
    assert run("xdg-mime", "query", "default", "application/x-lrstudio") == ""
