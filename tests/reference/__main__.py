"""Records every table of the libraries anew: `python -m tests.reference [--newest] [--folder DIR] [NAME ...]`.

Installs the pinned libraries in environments in the folder, by default a temporary one, and runs each script with its
environment. What has changed shows in `git diff`. `--newest` tries the newest releases in place of the pinned ones.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Table(NamedTuple):
    """A script with its arguments and the packages that it needs; some are installed `without` what they need."""

    script: str
    packages: tuple[str, ...]
    without: tuple[str, ...] = ()


TORCH = "torch==2.13.0"
TABLES = {
    "schedules": Table("record_schedules.py", (TORCH, "numpy")),
    "networks": Table("record_networks.py", (TORCH, "prodigyopt==1.1.2", "numpy")),
    "groups": Table("record_groups.py", (TORCH, "numpy")),
    "muon": Table("record_networks.py muon", ("torch==2.14.1", "numpy")),
    "batches": Table("record_batches.py", (TORCH, "numpy")),
    "optimizers": Table("record_optimizers.py", (TORCH, "schedulefree==1.4.1", "prodigyopt==1.1.2", "numpy")),
    "variants": Table("record_variants.py", ("keras==3.15.1", "jax==0.10.2", "optax==0.2.8")),
    "torch_based": Table("frameworks/of_torch.py", (TORCH, "transformers==5.24.0", "numpy"), ("timm==1.0.31",)),
    "keras_and_optax": Table("frameworks/of_keras.py", ("keras==3.15.1", "jax==0.10.2", "optax==0.2.8")),
}


def record(table: Table, folder: Path, *, newest: bool = False) -> None:
    """Makes an environment with the packages of a table and runs its script; raises CalledProcessError."""
    if newest:
        packages, without = ([name.partition("==")[0] for name in names] for names in (table.packages, table.without))
        table = Table(table.script, tuple(packages), tuple(without))
    script, *arguments = table.script.split()
    where = folder / "_".join([Path(script).stem, *arguments])
    venv.create(where, with_pip=True)
    python = str(where / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, *table.packages], check=True)
    if table.without:
        subprocess.run([*pip, "--no-deps", *table.without], check=True)
    subprocess.run([python, str(HERE / script), *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reference", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TABLES)}; all by default")
    parser.add_argument("--folder", type=Path, help="where the environments are left; by default a temporary folder")
    parser.add_argument("--newest", action="store_true", help="the newest releases in place of the pinned ones")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for name in args.names or TABLES:
            print(name, "…", flush=True)
            record(TABLES[name], args.folder or Path(temporary), newest=args.newest)


if __name__ == "__main__":
    main()
