"""The files of licence texts are made of what the sources of Qt and of crates state."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

NOTICES = Path(__file__).parents[2] / "packaging" / "notices"
MIT = "Permission is hereby granted, free of charge"


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(NOTICES))
    for name in ("parts", "qt", "crates"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import crates  # type: ignore[import-not-found]
    import parts  # type: ignore[import-not-found]
    import qt  # type: ignore[import-not-found]

    yield {"parts": parts, "qt": qt, "crates": crates}
    for name in ("parts", "qt", "crates"):
        sys.modules.pop(name, None)


def test_the_copyright_is_told_apart_from_the_licence(notices: Any) -> None:
    text = f"The MIT License (MIT)\n\nCopyright (c) 2015 A. Author\nCopyright (c) 2016 B\n\n{MIT}\n"
    assert notices["parts"].split(text) == ("Copyright (c) 2015 A. Author\nCopyright (c) 2016 B", MIT)


def test_two_parts_with_the_same_text_share_it(notices: Any, tmp_path: Path) -> None:
    part = notices["parts"].Part
    found = [part("b", "2", "MIT", "(c) B", MIT.upper()), part("a", "1", "MIT", "(c) A", MIT)]
    notices["parts"].write(tmp_path / "out.txt", "Parts\n", found)
    written = (tmp_path / "out.txt").read_text("utf-8")
    assert written.startswith(
        "Parts\n\na 1\n    (c) A\n    Licence: MIT (text 1)\n\nb 2\n    (c) B\n    Licence: MIT (text 1)"
    )
    assert written.count(MIT) == 1
    assert MIT.upper() not in written


def test_of_qt_come_the_parts_of_its_libraries(notices: Any, tmp_path: Path) -> None:
    entry = {
        "Name": "zlib",
        "Version": "1.3",
        "LicenseId": "Zlib",
        "Copyright": "(C) J. Gailly",
        "QtUsage": "In Qt Core.",
    }
    tool = {**entry, "Name": "rules", "QDocModule": "qtcore", "QtParts": ["tools"]}
    stated = [{**entry, "QDocModule": "qtcore"}, {**entry, "Name": "psl", "QDocModule": "qtnetwork"}, tool]
    (tmp_path / "qt_attribution.json").write_text(json.dumps(stated), "utf-8")
    with pytest.raises(LookupError, match=r"zlib has no .*Zlib\.txt"):
        list(notices["qt"].built_in(tmp_path))
    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "Zlib.txt").write_text("provided 'as-is'\n", "utf-8")
    (part,) = notices["qt"].built_in(tmp_path)
    assert (part.name, part.version, part.copyright, part.text) == ("zlib", "1.3", "(C) J. Gailly", "provided 'as-is'")


def test_of_two_licences_of_a_crate_mit_is_chosen_and_what_lacks_is_named(notices: Any, tmp_path: Path) -> None:
    source = tmp_path / "usr" / "share" / "cargo" / "registry" / "anyhow-1.0.1"
    source.mkdir(parents=True)
    (source / "Cargo.toml").write_text('[package]\nname = "anyhow"\nlicense = "MIT/Apache-2.0"\n', "utf-8")
    with pytest.raises(LookupError, match="anyhow has no licence text"):
        notices["crates"].part("anyhow", "1.0.103", source)
    (source / "LICENSE-APACHE").write_text("Apache License\n", "utf-8")
    (source / "LICENSE-MIT").write_text(f"Copyright (c) 2019 D\n\n{MIT}\n", "utf-8")
    (tmp_path / "list").write_text("anyhow 1.0.103\nlost 1\nsyn 2.0\nthiserror-impl 1.0\n", "utf-8")
    notices["crates"].main(tmp_path / "out.txt", "50", tmp_path / "list", tmp_path)
    written = (tmp_path / "out.txt").read_text("utf-8")
    assert "anyhow 1.0.103\n    Copyright (c) 2019 D\n    Licence: MIT OR Apache-2.0 (text 1)" in written
    assert "Not here are the texts of lost," in written
    assert "syn" not in written
