"""The licence texts that go with the frozen program, and the list of what it is made of."""

import re
from collections.abc import Iterable
from importlib.metadata import files, version
from pathlib import Path

SHIPPED = ("lrstudio", "numpy", "pyqtgraph", "contourpy", "pillow", "wasmtime", "colorama", "pyinstaller")
TEXTS = Path(__file__).parent.parent / "licenses"

COVERED = (  # libraries by their place in the program's folder, and how the names of all texts about them begin
    (r"(.*/)?libicu\w+\.so[\d.]*", ("ICU",)),
    (r"(PySide6|shiboken6)/.*|Qt[A-Z]\w+|(lib)?(pyside6|shiboken6|Qt6)[^/]*", ("LGPL-3", "GPL-3", "Qt-parts")),
    (r"numpy(\.libs)?/.*", ("numpy-",)),
    (r"contourpy/.*", ("contourpy-", "pybind11")),
    (r"(PIL|pillow\.libs)/.*", ("pillow-",)),
    (r"wasmtime/.*", ("wasmtime-0", "wasmtime-parts")),
    (r"(lib)?(crypto|ssl)[^/]*", ("OpenSSL",)),
    (r"(lib)?python3[^/]*|python3\.\d+/.*|Python(\.framework/.*)?|[^/]+\.pyd", ("Python", "Python-parts")),
    (
        r"(lib)?(ffi|z|zlib1|bz2|lzma|expat|mpdec)\b[^/]*\.(dll|dylib)",
        ("Python-parts",),
    ),  # of Python for Windows and macOS
    (r"(?i:vcruntime|msvcp|ucrtbase|api-ms-win|concrt)[^/]*", ("README",)),  # Microsoft's, which may be passed on
)


def copy_to(folder: Path) -> list[tuple[str, str]]:
    """Put all texts in a folder, each with its project's name; PyInstaller's `datas` for it."""
    import sbom  # what it needs is there where the program is frozen

    folder.mkdir(parents=True, exist_ok=True)
    for text in TEXTS.iterdir():
        (folder / text.name).write_bytes(text.read_bytes().replace(b"@QT@", version("PySide6-Essentials").encode()))
    for project in SHIPPED:
        for number, text in enumerate(found_in(project)):
            (folder / f"{project}-{number}-{text.stem}.txt").write_bytes(text.read_bytes())
    sbom.write(folder / sbom.NAME)
    return [(str(text), "licenses") for text in sorted(folder.iterdir())]


def found_in(project: str) -> list[Path]:
    """The licence files of an installed project; LookupError where it has none."""
    names = [path for path in files(project) or () if ".dist-info" in path.parts[0]]
    texts = [
        Path(str(name.locate())) for name in names if any(word in name.name.upper() for word in ("LICEN", "COPYING"))
    ]
    if not texts:
        raise LookupError(f"{project} has no licence file")
    return sorted(texts, key=str)


def without_text(libraries: Iterable[str], texts: Iterable[str]) -> list[str]:
    """The libraries, by their places in the program's folder, about which none of these files says a word."""
    names = list(texts)

    def is_covered(library: str) -> bool:
        for pattern, beginnings in COVERED:
            if re.fullmatch(pattern, library):
                return all(any(name.startswith(beginning) for name in names) for beginning in beginnings)
        return False

    return [library for library in libraries if not is_covered(library.replace("\\", "/"))]
