"""Every test runs without a screen, as on one of 1920 x 1080."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.patience import PATIENCE_MS

if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    without = "" if os.name == "nt" else f":configfile={Path(__file__).with_name('screen.json')}"  # C: would end it
    os.environ["QT_QPA_PLATFORM"] = f"offscreen{without}"
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # in the background of a shell; a program that is started inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["LANGUAGE"] = "en"  # the texts that the tests look for
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the products are small, waiting threads cost time
if sys.dont_write_bytecode:  # none in the folders, but every process would compile all it imports again
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


class PatientBot(QtBot):
    """pytest-qt's bot, whose waits end by themselves after the tests' own patience."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitActive(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitActive(widget, timeout=timeout)

    def waitExposed(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=timeout)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Searches for garbage neither while 12,000 tests are collected, which is all kept, nor in them afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def qapp(qapp: Any) -> Any:
    """The application in the program's own style."""
    from lrstudio.ui.look.targets import LargeTargets  # only tests of the window need Qt

    qapp.setStyle(LargeTargets())
    return qapp


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)
