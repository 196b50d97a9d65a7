"""The session file (*.lrs): an experiment, its trace and what the window remembers, in one file that is replaced whole.

A ZIP of stored entries: one .npy per column, and `manifest.json` with the experiment and each array's shape and sha256.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import RateChange, Trace
from lrstudio.store.archive import MAX_BYTES, SIGNATURE, TAIL, ArchiveWriter, check_outline, unpack
from lrstudio.store.atomic import Progress, StrPath, part, writing
from lrstudio.store.codec import encode
from lrstudio.store.columns import ENTRY, Column, Rows, check_fit, check_rate_changes, columns, read_states, read_trace
from lrstudio.store.datasets import data_columns
from lrstudio.store.fields import Json, SessionError, at, dumps, restore
from lrstudio.store.manifest import FORMAT, MANIFEST, VERSION, read_manifest

_WRITE = 2**23


@dataclass(eq=False)
class Session:
    """What a session file holds. Made by the thread that owns the simulation, which may go on afterwards.

    `rows` are those that the trace has by then; only they belong to the session. `states` are the optimizers' at the
    last of them. `view` is the window's own, plain JSON. `unknown` are the fields of a later version, written back as
    they were. `notes` say, a line each, what there was to tell about reading it.
    """

    experiment: Experiment
    trace: Trace
    states: list[dict[str, Array]]
    view: dict[str, Json] = field(default_factory=dict)
    unknown: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rows: Rows = field(init=False, repr=False)
    rate_changes: tuple[RateChange, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.rows = Rows.of(self.trace)
        self.rate_changes = self.trace.rate_changes

    @classmethod
    def of(
        cls, simulation: Simulation, view: dict[str, Json] | None = None, unknown: dict[str, Json] | None = None
    ) -> Self:
        """The session of a simulation as it stands."""
        return cls(simulation.experiment, simulation.trace, simulation.states(), view or {}, unknown or {})

    def simulation(self) -> Simulation:
        """The simulation, to go on bit for bit as if it had never stopped; from now on it appends to the trace."""
        if self.trace.length != self.rows.length:
            raise ValueError("the trace has gone on since the session was made")
        return Simulation(self.experiment, self.trace, self.states)


def save(path: StrPath, session: Session, progress: Progress | None = None) -> None:
    """Replace the file by this session; SessionError or OSError, or whatever `progress` raises, leaves the old one.

    The file is made in memory and read back before the disk is touched.
    """
    with at(_name(path)):
        data = to_bytes(session, part(progress, 0, 0.4))
        again = _read(data, part(progress, 0.4, 0.7))
        if encode(again.experiment) != encode(session.experiment):
            raise SessionError("the experiment would not read back as it is")
    report = part(progress, 0.7, 1)
    with writing(path) as write:
        for start in range(0, len(data), _WRITE):
            report(start / len(data))
            write(data[start : start + _WRITE])
        report(1)


def load(path: StrPath) -> Session:
    """The session in a file; SessionError says what is wrong with it, OSError why it cannot be opened."""
    with at(_name(path)):
        return from_bytes(_content(Path(path)))


def to_bytes(session: Session, progress: Progress | None = None) -> memoryview:
    """The file's bytes; equal sessions give equal bytes."""
    arrays: dict[str, Json] = {}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "experiment": encode(session.experiment),
        "view": session.view,
        "arrays": arrays,
    }
    if session.rate_changes:  # files without them are those of before they were noted
        document["rate_changes"] = [astuple(change) for change in session.rate_changes]
    found = columns(session.rows, session.states) | data_columns(session.experiment.problem)
    total = sum(column.size for column in found.values())
    if total > 0.99 * MAX_BYTES:
        raise SessionError(f"would need {total / 1e9:.1f} GB; a session file has at most {MAX_BYTES / 1e9:.0f}")
    with ArchiveWriter() as archive:
        done = 0
        for name, column in found.items():
            report = part(progress, done / total, (done + column.size) / total)
            digest = archive.add(name, _reported(column, report), column.size)
            arrays[name] = {"shape": list(column.shape), "sha256": digest}
            done += column.size
        restore(document, session.unknown)
        manifest = dumps(document)
        archive.add(MANIFEST, [manifest], len(manifest))
        return archive.finish()


def from_bytes(data: bytes | memoryview) -> Session:
    """The session in a file's bytes; SessionError unless they are exactly what `to_bytes` makes."""
    parts = _read(memoryview(data))
    trace, states = read_trace(parts.experiment, parts.arrays), read_states(parts.experiment, parts.arrays)
    trace.rate_changes = parts.rate_changes
    return Session(parts.experiment, trace, states, parts.view, parts.unknown, parts.notes)


class _Parts(NamedTuple):
    """What a file holds, checked; the arrays are views of its bytes."""

    experiment: Experiment
    arrays: dict[str, Array]
    view: dict[str, Json]
    rate_changes: tuple[RateChange, ...]
    unknown: dict[str, Json]
    notes: list[str]


def _read(data: memoryview, progress: Progress | None = None) -> _Parts:
    entries = unpack(data, ENTRY, progress)
    manifest = read_manifest(entries)
    arrays = manifest.arrays(entries)
    check_fit(manifest.experiment, arrays)
    check_rate_changes(manifest.rate_changes, len(arrays["loss.npy"]), len(manifest.experiment.runs))
    return _Parts(manifest.experiment, arrays, manifest.view, manifest.rate_changes, manifest.unknown, manifest.notes)


def _content(path: Path) -> bytes:
    """The bytes of a file that looks like a session; others are refused before they are read."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise SessionError("is a folder, not a session file")
    if not stat.S_ISREG(found.st_mode):
        raise SessionError("is not a regular file")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(len(SIGNATURE))
        file.seek(max(0, size - TAIL))
        check_outline(size, head, file.read(TAIL))
        file.seek(0)
        return file.read(MAX_BYTES + 1)


def _reported(column: Column, progress: Progress) -> Iterator[Any]:
    done = 0
    for piece in column.pieces():
        progress(done / column.size)
        yield piece
        done += len(piece) if isinstance(piece, bytes) else piece.nbytes


def _name(path: StrPath) -> str:
    """The path in a message of one line."""
    name = os.fspath(path)
    return name if name.isprintable() else repr(name)
