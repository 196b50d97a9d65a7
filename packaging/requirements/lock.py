"""Write the exact versions and hashes of what .venv and the packages are made of: python packaging/requirements/lock.py

Keeps the versions that are there and fit pyproject.toml; with `--upgrade` takes the newest. Needs uv: pip install uv
"""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYPROJECT = HERE.parent.parent / "pyproject.toml"
FILES: dict[str, tuple[str, tuple[str, ...], str]] = {  # the file it goes on from, extras of pyproject.toml, and more
    "run": ("", (), "setuptools"),
    "cluster": ("run", ("dask",), ""),
    "test": ("cluster", ("test", "dev"), ""),
    "freeze": ("run", (), "pyinstaller\ncyclonedx-python-lib"),
}


def main(options: list[str]) -> None:
    for name in FILES:
        path, (base, _, _) = HERE / f"{name}.txt", FILES[name]
        above = [HERE / f"{each}.txt" for each in bases(name)]
        there = [word for file in above for package in names(file) for word in ("--no-emit-package", package)]
        kept = [word for file in [*above, path] if file.exists() for word in ("-c", str(file))] if not options else []
        wanted = [word for extra in FILES[name][1] for word in ("--extra", extra)]
        command = [
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
        ]
        written = subprocess.run(
            [sys.executable, "-m", *command, *wanted, *there, *kept, *options, str(PYPROJECT), "-"],
            input=FILES[name][2], stdout=subprocess.PIPE, text=True, check=True,
        ).stdout  # fmt: skip
        lines = "".join(line for line in written.splitlines(keepends=True) if not line.startswith(("#", "-")))
        path.write_text(f"-r {base}.txt\n{lines}" if base else lines, "utf-8")
        print(f"{path.name}: {len(names(path))} packages")


def bases(name: str) -> list[str]:
    """Returns the files that a file goes on from."""
    base = FILES[name][0]
    return [*bases(base), base] if base else []


def names(path: Path) -> list[str]:
    return re.findall(r"^([\w.-]+)==", path.read_text("utf-8"), re.MULTILINE)


if __name__ == "__main__":
    main(sys.argv[1:])
