"""Damaged and forged session files: what reading them raises, how long it takes, whether an array changes unnoticed.

python -m tests.soak.sessions --count 100000 --seed 1

Fails unless every file is read as it is or refused with SessionError, within CPU_SECONDS and MOST_BYTES more memory.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from lrstudio.core.dataset import Dataset
from lrstudio.core.optimizers import OPTIMIZERS, Adam
from lrstudio.core.problems import PROBLEMS, OwnData, Parabola
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.archive import checksum
from lrstudio.store.fields import SessionError
from lrstudio.store.logs.model import LeftOut, Log, Question, Series
from lrstudio.store.logs.model import Run as LoggedRun
from lrstudio.store.saved_logs import SavedLog, saved_log
from lrstudio.store.session import Session, from_bytes, to_bytes

CPU_SECONDS = 0.25
MOST_BYTES = 200_000_000
MOST_FORGED = 2_000_000
"""Characters of a list that is repeated."""
Entries = dict[str, bytes]
Forger = Callable[[random.Random, Entries], bytes]


@cache
def originals() -> tuple[bytes, ...]:
    """Small sessions with most kinds of entries: states, a data set, mini-batches, changes of the rate, logs."""
    x = np.linspace(0, 1, 20)
    data = OwnData(dataset=Dataset("points", ("x", "y"), (x, x * x)))
    experiments = (
        Experiment(problem=Parabola(), runs=(Run(lr=0.1, optimizer=Adam()), Run(lr=0.3)), steps=10),
        Experiment(problem=data, runs=(Run(lr=0.1), Run(lr=0.2, optimizer=Adam())), steps=9, batch_size=4),
    )
    found = []
    for experiment, logs in zip(experiments, ((), training_logs()), strict=True):
        simulation = Simulation(experiment)
        simulation.advance(3)
        simulation.amend(experiment.with_run(0, lr=0.05))
        simulation.advance(2)
        found.append(bytes(to_bytes(Session.of(simulation, {"order": [1, 0]}, {}, logs))))
    return tuple(found)


def training_logs() -> tuple[SavedLog, ...]:
    """A log of two runs with a question and a note, and another one."""
    at = np.arange(6.0)
    series = (Series("lr", "rate", "train", at, 0.1 / (1 + at)), Series("loss", "loss", "train", at, 1 / (1 + at)))
    val = Series("val_loss", "loss", "validation", at[::2], np.array([1, np.nan, np.inf]))
    runs = (LoggedRun("a", "step", (*series, val)), LoggedRun("b", "step", series))
    question = Question("restarts", "One run?", (("one", "yes"), ("two", "no")), "two")
    first = Log("a.csv", runs, "Keras", (question,), ("a note",), (LeftOut("x", "has no value"),))
    return saved_log(["/a/a.csv"], first), saved_log(["b.csv"], Log("b.csv", runs[1:]))


def files(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Kinds of damage and files."""
    chance = random.Random(seed)
    for _ in range(count):
        original = chance.choice(originals())
        kind, forge = chance.choice(KINDS)
        with zipfile.ZipFile(io.BytesIO(original)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        yield kind, forge(chance, entries) if forge is not None else damaged(chance, original)


def damaged(chance: random.Random, data: bytes) -> bytes:
    """A file with other bytes, cut or spliced, mostly with the checksum of the original."""
    raw = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        at = chance.randrange(len(raw) + 1)
        size = chance.choice((1, 1, 4, 64, 512))
        match chance.randrange(6):
            case 0:
                raw[at : at + size] = chance.randbytes(min(size, len(raw) - at))
            case 1:
                del raw[at : at + size]
            case 2:
                raw[at:at] = chance.randbytes(size)
            case 3:
                raw[at : at + size] = bytes(len(raw[at : at + size]))
            case 4:
                other = chance.randrange(len(raw) + 1)
                raw[at:at] = raw[other : other + size]
            case _ if at < len(raw):
                raw[at] ^= 1 << chance.randrange(8)
            case _:
                del raw[at:]
        if len(raw) < 70:
            break
    return signed(bytes(raw)) if chance.random() < 0.5 else bytes(raw)


def signed(raw: bytes) -> bytes:
    return raw[:-64] + checksum(memoryview(raw)) if len(raw) > 64 else raw


def zipped(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A signed archive of the entries, which may be compressed or have the same names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
        archive.comment = b"0" * 64
    return signed(buffer.getvalue())


def other_entries(chance: random.Random, entries: Entries) -> bytes:
    """Entries that are missing, renamed, exchanged, doubled or compressed."""
    pairs = list(entries.items())
    at, to = chance.randrange(len(pairs)), chance.randrange(len(pairs))
    match chance.randrange(6):
        case 0:
            del pairs[at]
        case 1:
            names = ("state-0-m.npy", "../x.npy", "loss.npy", "data-9.npy", "a" * 70, "state-9999-v.npy", "ends.npy")
            name = chance.choice(names)
            pairs[at] = name, pairs[at][1]
        case 2:
            pairs[at], pairs[to] = (pairs[at][0], pairs[to][1]), (pairs[to][0], pairs[at][1])
        case 3:
            pairs += [
                ("x" if chance.random() < 0.5 else f"state-{n}-q.npy", b"") for n in range(chance.choice((1, 90)))
            ]
        case 4:
            chance.shuffle(pairs)
        case _:
            return zipped(pairs, chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)))
    return zipped(pairs)


