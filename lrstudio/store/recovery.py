"""Recovery points: what a crash would lose of a session, small enough to be written after every change.

A point (`ID.point`) holds the experiment, the state of the window and how many steps there are; training is
deterministic, so the trace is computed again from the last base (`ID-NUMBER.base`), a session file that is written
seldom if it is large, or from the start. Training logs are in a base of their own. Digests of the last row and of the
optimizers' states prove that the numbers are the same.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import RateChange
from lrstudio.store.archive import unpack
from lrstudio.store.atomic import Progress, StrPath, writing
from lrstudio.store.columns import ENTRY, columns
from lrstudio.store.datasets import data_columns
from lrstudio.store.fields import Fields, Json, SessionError, at
from lrstudio.store.manifest import read_manifest
from lrstudio.store.session import Session, entries_of, load, log_columns, logs_of, manifest_of, write_entries

if TYPE_CHECKING:
    from lrstudio.store.saved_logs import SavedLog

SUFFIX, BASE_SUFFIX = ".point", ".base"
_FORMAT = "lrstudio recovery"
Stop = Callable[[float], bool]
"""Takes the fraction done, 0 to 1, and returns whether the steps made since are to be counted; may raise to cancel."""


@dataclass(frozen=True)
class RecoveryPoint:
    """What is known of a session. `steps` are those of its trace, `ends` those among them at which the experiment ended
    before it was extended, `digest` tells the last row.

    `path` is the session's file and `fingerprint` its content, None without a file. `base` is the name of the session
    file from which the trace goes on; None if the trace begins anew. `logs` is that of the file with the training logs;
    None without any. `saved` is the time in seconds since 1970.
    """

    experiment: Experiment
    view: dict[str, Json]
    unknown: dict[str, Json]
    rate_changes: tuple[RateChange, ...]
    arithmetic: int
    steps: int
    ends: tuple[int, ...]
    digest: str
    path: Path | None
    fingerprint: str | None
    base: str | None
    logs: str | None
    saved: float

    @property
    def title(self) -> str:
        """Name of the file, without one the title of the problem."""
        return self.experiment.problem.title if self.path is None else self.path.stem


def write_point(
    target: StrPath, session: Session, ends: Sequence[int], path: Path | None, fingerprint: str | None,
    base: str | None, logs: str | None = None,
) -> None:  # fmt: skip
    """Replaces a recovery point atomically. `session` may go on meanwhile; its `states` must not change."""
    recovery = {
        "format": _FORMAT,
        "steps": session.rows.length - 1,
        "ends": list(ends),
        "digest": digest(session),
        "path": None if path is None else str(path),
        "fingerprint": fingerprint,
        "base": base,
        "saved": time.time(),
        "view": session.view,
        "unknown": session.unknown,
    } | ({} if logs is None else {"logs": logs})
    entries = data_columns(session.experiment.problem)
    point = Session(session.experiment, session.trace, [], {"recovery": recovery})
    point.rate_changes = session.rate_changes
    with writing(target) as write:
        write_entries(entries, manifest_of(point, entries), write, None)


def write_base(target: StrPath, session: Session, progress: Progress) -> None:
    """Writes the session file from which a trace may go on; see write_point."""
    entries, manifest = entries_of(session)
    with writing(target) as write:
        write_entries(entries, manifest, write, progress)


def write_logs(target: StrPath, session: Session) -> None:
    """Writes the training logs of a session; see write_point."""
    logs = Session(session.experiment, session.trace, [], logs=session.logs)
    entries = data_columns(session.experiment.problem) | log_columns(logs)
    with writing(target) as write:
        write_entries(entries, manifest_of(logs, entries), write, None)


def read_logs(folder: Path, point: RecoveryPoint) -> Sequence[SavedLog]:
    """Returns the training logs of a point; SessionError or OSError if they cannot be read."""
    if point.logs is None:
        return ()
    with at(point.logs):
        entries = unpack(memoryview((folder / Path(point.logs).name).read_bytes()), ENTRY)
        manifest = read_manifest(entries)
        return logs_of(manifest, manifest.arrays(entries))


def read_point(source: StrPath) -> RecoveryPoint:
    """Returns a recovery point; SessionError or OSError if it cannot be read."""
    with at(str(source)):
        manifest = read_manifest(unpack(memoryview(Path(source).read_bytes()), ENTRY))
        fields = Fields(manifest.view.get("recovery"), "recovery")
        if fields.text("format") != _FORMAT:
            raise SessionError(tr("format: must be {format!r}", format=_FORMAT))
        path, fingerprint, base = (
            None if fields.take_null(name) else fields.text(name) for name in ("path", "fingerprint", "base")
        )
        return RecoveryPoint(
            manifest.experiment,
            fields.take("view"),
            fields.take("unknown"),
            manifest.rate_changes,
            manifest.arithmetic,
            fields.integer("steps", 0),
            tuple(int(end) for end in fields.numbers("ends")),
            fields.text("digest"),
            None if path is None else Path(path),
            fingerprint,
            base,
            fields.text("logs") if "logs" in fields else None,
            fields.number("saved"),
        )


def session_bytes(session: Session) -> int:
    """Returns the size of the arrays of a session's file."""
    return sum(column.size for column in columns(session.rows, session.states).values())


