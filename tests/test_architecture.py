"""The floors as sentences: an import may only point down."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lrstudio"
QT = ("PySide6", "shiboken6", "pyqtgraph")


def modules(*folders: str) -> list[Path]:
    return sorted(file for folder in folders or ("",) for file in (PACKAGE / folder).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """The full names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize(
    ("floor", "above"),
    [
        ("core", ("lrstudio.engine", "lrstudio.store", "lrstudio.ui", "lrstudio.terminal.cli", *QT)),
        ("engine", ("lrstudio.store", "lrstudio.ui", "lrstudio.terminal.cli", *QT)),
        ("store", ("lrstudio.ui", "lrstudio.terminal.cli", *QT)),
    ],
)
def test_a_floor_imports_nothing_from_above(floor: str, above: tuple[str, ...]) -> None:
    wrong = [(str(file), name) for file in modules(floor) for name in imported(file) if is_in(name, above)]
    assert wrong == []


def test_core_needs_numpy_and_nothing_else() -> None:
    packages = {name.partition(".")[0] for file in modules("core") for name in imported(file)}
    assert packages - set(sys.stdlib_module_names) == {"numpy", "lrstudio"}


@pytest.mark.parametrize("name", ["lrstudio.core", "lrstudio.engine", "lrstudio.store", "lrstudio.terminal.cli"])
def test_what_is_below_the_window_runs_without_qt(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not there yet")
    below = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in modules(name.partition(".")[2])
    ]
    program = f"import sys, {', '.join([name, *below])}\nprint(*{{part.partition('.')[0] for part in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert result.stderr == ""
    assert set(QT).isdisjoint(result.stdout.split())


def test_exactly_one_file_turns_text_into_code() -> None:
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in ("exec", "eval", "compile", "__import__")
    }
    assert found == {"core/formula/compile.py"}


def test_no_file_has_more_than_300_lines() -> None:
    lines = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in modules()}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    assert {file.stem for file in modules()}.isdisjoint({"utils", "util", "helpers", "common", "misc"})


def test_every_package_is_installed() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    found = [".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "lrstudio").rglob("__init__.py")]
    assert sorted(declared) == sorted([*found, "lrstudio.resources"])