def other_manifest(chance: random.Random, entries: Entries) -> bytes:
    """A manifest in which one value, sometimes more, is another one."""
    manifest = json.loads(entries["manifest.json"])
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.choice(list(_places(manifest)))
        parent = manifest
        for name in place[:-1]:
            parent = parent[name]
        value = parent[place[-1]]
        match chance.randrange(4):
            case 0:
                parent[place[-1]] = _hostile(chance)
            case 1 if isinstance(value, (int, float)) and not isinstance(value, bool):
                factor = chance.choice((-1, 0, 2, 10, 1e3, 1e9, 1e300, 10**18))
                parent[place[-1]] = value * factor + chance.choice((0, 1))
            case 2 if isinstance(value, list):
                times = chance.choice((0, 2, 70, 5000))
                parent[place[-1]] = value * (times if times * len(json.dumps(value)) < MOST_FORGED else 2)
                manifest = json.loads(json.dumps(manifest))  # no item is there twice
            case 2 if isinstance(value, dict) and "key" in value:
                kind = chance.choice((*PROBLEMS, *OPTIMIZERS, *SCHEDULES))
                parent[place[-1]] = {"key": kind.key, "values": _values(chance, kind)}
            case 2 if isinstance(value, dict):
                value[chance.choice(("key", "values", "n", "zz", "steps", ""))] = _hostile(chance)
            case _:
                del parent[place[-1]]
        if not isinstance(manifest, dict) or not manifest:
            break
    text = json.dumps(manifest, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    if chance.random() < 0.2:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice((b"", b"1e999", b"NaN", b"\xff", b"[" * 5000, b"9" * 5000)) + text[at + 1 :]
    return zipped(
        [*((name, content) for name, content in entries.items() if name != "manifest.json"), ("manifest.json", text)]
    )


def _values(chance: random.Random, kind: Any) -> dict[str, Any]:
    """Values of a catalogue entry at their bounds and beyond."""
    found = {}
    for parameter in kind.parameters():
        bounds = [getattr(parameter, name, None) for name in ("low", "high", "default")]
        found[parameter.name] = chance.choice([*bounds, _hostile(chance)])
    return {name: value for name, value in found.items() if chance.random() < 0.7 and _is_json(value)}


def _is_json(value: Any) -> bool:
    return isinstance(value, (type(None), bool, int, float, str, list, dict))


def _hostile(chance: random.Random) -> Any:
    return chance.choice(
        (None, True, 0, -1, 1, 2**31, 2**63, 10**18, 1e308, -1e308, 5e-324, 0.5, "", "x" * 300, "\0", "\u202e<b>",
         [], [[]] * 50, [0] * 3000, {}, {"key": "sgd"}, {"mode": "forward", "eps": 1e-300}, "9**9**9", "sin(" * 40,
         "w = " + "w*" * 400 + "w", "a" * 5000, [1e9], [-1, 1])
    )  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in items:
        yield (*path, name)
        yield from _places(below, (*path, name))


def other_arrays(chance: random.Random, entries: Entries) -> bytes:
    """Arrays with other headers, sizes or values, and at times the shape in the manifest that belongs to them."""
    name = chance.choice([name for name in entries if name.endswith(".npy")])
    content = bytearray(entries[name])
    manifest = json.loads(entries["manifest.json"])
    header, values = content[:128], content[128:]
    match chance.randrange(5):
        case 0:
            at = chance.randrange(len(header))
            header[at] = chance.randrange(256)
        case 1:
            numbers = np.frombuffer(values, "<f8").copy()
            if len(numbers):
                extremes = (np.nan, np.inf, -np.inf, 1e308, 5e-324, -0.0)
                numbers[chance.randrange(len(numbers))] = chance.choice(extremes)
            values = bytearray(numbers.tobytes())
        case 2:
            values = values[: chance.randrange(len(values) + 1)]
        case 3:
            values += bytes(chance.choice((1, 8, 4096)))
        case _:
            shape = tuple(chance.choice((0, 1, 2, 5, 2**20, 10**11)) for _ in range(chance.choice((0, 1, 2, 3))))
            text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
            header = bytearray(b"\x93NUMPY\x01\x00v\x00" + text.ljust(117) + b"\n")
            manifest["arrays"][name]["shape"] = list(shape)
    changed = entries | {name: bytes(header + values), "manifest.json": json.dumps(manifest).encode()}
    return zipped(list(changed.items()))


KINDS: tuple[tuple[str, Forger | None], ...] = (
    ("bytes", None),
    ("entries", other_entries),
    ("manifest", other_manifest),
    ("manifest", other_manifest),
    ("arrays", other_arrays),
)


@dataclass
class Findings:
    """What became of the files; `wrong` are descriptions of what should not be."""

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)
    bytes: int = 0
    """By how much the greatest memory of the process has grown."""


