"""Runs the scripts that `lrstudio run --code` prints with the real library, and records how far their numbers are off.

python -m tests.reference.record_scripts torch /path/to/a/python/with/torch

For each experiment scripts.json keeps the largest distance of a number from the program's, relative to it or to 1.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.code import script
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.words import experiment_of
from tests.engine.code.scripts import SETTINGS, Table, every_moved_momentum, every_optimizer_and_schedule, trained

RECORD = Path(__file__).with_name("scripts.json")

_ALL = """
import contextlib, pathlib, runpy, sys
settings = [
    ("torch", lambda torch: torch.set_default_dtype(torch.float32)),
    ("jax", lambda jax: jax.config.update("jax_enable_x64", False)),
    ("keras", lambda keras: keras.config.set_floatx("float32")),
]
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    for name, as_imported in settings:
        if name in sys.modules:
            as_imported(sys.modules[name])
    with path.with_suffix(".csv").open("w") as out, contextlib.redirect_stdout(out):
        runpy.run_path(str(path), run_name="__main__")
"""
"""Runs the scripts of a folder one after the other, so that the library is imported once."""


def experiments() -> dict[str, Experiment]:
    """Returns the experiments by what they are called in the record."""
    of_problems = [f"--problem {kind.key} --lr 0.0001 --lr 0.001 --steps 40" for kind in PROBLEMS]
    named = {words: experiment_of(words) for words in [*of_problems, *SETTINGS]}
    several = {"every optimizer with every schedule": every_optimizer_and_schedule()}
    return {**several, "every momentum that a schedule moves": every_moved_momentum(), **named}


def distance(expected: Table, table: Table) -> float | None:
    """Returns the largest distance of two numbers; None where a table has other rows or cells."""
    if [row[:2] for row in table] != [row[:2] for row in expected] or table[0] != expected[0]:
        return None
    pairs = [pair for rows in zip(expected[1:], table[1:], strict=True) for pair in zip(*rows, strict=True)]
    if any((not one) != (not other) for one, other in pairs):
        return None
    numbers = [(float(one), float(other)) for one, other in pairs if one != other]
    return max((abs(one - other) / max(1.0, abs(one)) for one, other in numbers if one == one), default=0.0)


def main() -> None:
    library, python = sys.argv[1:]
    version = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
    found: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        every = experiments()
        for number, experiment in enumerate(every.values()):
            Path(folder, f"{number:03d}.py").write_text(script(experiment, library), encoding="utf-8")
        subprocess.run([python, "-W", "error", "-c", _ALL, folder], check=True)
        for number, (name, experiment) in enumerate(every.items()):
            table = list(csv.reader(io.StringIO(Path(folder, f"{number:03d}.csv").read_text())))
            found[name] = distance(trained(experiment), table)
            print(name, found[name], flush=True)
    installed = subprocess.run(
        [python, "-c", version, library], capture_output=True, text=True, check=True
    ).stdout.strip()
    kept = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    kept[library] = {
        "version": installed,
        "distances": {name: value and float(f"{value:.1e}") for name, value in found.items()},
    }
    RECORD.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
