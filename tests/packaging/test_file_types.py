"""Every system opens sessions and folders of lessons with the program."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lrstudio.store.lessons.folder import MARKER_SUFFIX
from lrstudio.ui.files.actions import SUFFIX

PACKAGING = Path(__file__).parents[2] / "packaging"
SUFFIXES = {SUFFIX, MARKER_SUFFIX}


def test_the_desktop_of_linux_knows_both_types() -> None:
    root = ElementTree.parse(PACKAGING / "linux" / "lrstudio-mime.xml").getroot()
    patterns = {glob.get("pattern") for glob in root.iter() if glob.tag.endswith("glob")}
    assert patterns == {f"*{suffix}" for suffix in SUFFIXES}
    types = {entry.get("type") for entry in root}
    entry = (PACKAGING / "linux" / "lrstudio.desktop").read_text("utf-8")
    found = re.search(r"^MimeType=(.*);$", entry, re.MULTILINE)
    assert found is not None and set(found.group(1).split(";")) == types
    provided = ElementTree.parse(PACKAGING / "linux" / "metainfo.xml").getroot().iter("mediatype")
    assert {each.text for each in provided} == types


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_the_setup_of_windows_writes_both_types_and_takes_them_away(suffix: str) -> None:
    script = (PACKAGING / "windows" / "lrstudio.nsi").read_text("utf-8")
    key = rf'HKCU "Software\Classes\{suffix}"'
    assert f"WriteRegStr {key}" in script
    assert f"DeleteRegKey /ifempty {key}" in script


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_the_bundle_of_macos_declares_both_types(suffix: str) -> None:
    spec = (PACKAGING / "pyinstaller" / "lrstudio.spec").read_text("utf-8")
    assert f'"public.filename-extension": ["{suffix[1:]}"]' in spec
