"""Whether a window can open, asked before Qt, which would abort; the program itself runs in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrstudio.ui.window import app, display
from tests.patience import patience

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays have names on Linux only")

NOBODY = ":97531"
"""A display that no server has."""


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def wayland(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A socket that somebody listens at."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w"))
        server.listen()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        yield "w"


def test_without_a_display_none_is_missed_that_is_named() -> None:
    assert "DISPLAY and WAYLAND_DISPLAY are not set" in display.hindrance()


@pytest.mark.parametrize("name", [NOBODY, "localhost:31", "nonsense"])
def test_a_display_of_x_that_nobody_serves_is_a_hindrance(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", name)
    assert display.hindrance() == f"The display {name} cannot be reached: no window can open."


def test_a_socket_of_wayland_that_nobody_listens_at_is_a_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "wayland-0"))
    assert "cannot be reached" in display.hindrance()


def test_the_one_of_two_displays_that_answers_is_used(wayland: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", wayland)
    assert display.hindrance() == ""
    assert "QT_QPA_PLATFORM" not in os.environ
    monkeypatch.setenv("DISPLAY", NOBODY)
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    assert display.hindrance() == ""
    assert os.environ["QT_QPA_PLATFORM"] == "wayland"


def test_a_chosen_platform_needs_its_own_display_alone(wayland: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", wayland)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert display.hindrance()
    for platform in ("offscreen", "minimal:enable_fonts", "vnc"):
        monkeypatch.setenv("QT_QPA_PLATFORM", platform)
        assert display.hindrance() == ""


class Xcb:
    """Stands for libxcb, with a server that takes or refuses everybody."""

    def __init__(self, refused: int) -> None:
        self.xcb_connect = lambda *_: 1
        self.xcb_connection_has_error = lambda _: refused
        self.left = False

    def xcb_disconnect(self, _connection: object) -> None:
        self.left = True


@pytest.mark.parametrize("refused", [0, 1])
def test_a_server_that_answers_is_not_left_before_qt_reaches_it(refused: int, monkeypatch: pytest.MonkeyPatch) -> None:
    xcb = Xcb(refused)
    monkeypatch.setattr("ctypes.CDLL", lambda _name: xcb)
    assert display.x_answers() == (not refused)
    assert xcb.left == bool(refused)


def test_a_display_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()  # accepts, and says nothing
    with silent:
        monkeypatch.setattr(display, "_TIMEOUT_S", 0.2)
        monkeypatch.setenv("DISPLAY", f"127.0.0.1:{silent.getsockname()[1] - 6000}")
        assert "cannot be reached" in display.hindrance()


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "libqxcb.so").write_bytes(b"")
    monkeypatch.setattr("PySide6.QtCore.QLibraryInfo.path", lambda _which: str(tmp_path))
    monkeypatch.setenv("DISPLAY", NOBODY)
    assert "Qt cannot use the display :97531 (" in display.hindrance()
    assert "libqxcb.so" in display.hindrance()


def test_the_program_trains_where_the_display_cannot_be_reached(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DISPLAY": NOBODY, "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "lrstudio"],
        capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=patience(60),
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == "lrstudio: The display :97531 cannot be reached: no window can open."
    assert len(done.stderr.splitlines()) == 2
    files = [Path(line) for line in done.stdout.splitlines()]
    assert [(file.parent, file.suffix) for file in files] == [(tmp_path, ".csv"), (tmp_path, ".png")]
    assert all(file.stat().st_size > 1000 for file in files)


def test_results_stay_out_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(Path(__file__).parents[3] / "packaging")
    assert app.folder_for_results() == tmp_path
    monkeypatch.chdir("/")
    assert app.folder_for_results() == Path("/")