def soak(seed: int, count: int) -> Findings:
    """Reads so many files."""
    found = Findings()
    for original in originals():
        from_bytes(original)
    before = greatest_memory()
    for number, (kind, data) in enumerate(files(seed, count)):
        seconds, session, error = offered(data)
        if seconds > CPU_SECONDS / 2:  # another thread or a first compilation: what it takes always counts
            seconds = min(seconds, offered(data)[0])
        what = f"file {number} ({kind}, sha256 {hashlib.sha256(data).hexdigest()[:12]})"
        if seconds > found.slowest.get(kind, (0.0, ""))[0]:
            found.slowest[kind] = seconds, f"{what}: {error or 'read'}"
        if seconds > CPU_SECONDS:
            found.wrong.append(f"{what} took {seconds:.3f} s: {str(error)[:200]}")
        if error is None:
            found.read[kind] += 1
            found.wrong += [f"{what}: {name} was read as other numbers" for name in changed(data, session)]
        elif isinstance(error, SessionError) and len(str(error).splitlines()) == 1:
            found.refused[kind] += 1
        else:
            found.wrong.append(f"{what} raised {type(error).__name__}: {str(error)[:200]}")
    found.bytes = greatest_memory() - before
    if found.bytes > MOST_BYTES:
        found.wrong.append(f"the files took {found.bytes / 1e6:.0f} MB")
    return found


def offered(data: bytes) -> tuple[float, Session | None, BaseException | None]:
    """The CPU seconds that a file takes, and what comes of it."""
    begin = time.process_time()
    try:
        session = from_bytes(data)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is looked at
        return time.process_time() - begin, None, error
    return time.process_time() - begin, session, None


def changed(data: bytes, session: Session | None) -> Iterator[str]:
    """The arrays of a session that are not those that NumPy reads from its file."""
    assert session is not None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        stored = {
            name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            for name in archive.namelist()
            if name.endswith(".npy")
        }
    read = {name: session.trace.read(name) for name in session.trace.columns}
    read["ends"] = session.trace.ends
    dataset = session.experiment.problem.dataset
    read |= {} if dataset is None else {f"data-{index}": column for index, column in enumerate(dataset.columns)}
    read |= {"logs": np.concatenate([part for log in session.logs for part in log.numbers])} if session.logs else {}
    for group, state in enumerate(session.states):
        read |= {f"state-{group}-{name}": values for name, values in state.items()}
    for name, values in read.items():
        if np.ascontiguousarray(values).tobytes() != stored[name].tobytes():
            yield name


def greatest_memory() -> int:
    """The greatest resident memory of this process so far, in bytes; 0 where it is not known."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.sessions", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = soak(options.seed, options.count)
    print(f"{options.count:,} files, seed {options.seed}; memory grew by {found.bytes / 1e6:.0f} MB")
    for kind, (seconds, what) in found.slowest.items():
        print(f"{kind}: {found.read[kind]:,} read, {found.refused[kind]:,} refused")
        print(f"  slowest {1000 * seconds:.0f} ms, {what[:200]}")
    print(f"wrong: {len(found.wrong)}")
    for line in found.wrong[:20]:
        print(f"  {line}")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
