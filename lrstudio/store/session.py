"""The session file (*.lrs): an experiment, its trace and the state of the window, in one file, replaced atomically.

A ZIP of uncompressed entries: one .npy per column, and `manifest.json` with the experiment and the arrays' shapes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import astuple, field
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import RateChange, Trace
from lrstudio.store.archive import MAX_BYTES, SIGNATURE, TAIL, ArchiveWriter, check_outline, fingerprint, unpack
from lrstudio.store.atomic import FileChangedError, Progress, StrPath, Write, writing
from lrstudio.store.codec import encode
from lrstudio.store.columns import ENTRY, Column, Rows, check_fit, check_rate_changes, columns, read_states, read_trace
from lrstudio.store.datasets import data_columns
from lrstudio.store.fields import Json, SessionError, at, dumps, restore
from lrstudio.store.kept_rows import PLAN, trace_length
from lrstudio.store.manifest import (
    FIRST_ARITHMETIC,
    FIRST_VERSION,
    FORMAT,
    KEPT_VERSION,
    LOGS,
    MANIFEST,
    VERSION,
    Manifest,
    read_manifest,
)

if TYPE_CHECKING:
    from lrstudio.store.saved_logs import SavedLog


@dataclass(eq=False)
class Session:
    """The content of a session file. Created in the simulation's thread; the simulation may continue afterwards.

    `rows` are the rows of the trace that belong to the session, `states` the optimizers' states at the last of them.
    `view` is the state of the window, as JSON. `unknown` are fields of a later version, which are written back. `notes`
    are remarks on reading the file, a line each, `fingerprint` the checksum of what was read, `logs` the open training
    logs.
    """

    experiment: Experiment
    trace: Trace
    states: list[dict[str, Array]]
    view: dict[str, Json] = field(default_factory=dict)
    unknown: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fingerprint: str | None = None
    logs: Sequence[SavedLog] = ()
    rows: Rows = field(init=False, repr=False)
    rate_changes: tuple[RateChange, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.rows = Rows.of(self.trace)
        self.rate_changes = self.trace.rate_changes

    @classmethod
    def of(
        cls, simulation: Simulation, view: dict[str, Json] | None = None, unknown: dict[str, Json] | None = None,
        logs: Sequence[SavedLog] = (),
    ) -> Self:  # fmt: skip
        """Returns the session of a simulation in its current state."""
        return cls(simulation.experiment, simulation.trace, simulation.states(), view or {}, unknown or {}, logs=logs)

    def simulation(self) -> Simulation:
        """Returns the simulation, which continues bit for bit and appends to the trace."""
        if self.trace.length != self.rows.length:
            raise ValueError(tr("the trace has gone on since the session was made"))
        return Simulation(self.experiment, self.trace, self.states)


class _Any(Enum):
    ANY = "any"


ANY = _Any.ANY
"""Stands for the fingerprint of whatever file is there when a save begins."""
Expected = str | _Any | None


def save(path: StrPath, session: Session, progress: Progress | None = None, expected: Expected = ANY) -> str:
    """Replaces the file atomically and returns its fingerprint.

    `expected` is the fingerprint of the file that may be replaced, None for no file; FileChangedError if there is
    another one, also if it came while the new one was written. After that, SessionError, OSError or an exception of
    `progress` the old file is intact. What would not read back is refused before anything is written.
    """
    with at(_name(path)):
        entries, manifest = entries_of(session)
        _check(session, entries, manifest)
    if expected is not ANY and Path(path).exists() and not Path(path).is_file():  # as a pipe, which may never be read
        raise FileExistsError(errno.EEXIST, tr("is not a regular file"), str(path))
    begun = _status(path)

    def check() -> None:
        found = _status(path)
        if expected is ANY and found != begun:
            raise FileChangedError(path, fingerprint(path))
        while expected is not ANY:
            content = fingerprint(path)
            if content != expected:
                raise FileChangedError(path, content)
            before, found = found, _status(path)
            if found == before:  # else it was replaced while it was read
                break

    with writing(path, check) as write:
        return write_entries(entries, manifest, write, progress)


def load(path: StrPath) -> Session:
    """Returns the session of a file; SessionError if it is invalid, OSError if it cannot be opened."""
    with at(_name(path)):
        return from_bytes(_content(Path(path)))


def to_bytes(session: Session, progress: Progress | None = None) -> memoryview:
    """Returns the file's bytes; equal sessions give equal bytes."""
    buffer = BytesIO()
    write_entries(*entries_of(session), buffer.write, progress)
    return buffer.getbuffer()


def from_bytes(data: bytes | memoryview) -> Session:
    """Returns the session of a file's bytes; SessionError if `to_bytes` would not produce them."""
    manifest, arrays, logs = _read(memoryview(data))
    trace, states = read_trace(manifest.experiment, arrays), read_states(manifest.experiment, arrays)
    trace.rate_changes, trace.arithmetic = manifest.rate_changes, manifest.arithmetic
    content = bytes(data[-len(hashlib.sha256().hexdigest()) :]).decode()
    return Session(manifest.experiment, trace, states, manifest.view, manifest.unknown, manifest.notes, content, logs)


