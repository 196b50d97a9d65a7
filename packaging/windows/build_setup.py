"""Leave LR-Studio-VERSION-setup.exe in a folder: python packaging/windows/build_setup.py [OUTPUT-FOLDER]

Runs on Windows, with NSIS (makensis) installed. A setup made elsewhere has that system's program inside.
"""

import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
USUAL = r"C:\Program Files (x86)\NSIS\makensis.exe"


def main(out: Path) -> None:
    version = runpy.run_path(str(ROOT / "lrstudio" / "__init__.py"))["__version__"]
    out.mkdir(parents=True, exist_ok=True)
    setup = out.resolve() / f"LR-Studio-{version}-setup.exe"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        subprocess.run([sys.executable, str(ROOT / "packaging" / "freeze.py"), work], check=True)
        names = {"VERSION": version, "PAYLOAD": str(Path(work) / "lrstudio"), "OUT": str(setup)}
        makensis = shutil.which("makensis") or USUAL
        dash = "/" if os.name == "nt" else "-"
        options = [f"{dash}V2", f"{dash}WX", *(f"{dash}D{name}={value}" for name, value in names.items())]
        subprocess.run([makensis, *options, str(HERE / "lrstudio.nsi")], check=True)
    print(setup)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
