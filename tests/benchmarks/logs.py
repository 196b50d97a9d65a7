"""CPU time and memory to read a training log of a million steps, in every format: python -m tests.benchmarks.logs

Each file is read in a process of its own: the CPU seconds of reading, and the most memory beyond that of the program
with its imports.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from tests.soak.logs import record, scalar

GOAL_SECONDS, GOAL_MEGABYTES = 3.0, 200.0
_CHILD = """
import resource, sys, time
from pathlib import Path
from lrstudio.store.logs.read import read_log
from lrstudio.store.logs import read
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = peak(), time.process_time()
log = read_log([Path(sys.argv[1])])
took = time.process_time() - began
print(took, peak() - before, sum(len(series.values) for run in log.runs for series in run.series))
"""


def losses(rows: int) -> Iterator[tuple[int, float, float]]:
    """Yields steps with a rate and a loss of many digits."""
    noise = 0.5
    for step in range(rows):
        noise = (noise * 3.99) * (1 - noise)
        yield step, 1e-3 * (1 - step / rows), 2.0 / (1 + step / 1e4) + 0.1 * noise


def text(line: Callable[[int, float, float], str], head: str = "") -> Callable[[Path, int], None]:
    """Returns a function that writes a file of lines."""

    def write(path: Path, rows: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write(head)
            file.writelines(line(*row) + "\n" for row in losses(rows))

    return write


def events(tensor: bool) -> Callable[[Path, int], None]:
    """Returns a function that writes an event file with two records a step, as TensorBoard's writers do."""

    def write(path: Path, rows: int) -> None:
        with path.open("wb") as file:
            for step, lr, loss in losses(rows):
                file.write(event(step, "train/loss", loss, tensor) + event(step, "train/lr", lr, tensor))

    return write


def event(step: int, tag: str, value: float, tensor: bool) -> bytes:
    return record(scalar(step, tag, value, tensor=tensor))


def stored(
    make: str, insert: str, values: Callable[[int, float, float], Iterable[tuple[object, ...]]]
) -> Callable[[Path, int], None]:
    def write(path: Path, rows: int) -> None:
        with closing(sqlite3.connect(path)) as store:
            store.execute(make)
            store.executemany(insert, (each for row in losses(rows) for each in values(*row)))
            store.commit()

    return write


FORMATS: dict[str, Callable[[Path, int], None]] = {
    "table (CSV)": text(lambda step, lr, loss: f"{step},{lr!r},{loss!r}", "step,lr,loss\n"),
    "table (TSV)": text(lambda step, lr, loss: f"{step}\t{lr!r}\t{loss!r}", "step\tlr\tloss\n"),
    "quoted table (CSV)": text(lambda step, lr, loss: f'"{step}","{lr!r}","{loss!r}"', '"step","lr","loss"\n'),
    "table with gaps (CSV)": text(
        lambda step, lr, loss: f"{step},{lr!r},{loss!r}," + ("" if step % 50 else "0.5"), "step,lr,loss,val_loss\n"
    ),
    "long table (CSV)": text(
        lambda step, lr, loss: f"a,loss,{step},{loss!r}\na,lr,{step},{lr!r}", "run,key,step,value\n"
    ),
    "MLflow's lines": text(lambda step, lr, loss: f"{1_700_000_000_000 + step} {loss!r} {step}"),
    "JSON lines": text(lambda step, lr, loss: json.dumps({"step": step, "lr": lr, "loss": loss})),
    "JSON lines, nested": text(
        lambda step, lr, loss: json.dumps({"step": step, "mode": "train", "train": {"loss": loss, "lr": [lr]}})
    ),
    "JSON lines, mixed": text(
        lambda step, lr, loss: json.dumps({"step": step} | ({"lr": lr, "loss": loss} if step % 50 else {"a": loss}))
    ),
    "printed step … loss …": text(lambda step, lr, loss: f"step {step} | loss {loss:.6f} | lr {lr:.6e}"),
    "printed dictionaries": text(
        lambda step, lr, loss: str(
            {"loss": f"{loss:.4g}", "grad_norm": "1.234", "learning_rate": f"{lr:.4g}", "epoch": f"{step / 1e4:.4g}"}
        )
    ),
    "printed epochs of batches": text(
        lambda step, lr, loss: f"Epoch: [{step // 1000}][{step % 1000:4d}/1000]\tTime 0.3\tLoss {loss:.4e} (7.0e+00)"
    ),
    "printed with other lines": text(
        lambda step, lr, loss: f"2026-01-01 12:00:00,123 INFO train: step={step} lr={lr:.3e} loss={loss:.5f}"
        + ("" if step % 20 else "\nsaved the weights")
    ),
    "events of simple values": events(tensor=False),
    "events of tensors": events(tensor=True),
    "MLflow's store": stored(
        "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp INT, run_uuid TEXT, step INT, is_nan INT)",
        "INSERT INTO metrics VALUES (?, ?, ?, 'u', ?, 0)",
        lambda step, lr, loss: [(name, each, 1_700_000_000_000, step) for name, each in (("loss", loss), ("lr", lr))],
    ),
    "Trackio's store": stored(
        "CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)",
        "INSERT INTO metrics VALUES (NULL, '2026-01-01T00:00:00', 'a', ?, ?)",
        lambda step, lr, loss: [(step, json.dumps({"loss": loss, "lr": lr}))],
    ),
}  # fmt: skip


def measured(path: Path) -> tuple[float, float, int]:
    """Returns CPU seconds, MB beyond the program's, and the number of values that were read."""
    done = subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True)
    seconds, megabytes, values = done.stdout.split()
    return float(seconds), float(megabytes), int(values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="formats whose name has this")
    args = parser.parse_args()
    print(f"{f'a log of {args.rows:,} steps':28} {'CPU s':>6} {'MB':>5}  values")
    for name, write in FORMATS.items():
        if args.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log"
            write(path, args.rows)
            seconds, megabytes, values = measured(path)
        late = seconds > GOAL_SECONDS or megabytes > GOAL_MEGABYTES
        print(f"{name:28} {seconds:6.2f} {megabytes:5.0f}  {values:,}{'  above the goal' if late else ''}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