def digest(session: Session) -> str:
    """Returns a digest of the last row of a trace and of the optimizers' states at it."""
    rows, result = session.rows, hashlib.sha256()
    last = [rows.last[name] for name in session.trace.columns]
    states = [state[name] for state in session.states for name in sorted(state)]
    for values in (np.array(rows.length), rows.ends, *last, *states):
        same_nan = np.where(np.isnan(values), np.nan, values)  # the bits of NaN depend on how the run ended
        result.update(np.ascontiguousarray(same_nan).data)
    return result.hexdigest()


def read_base(folder: Path, point: RecoveryPoint) -> Session | None:
    """Returns the session from which the trace of a point goes on, None if there is none that can be read.

    In place of a lost base serves the session's own file if that is still the same.
    """
    for path in (None if point.base is None else folder / point.base, point.path):
        try:
            session = None if path is None else load(path)
        except (OSError, ValueError):
            continue
        if session is not None and (path != point.path or session.fingerprint == point.fingerprint):
            return session
    return None


def rebuilt(point: RecoveryPoint, base: Session | None, stop: Stop) -> Simulation:
    """Returns the simulation of a point, whose last steps are made again; `stop` is called often."""
    simulation = base.simulation() if base is not None and _leads_to(base, point) else None
    if simulation is None or not simulation.takes(_with_rates(point.experiment, simulation.experiment)):
        simulation = Simulation(_at(point, 0))
    first = simulation.step
    _amend(simulation, _at(point, first))
    later = {change.step for change in point.rate_changes} | set(point.ends) | {point.steps}
    for step in sorted(step for step in later if first <= step <= point.steps):
        if step in point.ends:
            simulation.amend(replace(simulation.experiment, steps=step, horizon=point.experiment.schedule_length))
        while simulation.step < step and not simulation.diverged:
            simulation.advance(step - simulation.step, lambda: stop((simulation.step - first) / (point.steps - first)))
        _amend(simulation, _at(point, step))
    _amend(simulation, point.experiment)
    simulation.trace.rate_changes = point.rate_changes
    return simulation


def is_same(point: RecoveryPoint, simulation: Simulation) -> bool:
    """Returns whether a rebuilt simulation has the numbers of the point, to the last bit."""
    return digest(Session.of(simulation)) == point.digest


def _leads_to(base: Session, point: RecoveryPoint) -> bool:
    """Returns whether the trace of a point may go on from a base: whether all rates before the base's end are equal."""
    last = base.rows.length - 2
    changes = [[each for each in made if each.step <= last] for made in (base.rate_changes, point.rate_changes)]
    rates = [_rates_at(each.experiment, each.rate_changes, last) for each in (base, point)]
    return last < point.steps and changes[0] == changes[1] and rates[0] == rates[1]


def _rates_at(experiment: Experiment, changes: Sequence[RateChange], step: int) -> list[float]:
    """Returns the rates that an experiment had at a step."""
    rates = [run.lr for run in experiment.runs]
    for change in reversed(changes):
        if change.step > step:
            rates[change.run] = change.before
    return rates


def _at(point: RecoveryPoint, step: int) -> Experiment:
    """Returns the experiment of a point with the rates that it had at a step, and no end before its last step."""
    rates = _rates_at(point.experiment, point.rate_changes, step)
    runs = tuple(replace(run, lr=lr) for run, lr in zip(point.experiment.runs, rates, strict=True))
    steps = max(point.experiment.steps, point.steps)
    return replace(point.experiment, runs=runs, steps=steps, horizon=point.experiment.schedule_length, target_loss=None)


def _amend(simulation: Simulation, experiment: Experiment) -> None:
    """Amends first what ends a simulation: one that has ended takes no rates."""
    simulation.amend(_with_rates(experiment, simulation.experiment))
    simulation.amend(experiment)


def _with_rates(experiment: Experiment, other: Experiment) -> Experiment:
    """Returns the experiment with the rates of another one."""
    pairs = zip(experiment.runs, other.runs, strict=True)
    return replace(experiment, runs=tuple(replace(run, lr=old.lr) for run, old in pairs))
