"""The Debian package on this very machine: built, installed, tried as an ordinary user, removed."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lrstudio.store.lessons.folder import MARKER
from tests.packaging.conftest import apt, ended

ROOT = Path(__file__).parents[2]
COULD_NOT_INSTALL = 69
"""What build_deb.sh ends with where something it needs is neither there nor to be had."""

WINDOW = """
for _ in $(seq 150); do
    window=$(xwininfo -root -tree | awk '/ - LR Studio/ { print $1; exit }')
    [ -n "$window" ] && break
    sleep 0.2
done
xprop -id "$window" WM_NAME WM_CLASS _NET_WM_ICON
kill -INT "$(xprop -id "$window" _NET_WM_PID | sed 's/.* = //')"
wait
"""

pytestmark = pytest.mark.packaging


def run(*command: object, **options: Any) -> str:
    """What the command says on stdout; AssertionError with all it said where it fails."""
    done = ended(*command, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    done = ended("bash", ROOT / "packaging" / "build_deb.sh", folder)
    if done.returncode == COULD_NOT_INSTALL:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(package: Path) -> Iterator[None]:
    run("dpkg", "--purge", "lrstudio")
    done = apt("install", "--no-install-recommends", package)
    assert done.returncode == 0, done.stderr
    yield
    run("dpkg", "--purge", "lrstudio")


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    shutil.chown(folder, "nobody")
    yield folder
    shutil.rmtree(folder)


def as_nobody(home: Path, *command: object, offline: bool = False) -> str:
    """What the command says that an ordinary user starts in this home folder."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    user = ("/usr/sbin/runuser", "-u", "nobody", "--")
    return run(*(("/usr/bin/unshare", "-n") if offline else ()), *user, *command, cwd=home, env=environment)


def in_window(home: Path, start: str, *server: str, offline: bool = False) -> str:
    """What the X server knows of the window that a shell command opens; it is closed then."""
    xvfb = ("xvfb-run", "-a", "-s", " ".join(("-screen 0 1280x800x24", *server)))
    return as_nobody(home, *xvfb, "bash", "-c", start + WINDOW, offline=offline)


def test_lintian_has_nothing_to_say(package: Path) -> None:
    assert run("lintian", "--allow-root", "--fail-on", "none", package) == ""


def test_the_package_is_small(package: Path) -> None:
    assert package.stat().st_size <= 47_000_000
    assert int(run("dpkg-deb", "-f", package, "Installed-Size")) < 165_000


@pytest.mark.usefixtures("installed")
def test_the_selftest_passes_for_an_ordinary_user_without_a_network(home: Path) -> None:
    said = as_nobody(home, "lrstudio", "selftest", offline=True)
    assert {"the recorded numbers: ok", "native code: ok"} <= set(said.splitlines())
    assert "close: ok" in said


@pytest.mark.usefixtures("installed")
def test_the_selftest_passes_in_a_real_window(home: Path) -> None:
    assert "close: ok" in as_nobody(home, "xvfb-run", "-a", "lrstudio", "selftest")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("list problems", "parabola"),
        ("run --problem digits --lr 0.1 --steps 3 --csv -", "accuracy"),
        ("run --problem formula:loss=3*(a-2)^2 --lr 0.1 --steps 3 --csv -", "loss"),
        ("sweep --lr 1e-3:10:16 --csv -", "diverged"),
        ("range-test --problem classification --csv -", "smooth"),
    ],
)
def test_the_terminal_has_problems_networks_and_instruments(home: Path, arguments: str, word: str) -> None:
    assert word in as_nobody(home, "lrstudio", *arguments.split())


@pytest.mark.usefixtures("installed")
def test_licence_texts_come_along() -> None:
    texts = {text.name.split("-")[0] for text in Path("/usr/lib/lrstudio/_internal/licenses").iterdir()}
    assert {"README.txt", "ICU.txt", "Python.txt", "lrstudio", "numpy", "pyqtgraph", "contourpy", "wasmtime"} <= texts


@pytest.mark.usefixtures("installed")
def test_a_session_is_opened_by_its_file_type(home: Path) -> None:
    as_nobody(home, "lrstudio", "run", "--steps", 3, "--save", "mine.lrs", "--quiet")
    assert as_nobody(home, "xdg-mime", "query", "default", "application/x-lrstudio") == "lrstudio.desktop\n"
    assert "content-type: application/x-lrstudio\n" in as_nobody(home, "gio", "info", "mine.lrs")
    window = in_window(home, "gio open mine.lrs\nuntil xwininfo -root -tree | grep -q 'mine - LR'; do sleep 0.2; done")
    assert '= "mine - LR Studio"' in window
    assert "Icon (" in window


@pytest.mark.usefixtures("installed")
def test_a_folder_of_lessons_is_opened_by_its_marker(home: Path) -> None:
    (home / MARKER).write_text("Lessons\n")
    assert as_nobody(home, "xdg-mime", "query", "default", "application/x-lrstudio-lessons") == "lrstudio.desktop\n"
    assert "content-type: application/x-lrstudio-lessons\n" in as_nobody(home, "gio", "info", MARKER)
    assert "- LR Studio" in in_window(home, f"gio open {MARKER}\n")


@pytest.mark.usefixtures("installed")
def test_a_home_that_cannot_be_written_is_no_hindrance(home: Path) -> None:
    home.chmod(0o555)
    shutil.chown(home, "root")
    assert "- LR Studio" in in_window(home, "lrstudio &")
    assert list(home.iterdir()) == []


@pytest.mark.usefixtures("installed")
def test_the_window_opens_without_opengl_and_without_a_network(home: Path) -> None:
    assert "- LR Studio" in in_window(home, "lrstudio &", "-extension GLX", offline=True)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("fonts", "language", "told"),
    [
        ("", "C.UTF-8", "this system has no fonts"),
        ("<dir>/usr/share/fonts/truetype/dejavu</dir>", "zh_CN.UTF-8", "Chinese letters have no font here"),
    ],
)
def test_a_system_without_the_fonts_is_told_what_it_lacks(home: Path, fonts: str, language: str, told: str) -> None:
    file = home / "fonts.conf"
    file.write_text(f"<fontconfig>{fonts}<cachedir>{home}</cachedir></fontconfig>", "utf-8")
    with_them = ("env", f"FONTCONFIG_FILE={file}", f"LANG={language}")
    said = as_nobody(home, *with_them, "bash", "-c", "lrstudio selftest 2>&1")
    assert told in said
    assert "close: ok" in said


@pytest.mark.usefixtures("installed")
def test_removal_leaves_nothing() -> None:
    files = [Path(line) for line in run("dpkg", "-L", "lrstudio").splitlines()]
    assert apt("remove", "lrstudio").returncode == 0
    assert [file for file in files if "lrstudio" in str(file) and (file.exists() or file.is_symlink())] == []
    assert run("xdg-mime", "query", "default", "application/x-lrstudio") == ""