def entries_of(session: Session) -> tuple[dict[str, Column], bytes]:
    """Returns the arrays and the manifest of a session's file; SessionError if they cannot be written."""
    entries = columns(session.rows, session.states) | data_columns(session.experiment.problem) | log_columns(session)
    total = sum(column.size for column in entries.values())
    if total > 0.99 * MAX_BYTES:
        raise SessionError(
            tr(
                "would need {total:.1f} GB; a session file has at most {most:.0f}",
                total=total / 1e9,
                most=MAX_BYTES / 1e9,
            )
        )
    return entries, manifest_of(session, entries)


def log_columns(session: Session) -> dict[str, Column]:
    """Returns the array of a session's training logs."""
    return {LOGS: Column.of(_encoded(session)[1], "<f8")} if session.logs else {}


def _encoded(session: Session) -> tuple[list[Json], Array]:
    from lrstudio.store.saved_logs import encode_logs  # few sessions have logs: the start does without

    return encode_logs(session.logs)


def manifest_of(session: Session, entries: dict[str, Column]) -> bytes:
    """Returns the manifest of a file with these entries."""
    document = {
        "format": FORMAT,
        "version": VERSION if LOGS in entries else KEPT_VERSION if PLAN in entries else FIRST_VERSION,
        "experiment": encode(session.experiment),
        "view": session.view,
        "arrays": {name: {"shape": list(column.shape)} for name, column in entries.items()},
    }
    if session.rate_changes:  # earlier versions did not record them
        document["rate_changes"] = [astuple(change) for change in session.rate_changes]
    if session.trace.arithmetic != FIRST_ARITHMETIC:
        document["arithmetic"] = session.trace.arithmetic
    if LOGS in entries:
        document["logs"] = _encoded(session)[0]
    restore(document, session.unknown)
    return dumps(document)


def _check(session: Session, entries: dict[str, Column], manifest: bytes) -> None:
    """Raises SessionError if a reader would refuse these entries, or read another experiment from them."""
    for name in entries:
        if ENTRY.fullmatch(name) is None:
            raise SessionError(tr("{name!r} does not belong in a session file", name=name[:60]))
    data = {name: b"".join(column.pieces()) for name, column in data_columns(session.experiment.problem).items()}
    read = read_manifest({name: memoryview(content) for name, content in {MANIFEST: manifest, **data}.items()})
    outlines = {name: column.outline() for name, column in entries.items() if name not in (*data, LOGS)}
    _check_arrays(read, outlines | ({LOGS: _encoded(session)[1]} if LOGS in entries else {}))
    if encode(read.experiment) != encode(session.experiment):
        raise SessionError(tr("the experiment would not read back as it is"))


def write_entries(entries: dict[str, Column], manifest: bytes, write: Write, progress: Progress | None) -> str:
    """Writes the arrays and the manifest as an archive; returns its checksum."""
    total = sum(column.size for column in entries.values()) + len(manifest)
    archive = ArchiveWriter(write, total, progress)
    for name, column in entries.items():
        archive.add(name, list(column.pieces()))
    archive.add(MANIFEST, [manifest])
    return archive.finish()


def _read(data: memoryview) -> tuple[Manifest, dict[str, Array], tuple[SavedLog, ...]]:
    """Returns the validated manifest, the arrays, which are views of the bytes, and the training logs."""
    entries = unpack(data, ENTRY)
    manifest = read_manifest(entries)
    arrays = manifest.arrays(entries)
    return manifest, arrays, _check_arrays(manifest, arrays)


def _check_arrays(manifest: Manifest, arrays: dict[str, Array]) -> tuple[SavedLog, ...]:
    """Returns the training logs of validated arrays."""
    experiment, rest = manifest.experiment, {name: array for name, array in arrays.items() if name != LOGS}
    check_fit(experiment, rest)
    check_rate_changes(manifest.rate_changes, trace_length(rest), len(experiment.runs))
    return logs_of(manifest, arrays)


def logs_of(manifest: Manifest, arrays: Mapping[str, Array]) -> tuple[SavedLog, ...]:
    """Returns the training logs of a manifest and its arrays; SessionError unless it has both or neither."""
    if (manifest.logs is None) != (LOGS not in arrays):
        raise SessionError(tr("{name} and “logs” belong together", name=LOGS))
    if manifest.logs is None:
        return ()
    from lrstudio.store.saved_logs import read_logs

    return read_logs(manifest.logs, np.ravel(arrays[LOGS]).copy())


def _status(path: StrPath) -> tuple[int, ...] | None:
    """Returns what tells a file from another one without reading it; None if there is none."""
    try:
        status = Path(path).stat()
    except OSError:  # writing shows the error
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _content(path: Path) -> bytes:
    """Returns the bytes of a file; SessionError, before it is read, if it does not look like a session."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise SessionError(tr("is a folder, not a session file"))
    if not stat.S_ISREG(status.st_mode):
        raise SessionError(tr("is not a regular file"))
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(len(SIGNATURE))
        file.seek(max(0, size - TAIL))
        check_outline(size, head, file.read(TAIL))
        file.seek(0)
        return file.read(size)


def _name(path: StrPath) -> str:
    """Returns the path for a message of one line."""
    name = os.fspath(path)
    return name if name.isprintable() else repr(name)
