"""Mutated training logs of every kind: python -m tests.soak.logs --count 10000 --seed 0

Each file is read, or refused with the readers' own error in one line, and takes at most 250 ms of CPU; reading one
leaves no other file behind. A failure prints the seed, which `--seed N --count 1` repeats. A test calls `run` with a
smaller count.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import process_time

import numpy as np

from lrstudio.store.csv.format import CsvError
from lrstudio.store.logs.events.records import checksum
from lrstudio.store.logs.read import read_log

MOST_SECONDS = 0.250
_ROWS = 12


def table() -> bytes:
    lines = [f"{row % 6},{row // 6},{1e-3 * 1.1**row},{2.3 - row / 50},NA,[0.5]" for row in range(_ROWS)]
    return ("step,epoch,lr,loss,val_loss,acc\n" + "\n".join(lines) + "\n").encode()


def long_table() -> bytes:
    rows = [f"a,{'lr' if row % 2 else 'loss'},{row // 2},{2.3 - row / 50},1.7e9" for row in range(_ROWS)]
    return ("run,key,step,value,timestamp\n" + "\n".join(rows) + "\n").encode()


def document() -> bytes:
    rows = [{"step": row, "loss": 2.3 - row / 50, "learning_rate": 1e-3, "a": {"b": [1, 2]}} for row in range(_ROWS)]
    return json.dumps({"log_history": rows, "best": None}).encode()


def columns() -> bytes:
    return json.dumps({"lr": [10.0 ** (row / 4 - 5) for row in range(_ROWS)], "loss": [2.5] * _ROWS}).encode()


def json_lines() -> bytes:
    rows = [{"epoch": 1, "iter": row, "step": row, "loss": 2.0, "lr": "1e-3", "data_time": 0.1} for row in range(_ROWS)]
    return "\n".join(map(json.dumps, rows)).encode()


def printed() -> bytes:
    lines = [f"Epoch [1][{row}/90] - loss: {2.3 - row / 50} | lr 1.0e-03, acc = 0.{row}" for row in range(_ROWS)]
    return ("start\n" + "\n".join(lines)).encode()


def printed_table() -> bytes:
    rows = [f"{row:>7}  {2.3 - row / 50:>12.4f}  {0.1 * 0.9**row:>6.4f}  00:0{row % 10}" for row in range(_ROWS)]
    return "\n".join(
        ["start", "  epoch    train_loss      lr   time", "-------  ------------  ------  -----", *rows]
    ).encode()


def boxes() -> bytes:
    box = "-----\n| time/  |   |\n|    iterations | {} |\n| train/ |   |\n|    loss | {} |\n|    lr  | 1e-3 |\n-----\n"
    return "lr reduced to 1e-3\n".join(box.format(row, 2.3 - row / 50) for row in range(_ROWS)).encode()


def record(event: bytes) -> bytes:
    """Returns an event as a record of an event file."""
    length = struct.pack("<Q", len(event))
    return length + struct.pack("<I", checksum(length)) + event + struct.pack("<I", checksum(event))


def field(number: int, kind: int, content: bytes) -> bytes:
    """Returns a field of a protocol buffer, whose number and content are short."""
    return bytes([number << 3 | kind]) + (bytes([len(content)]) if kind == 2 else b"") + content


def scalar(step: int, tag: str, value: float, tensor: bool = False) -> bytes:
    """Returns an event with a simple value or a tensor of one number."""
    number = struct.pack("<f", value)
    held = field(8, 2, field(1, 0, b"\x01") + field(4, 2, number)) if tensor else field(2, 5, number)
    content = field(1, 2, tag.encode()) + held
    return field(1, 1, struct.pack("<d", 1.7e9)) + field(2, 0, varint(step)) + field(5, 2, field(1, 2, content))


def varint(number: int) -> bytes:
    """Returns a number in groups of seven bits, the lowest first."""
    groups = [number >> shift & 127 for shift in range(0, max(1, number.bit_length()), 7)]
    return bytes([*(group | 128 for group in groups[:-1]), groups[-1]])


def events() -> bytes:
    steps = range(_ROWS)
    return record(field(1, 1, bytes(8)) + field(3, 2, b"brain.Event:2")) + b"".join(
        record(scalar(step, "loss", 2.0)) + record(scalar(step, "lr", 0.1, tensor=True)) for step in steps
    )


def visualdl() -> bytes:
    """Returns a log of VisualDL: values with their step, tag, time and number."""
    parts = [field(2, 2, b"meta_data_tag") + field(10, 2, b"")]
    for step in range(_ROWS):
        for tag, number in ((b"loss", 2.3 - step / 50), (b"lr", 0.1)):
            value = field(1, 0, varint(step)) + field(2, 2, tag) + field(3, 0, varint(1_700_000_000_000))
            parts.append(value + field(4, 5, struct.pack("<f", number)))
    records = [field(1, 2, part) for part in parts]
    return b"".join(struct.pack("<Q", len(each)) + each for each in records)


def store(trackio: bool = False) -> bytes:
    """Returns a store of MLflow or Trackio, made by SQLite in memory."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("PRAGMA page_size=512")
        if trackio:
            made.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, "
                         "metrics TEXT)")  # fmt: skip
            for step in range(_ROWS):
                made.execute("INSERT INTO metrics VALUES (NULL, '2026-01-01T00:00:00', 'a', ?, ?)",
                             (step, json.dumps({"loss": 2.0, "lr": 0.1})))  # fmt: skip
        else:
            made.execute(
                "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp INT, run_uuid TEXT, step INT, is_nan INT)"
            )
            made.execute("CREATE TABLE runs (run_uuid TEXT, name TEXT)")
            made.execute("INSERT INTO runs VALUES ('u', 'first')")
            for step in range(_ROWS):
                made.execute(
                    "INSERT INTO metrics VALUES ('loss', 2.0, 1, 'u', ?, 0), ('lr', 0.1, 1, 'u', ?, 0)", (step, step)
                )
        made.commit()
        return made.serialize()


