"""Write what Qt has built in, of Qt's own statements: python packaging/notices/qt.py FILE QTBASE QTSVG

QTBASE and QTSVG are unpacked sources of Qt (Debian: `apt-get source qt6-base qt6-svg`); Qt itself says in
`qt_attribution.json` what of others is where. For all systems, without what tools, tests, network and Android need.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import parts

SKIPPED_MODULES = {"qtnetwork", "qttestlib", "qttestinternals_private"}
WINTAB = {  # Debian leaves it out of the sources, and Qt for Windows has it
    "Name": "Wintab API",
    "QDocModule": "qtgui",
    "QtUsage": "Used in the Qt platform plugin for Windows. Configure with -no-feature-tabletevent to avoid.",
    "LicenseId": "LicenseRef-Lcs-Telegraphics",
    "Copyright": "Copyright 1991-1998 by LCS/Telegraphics.",
}
SKIPPED_FOLDERS = ("src/3rdparty/android", "src/3rdparty/wasm")
HEADING = """
What Qt has built in of others (Qt {version})
=============================================

As Qt's sources tell it, for all systems: some of it is only in Qt for Windows or for macOS.
"""


def main(path: Path, qtbase: Path, qtsvg: Path) -> None:
    version = re.search(r'QT_REPO_MODULE_VERSION "([\d.]+)"', (qtbase / ".cmake.conf").read_text("utf-8"))
    assert version is not None
    found = [*built_in(qtbase), part(WINTAB, qtbase, qtbase / "LICENSES"), *built_in(qtsvg)]
    parts.write(path, HEADING.format(version=version[1]), found)


def built_in(sources: Path) -> Iterator[parts.Part]:
    for file in sorted(sources.glob("**/qt_attribution.json")):
        if str(file.relative_to(sources)).startswith(SKIPPED_FOLDERS):
            continue
        stated = json.loads(file.read_text("utf-8"), strict=False)
        for entry in stated if isinstance(stated, list) else [stated]:
            if entry["QDocModule"] not in SKIPPED_MODULES and entry.get("QtParts", ["libs"]) != ["tools"]:
                yield part(entry, file.parent, sources / "LICENSES")


def part(entry: dict[str, str], folder: Path, known: Path) -> parts.Part:
    """Returns what one entry states; LookupError where it has no text of its licence."""
    files = entry.get("LicenseFiles") or [entry[key] for key in ("LicenseFile",) if key in entry]
    paths = [folder / name for name in files] or [known / f"{id_}.txt" for id_ in entry["LicenseId"].split(" AND ")]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise LookupError(f"{entry['Name']} has no {missing}")
    text = "\n\n".join(path.read_text("utf-8", errors="replace").strip("\n") for path in paths)
    stated = entry.get("Copyright") or (folder / entry["CopyrightFile"]).read_text("utf-8")
    lines = "\n".join(stated) if isinstance(stated, list) else stated
    return parts.Part(entry["Name"], entry.get("Version", ""), entry["LicenseId"], lines, text, entry["QtUsage"])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
