"""What packages say about the project: one address, one version, exact requirements, actions pinned by commit."""

from __future__ import annotations

import re
import runpy
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ADDRESS = "https://github.com/somebody/studio"
PINNED = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)[^\n]*\\\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", re.M
)


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """packaging/project.py in a project whose address, version and changelog a test may write."""
    folder = tmp_path / "packaging"
    folder.mkdir()
    (tmp_path / "lrstudio").mkdir()
    (folder / "project.py").write_text((PACKAGING / "project.py").read_text("utf-8"), "utf-8")
    (tmp_path / "pyproject.toml").write_text(f'[project.urls]\nHomepage = "{ADDRESS}"\n')
    (tmp_path / "lrstudio" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] - 2026-12-01\n\n- New.\n\n## [1.2.2]\n\n- Old.\n")
    return runpy.run_path(str(folder / "project.py"))


def test_everything_is_made_of_the_one_address(project: Any) -> None:
    about = project["project"]()
    assert about["HOME_URL"] == ADDRESS
    assert about["APP_ID"] == "io.github.somebody.studio"
    assert about["MAINTAINER"] == "The LR Studio authors <somebody@users.noreply.github.com>"
    assert about["PICTURES"] == f"{ADDRESS}/raw/v1.2.3/.github"


def test_the_address_stands_in_one_place() -> None:
    address = PYPROJECT["urls"]["Homepage"].removesuffix("#placeholder")
    owner = address.removeprefix("https://github.com/").partition("/")[0]
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not files:
        pytest.skip("not a checkout of git")
    named = (f"github.com/{owner}", f"io.github.{owner}", f"{owner}@users.noreply")
    texts = [
        ROOT / name for name in files.split("\0") if name and (ROOT / name).is_file() and not name.startswith("tests/")
    ]
    assert [file.name for file in texts if any(word.encode() in file.read_bytes() for word in named)] == [
        "pyproject.toml"
    ]


def test_a_release_is_refused_from_elsewhere_and_while_the_address_is_a_placeholder(
    project: Any, tmp_path: Path
) -> None:
    assert project["refusals"](ADDRESS, "v1.2.3") == []
    (other,) = project["refusals"]("https://github.com/fork/studio", "v1.2.3")
    assert "this repository is https://github.com/fork/studio" in other
    assert "the version in lrstudio/__init__.py is 1.2.3" in project["refusals"](ADDRESS, "v1.2.4")[0]
    (tmp_path / "pyproject.toml").write_text(f'[project.urls]\nHomepage = "{ADDRESS}#placeholder"\n')
    assert "is a placeholder" in project["refusals"](ADDRESS, "v1.2.3")[0]


def test_the_notes_of_a_release_are_the_changelogs_part_about_it(project: Any, tmp_path: Path) -> None:
    assert project["notes"]() == "- New."
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- New.\n")
    assert "CHANGELOG.md has no part about 1.2.3" in project["refusals"](ADDRESS, "v1.2.3")


def pinned(name: str) -> dict[str, str]:
    """The versions of a file of requirements and of those it goes on from; each has a hash, or the pattern fails."""
    text = (PACKAGING / "requirements" / f"{name}.txt").read_text("utf-8")
    base = re.match(r"-r (\w+)\.txt\n", text)
    found: dict[str, str] = {canonicalize_name(each["name"]): each["version"] for each in PINNED.finditer(text)}
    assert len(found) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)), f"{name}.txt: a version without hashes"
    return {**(pinned(base[1]) if base else {}), **found}


@pytest.mark.parametrize(("name", "extras"), [("run", []), ("cluster", ["dask"]), ("test", ["dask", "test", "dev"])])
def test_what_the_project_asks_for_is_pinned_with_hashes(name: str, extras: list[str]) -> None:
    versions = pinned(name)
    lines = [
        *PYPROJECT["dependencies"],
        *(line for extra in extras for line in PYPROJECT["optional-dependencies"][extra]),
    ]
    for wanted in map(Requirement, lines):
        if wanted.name != "lrstudio":
            assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), wanted


def test_what_freezes_and_lists_the_program_is_pinned_with_hashes() -> None:
    assert {"pyinstaller", "cyclonedx-python-lib", "setuptools", "numpy"} <= pinned("freeze").keys()


@pytest.mark.parametrize("workflow", ["test.yml", "package.yml"])
def test_actions_are_pinned_by_commit(workflow: str) -> None:
    used = re.findall(r"uses: (.*)", (ROOT / ".github" / "workflows" / workflow).read_text("utf-8"))
    assert used
    assert [line for line in used if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
