"""Runs a script as a user would, and compares its table with the program's."""

from __future__ import annotations

import csv
import io
import math
import runpy
from contextlib import redirect_stdout
from pathlib import Path

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.table import blocks

Table = list[list[str]]


def printed(script: str, folder: Path) -> Table:
    """Returns the table that a script prints."""
    path, out = folder / "script.py", io.StringIO()
    path.write_text(script, encoding="utf-8")
    with redirect_stdout(out):
        runpy.run_path(str(path), run_name="__main__")
    return list(csv.reader(io.StringIO(out.getvalue())))


def trained(experiment: Experiment) -> Table:
    """Returns the table of the program's own runs."""
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return list(csv.reader(io.StringIO("".join(blocks(experiment, simulation.trace)))))


def differences(expected: Table, table: Table, relative: float) -> list[tuple[list[str], list[str]]]:
    """Returns the rows in which a cell is missing, or a number differs by more than `relative` of it or of 1."""
    assert table[0] == expected[0]
    assert [row[:2] for row in table] == [row[:2] for row in expected]
    return [
        pair for pair in zip(expected, table, strict=True) if not all(map(_agrees, *pair, [relative] * len(pair[0])))
    ]


def _agrees(one: str, other: str, relative: float) -> bool:
    if one == other:
        return True
    if not one or not other:
        return False
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return math.isclose(a, b, rel_tol=relative, abs_tol=relative)
