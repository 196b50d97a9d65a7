"""Freeze the program on the system this runs on: python packaging/freeze.py FOLDER

Leaves FOLDER/lrstudio, on macOS also FOLDER/LR Studio.app, made with this Python and the versions in requirements;
the same commit gives the same bytes.
Ends with 69 (EX_UNAVAILABLE) where these are not to be had.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"
UNAVAILABLE = 69
SOURCES = ("lrstudio", "resources", "pyproject.toml", "README.md", "LICENSE")


def freeze(folder: Path) -> None:
    folder = folder.resolve()
    source, venv = folder / "source", folder / "venv"
    for made in (source, venv, folder / "lrstudio"):
        shutil.rmtree(made, ignore_errors=True)
    copy_sources(source)  # setuptools would take along what an older build has left beside them
    run(sys.executable, "-m", "venv", venv)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    try:
        run(*pip, "--require-hashes", "-r", PACKAGING / "requirements" / "freeze.txt")
        run(*pip, "--no-deps", "--no-build-isolation", source)
    except subprocess.CalledProcessError:
        print("pip could not get what the program is frozen with", file=sys.stderr)
        sys.exit(UNAVAILABLE)
    pyinstaller = (python, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR")
    folders = ("--distpath", folder, "--workpath", folder / "build")
    run(*pyinstaller, *folders, PACKAGING / "pyinstaller" / "lrstudio.spec", cwd=folder)


def copy_sources(target: Path) -> None:
    target.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)


def run(*command: object, cwd: Path | None = None) -> None:
    environment = os.environ | {
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # sets are written in their order
    subprocess.run([str(part) for part in command], cwd=cwd, env=environment, check=True)


if __name__ == "__main__":
    freeze(Path(sys.argv[1]))