KINDS: dict[str, Callable[[], bytes]] = {
    "table": table,
    "long table": long_table,
    "document": document,
    "columns": columns,
    "json lines": json_lines,
    "printed": printed,
    "printed table": printed_table,
    "boxes": boxes,
    "events": events,
    "visualdl": visualdl,
    "mlflow": store,
    "trackio": lambda: store(trackio=True),
}
_TOKENS = (
    *(b'"', b"\n", b"\r", b",", b";", b"\x00", b"#", b" ", b"[", b"]", b"{", b"}", b":", b"'", b"\xff", b"\x1b[31m"),
    *(b"nan", b"1e999", b"-inf", b"1e31", b"null", b"true", b"tensor(2)", b"step", b"lr", b"loss", b"1.500", b"\t"),
)


def mutated(content: bytes, choose: random.Random) -> bytes:
    """Returns a content with some bytes changed, left out, put in or repeated."""
    changed = bytearray(content)
    for _ in range(choose.choice((1, 1, 2, 3, 8))):
        at = choose.randrange(len(changed) + 1)
        change = choose.randrange(7)
        if change == 0:
            changed[at:at] = choose.randbytes(choose.randrange(1, 5))
        elif change == 1:
            del changed[at : at + choose.randrange(1, 60)]
        elif change == 2:
            changed[at : at + choose.randrange(3)] = choose.choice(_TOKENS)
        elif change == 3:
            changed[at:at] = changed[at : at + choose.randrange(1, 300)] * choose.choice((1, 2, 30))
        elif change == 4:
            del changed[at:]
        elif change == 5:
            piece = choose.choice((changed[at : at + choose.randrange(1, 6)], choose.choice(_TOKENS))) or b" "
            changed[at:at] = piece * (choose.choice((100, 3000, 60_000)) // len(piece))
        elif at < len(changed):
            changed[at] ^= 1 << choose.randrange(8)
    return bytes(changed)


def resealed(content: bytes, choose: random.Random) -> bytes:
    """Returns records of mutated events whose checksums are right, so that the damage is within them."""
    place, parts = 0, []
    while place + 16 <= len(content):
        length = struct.unpack_from("<Q", content, place)[0]
        event = content[place + 12 : place + 12 + length]
        parts.append(record(mutated(event, choose) if choose.random() < 0.3 else event))
        place += 16 + length
    return b"".join(parts)


def attempt(path: Path) -> tuple[bool, str]:
    """Reads a file; returns whether it was one, and what is wrong with how it was read or refused."""
    began = process_time()
    good, wrong = False, ""
    try:
        log = read_log([path])
        good = True
        for run in log.runs:
            for series in run.series:
                if len(series.at) != len(series.values) or not len(series.at) or (np.diff(series.at) < 0).any():
                    wrong = f"{series.name}: its counts fall, or are not as many as its values"
    except CsvError as error:
        if not str(error) or "\n" in str(error):
            wrong = f"the error is not one line: {str(error)!r}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
        wrong = f"{type(error).__name__}: {error}"
    took = process_time() - began
    return good, wrong or (f"took {1000 * took:.0f} ms" if took > MOST_SECONDS else "")


def run(kind: str, count: int, seed: int, folder: Path) -> tuple[int, list[str]]:
    """Reads so many mutations of a kind of log; returns how many were logs still, and the failures."""
    content, path, good, failures = KINDS[kind](), folder / "log", 0, list[str]()
    for number in range(seed, seed + count):
        choose = random.Random(number)
        changed = resealed(content, choose) if kind == "events" and number % 2 else mutated(content, choose)
        path.write_bytes(changed)
        was_good, wrong = attempt(path)
        good += was_good
        if wrong:
            failures.append(f"{kind}, seed {number}: {wrong}")
    if sorted(folder.iterdir()) != [path]:
        failures.append(f"{kind}: other files were made")
    return good, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="mutations of each kind")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    warnings.simplefilter("error")
    failures = list[str]()
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            good, own = run(kind, args.count, args.seed, Path(folder))
        failures += own
        print(f"{kind}: {args.count} files, {good} of them read, {len(own)} failures")
    print(*failures[:50], sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
