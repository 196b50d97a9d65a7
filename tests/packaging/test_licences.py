"""A library comes into a package only with the text of its licence, and so does what is built into it."""

from __future__ import annotations

import re
import runpy
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
TEXTS = [path.name for path in (PACKAGING / "licenses").iterdir()]
OF_PROJECTS = [f"{name}-0-LICENSE.txt" for name in ("numpy", "contourpy", "wasmtime")]


@pytest.fixture(scope="module")
def licences() -> dict[str, Any]:
    return runpy.run_path(str(PACKAGING / "pyinstaller" / "licences.py"))


def test_a_library_that_nobody_knows_is_named(licences: dict[str, Any]) -> None:
    known = ["PySide6/Qt/lib/libQt6Core.so.6", "python3.13/lib-dynload/_json.so", "python313.dll", "libcrypto-3.dll"]
    assert licences["without_text"]([*known, "wonder/libwonder.so.1"], TEXTS) == ["wonder/libwonder.so.1"]


def test_a_library_whose_text_is_not_there_is_named(licences: dict[str, Any]) -> None:
    assert licences["without_text"](["contourpy\\_contourpy.pyd"], [*TEXTS, *OF_PROJECTS]) == []
    assert licences["without_text"](["contourpy\\_contourpy.pyd"], OF_PROJECTS) == ["contourpy\\_contourpy.pyd"]


def test_all_libraries_of_the_installed_projects_have_their_texts(licences: dict[str, Any]) -> None:
    needed = runpy.run_path(str(PACKAGING / "pyinstaller" / "trim.py"))["needed"]
    found = [
        (str(path).replace("\\", "/"), str(path.locate()))
        for name in ("PySide6-Essentials", "shiboken6", "numpy", "contourpy", "wasmtime")
        for path in distribution(name).files or ()
        if re.search(r"\.(so[.\d]*|pyd|dll|dylib)$", path.name)
    ]
    libraries = [name for name, source in found if needed(name, source)]
    assert {"PySide6", "numpy", "contourpy", "wasmtime"} <= {name.partition("/")[0] for name in libraries}
    assert licences["without_text"](libraries, [*TEXTS, *OF_PROJECTS]) == []


def test_every_crate_that_the_library_of_wasmtime_names_has_its_text() -> None:
    places = [Path(str(path.locate())) for path in distribution("wasmtime").files or ()]
    (library,) = [place for place in places if re.fullmatch(r"_(lib)?wasmtime\.(so|dll|dylib)", place.name)]
    named = {name.decode() for name in re.findall(rb"index\.crates\.io-\w+[/\\]([\w-]+?)-\d+\.", library.read_bytes())}
    assert "regalloc2" in named
    text = (PACKAGING / "licenses" / "wasmtime-parts.txt").read_text("utf-8")
    told = set(re.findall(r"^([\w-]+) \d.*\n(?: {4}.*\n)*? {4}Licence: .* \(text \d+\)$", text, re.MULTILINE))
    assert named - told == set()


def test_the_parts_are_those_of_the_installed_versions() -> None:
    first = {
        name: (PACKAGING / "licenses" / f"{name}-parts.txt").read_text("utf-8").split("\n")[0]
        for name in ("Qt", "wasmtime")
    }
    assert f"(Qt {version('PySide6-Essentials').rpartition('.')[0]}." in first["Qt"]
    assert f"wasmtime {version('wasmtime')} " in first["wasmtime"]
