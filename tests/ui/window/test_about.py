"""What About says of the arithmetic, the licences and newer versions."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from lrstudio.core.kernel.host import Backend, Kind
from lrstudio.ui.window import help as help_pages


@pytest.mark.parametrize(
    ("kind", "reason", "says"),
    [
        ("native", "", "Arithmetic: WebAssembly as native code."),
        ("pulley", "no executable memory", "Arithmetic: WebAssembly, interpreted and slower: no executable memory."),
        ("numpy", "<lib> is missing", "Arithmetic: NumPy, slower: &lt;lib&gt; is missing."),
    ],
)
def test_about_says_what_computes_and_why(kind: Kind, reason: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_pages, "backend", lambda: Backend(kind, None, reason))
    assert help_pages.about_text().endswith(f"<p>{says}")


def test_about_names_the_owners_of_qt_its_licence_and_the_way_to_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = help_pages.about_text()
    assert "copyright The Qt Company Ltd." in text
    assert "GNU LGPL 3" in text
    assert 'href="https://www.gnu.org/licenses/lgpl-3.0.html"' in text
    texts = tmp_path / "licenses" / "README.txt"
    texts.parent.mkdir()
    texts.write_text("all of them")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert f'href="file://{texts.as_posix()}"' in help_pages.about_text()


@pytest.mark.parametrize(
    ("urls", "home"),
    [
        (["Changelog, https://a.org/x", "Homepage, https://a.org/b"], "https://a.org/b"),
        (["Homepage, https://a.org/b#placeholder"], ""),
        (None, ""),
    ],
)
def test_newer_versions_are_a_link_to_an_address_that_somebody_has(
    urls: list[str] | None, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "metadata", lambda _name: SimpleNamespace(get_all=lambda _key: urls))
    assert help_pages.homepage() == home
    assert ('href="https://a.org/b/releases"' in help_pages.about_text()) == bool(home)
