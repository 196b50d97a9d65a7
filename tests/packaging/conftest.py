"""Tests that install packages run where they may: as root on Debian, with tools that are there or can be had."""

import os
import shutil
import subprocess
from functools import cache
from typing import Any

import pytest

from tests.patience import patience

TOOLS = "lintian xvfb xauth x11-utils xdg-utils libglib2.0-bin".split()
TOOLS += "shared-mime-info desktop-file-utils hicolor-icon-theme fonts-dejavu-core".split()
APT = "apt-get -y -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=15 -o DPkg::Lock::Timeout=60".split()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("packaging") and (reason := hindrance()):
        pytest.skip(reason)  # here rather than in a fixture: pytest tells it once for all tests


@cache
def hindrance() -> str:
    """Why these tests cannot run, "" where they can; installs what they use."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "needs root on Debian"
    missing = [name for name in TOOLS if not is_installed(name)]
    if missing:
        apt("update")
        if apt("install", "--no-install-recommends", *missing).returncode:
            return f"could not be installed: {' '.join(missing)}"
    return ""


def is_installed(name: str) -> bool:
    return "install ok installed" in ended("dpkg-query", "-W", "-f", "${Status}", name).stdout


def apt(*arguments: object) -> subprocess.CompletedProcess[str]:
    return ended(*APT, *arguments, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def ended(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """A command when it has ended, with all it said."""
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=patience(1800), **options
    )
