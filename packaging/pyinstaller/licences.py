"""The licence texts that go with the frozen program, and the list of what it is made of."""

from importlib.metadata import files, version
from pathlib import Path

import sbom

SHIPPED = ("lrstudio", "numpy", "pyqtgraph", "contourpy", "wasmtime", "colorama", "pyinstaller")
TEXTS = Path(__file__).parent.parent / "licenses"


def copy_to(folder: Path) -> list[tuple[str, str]]:
    """Put all texts in a folder, each with its project's name; PyInstaller's `datas` for it."""
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
