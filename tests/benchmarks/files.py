"""CPU time to write and read files of a million rows, beside NumPy and a raw write: python -m tests.benchmarks.files

The exact CSV of a trace with 8 columns beside numpy.savetxt with 17 digits, a training log of three columns, and the
session of a trace of 64 MB beside a plain write of as many bytes; ours and the other take turns.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from lrstudio.core.problems import Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.import_csv import read_preview
from lrstudio.store.csv.table import write_csv
from lrstudio.store.logs.csv_log import guess_columns
from lrstudio.store.logs.training_log import LogChoices, read_chosen
from lrstudio.store.session import Session, save

ROUNDS = 3


def trained(steps: int) -> Simulation:
    """A run that moves until its last step, so that its numbers differ."""
    simulation = Simulation(Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-6),), steps=steps))
    while not simulation.done:
        simulation.advance(steps)
    return simulation


def seconds(action: Callable[[], object]) -> float:
    began = process_time()
    action()
    return process_time() - began


def compared(ours: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """The medians of both."""
    pairs = [(seconds(ours), seconds(other)) for _ in range(ROUNDS)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def raw(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        os.fsync(file.fileno())


def with_gaps(text: str) -> str:
    """The log with a rate in every 50th row only."""
    rows = (line.split(",") for line in text.splitlines())
    return "".join(f"{step},{lr if row % 50 == 0 else ''},{loss}\n" for row, (step, lr, loss) in enumerate(rows))


def measured(rows: int) -> dict[str, tuple[float, float]]:
    """The CPU seconds of ours and of the other (0 beside the logs): the CSV, the training logs and the session."""
    with tempfile.TemporaryDirectory() as folder:
        table, other, log = (Path(folder) / name for name in ("ours.csv", "other.csv", "log.csv"))
        simulation = trained(rows)
        write_csv(table, simulation.experiment, simulation.trace)
        matrix = np.genfromtxt(table, delimiter=",", skip_header=1, max_rows=rows)
        written = compared(
            lambda: write_csv(table, simulation.experiment, simulation.trace),
            lambda: np.savetxt(other, matrix, fmt="%.17g", delimiter=","),
        )
        np.savetxt(log, matrix[:, 1:4], fmt="%.17g", delimiter=",", header="step,lr,loss", comments="")
        preview = read_preview(log)
        found = guess_columns(preview)
        assert found.loss is not None
        choices = LogChoices(form=preview.form, step=found.step, lr=found.lr, loss=found.loss)
        read = seconds(lambda: read_chosen(log, choices))
        log.write_text(with_gaps(log.read_text()))
        gaps = seconds(lambda: read_chosen(log, choices))
        session = Session.of(trained(64 * rows // 48))
        path = Path(folder) / "a.lrs"
        save(path, session)
        data = path.read_bytes()
        saved = compared(lambda: save(path, session), lambda: raw(Path(folder) / "raw", data))
    return {"csv": written, "log": (read, 0.0), "log with gaps": (gaps, 0.0), "session": saved}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    found = measured(rows)
    (mine, theirs), (read, _), (ours, plain) = found["csv"], found["log"], found["session"]
    print(f"CSV {rows:,} x 8: {mine:.2f} s, numpy.savetxt {theirs:.2f} s: {mine / theirs:.2f}")
    print(f"training log of {rows:,} rows: {read:.2f} s, with missing cells {found['log with gaps'][0]:.2f} s")
    print(f"session of {64 * rows / 1e6:.0f} MB: {ours:.2f} s, raw write {plain:.3f} s: {ours / plain:.1f}")


if __name__ == "__main__":
    main()
