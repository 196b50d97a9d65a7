"""Runs in SQLite stores: MLflow's and Trackio's. They are opened read-only, and only tables are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.logs.assemble import Found, Group, Rows
from lrstudio.store.logs.json_rows import add_objects, number_in, parsed_lines
from lrstudio.store.logs.model import LeftOut, LogError, Table

MAGIC = b"SQLite format 3\x00"
MOST_ROWS = 5_000_000
_MOST_RUNS, _MOST_LEFT = 1000, 200
_BLOCK = 10_000
_MOST_OPERATIONS = 2_000
"""Times thousand: about a minute. A file made to be slow ends there."""
_LARGEST = 1.7e308
"""MLflow stores infinite values as the largest float."""


def read_store(path: Path) -> Found:
    """Reads the runs of a SQLite store; LogError if it is damaged or of another program."""
    wal = path.with_name(path.name + "-wal")
    notes = []
    try:
        if wal.is_file() and wal.stat().st_size > 0:
            notes.append(
                tr(
                    "{name} beside the store has values that are not read: close the program that writes it",
                    name=wal.name,
                )
            )
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as store:
            left = _MOST_OPERATIONS * 100

            def tick() -> int:
                nonlocal left
                left -= 1
                return left < 0

            store.set_progress_handler(tick, 10_000)
            store.execute("PRAGMA trusted_schema=OFF")
            store.execute("PRAGMA query_only=ON")
            store.text_factory = lambda data: data.decode("utf-8", "replace")
            return _read(store, path, notes)
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        raise LogError(tr("is a SQLite store that cannot be read: {error}", error=error)) from error


def _read(store: sqlite3.Connection, path: Path, notes: list[str]) -> Found:
    tables = {str(name): _columns(store, str(name)) for (name,) in store.execute(
        "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name LIMIT 500")}  # fmt: skip
    metrics = tables.get("metrics", set())
    if {"key", "value", "timestamp", "run_uuid", "step"} <= metrics:
        return _mlflow(store, path, tables, notes)
    if {"run_name", "step", "metrics"} <= metrics:
        return _trackio(store, path, metrics, notes)
    shown = ", ".join(sorted(tables)[:10]) or "none"
    raise LogError(
        tr(
            "is a SQLite store, neither MLflow's nor Trackio's (its tables: {shown}): export CSV from its program",
            shown=shown[:200],
        )
    )


def _columns(store: sqlite3.Connection, table: str) -> set[str]:
    name = table.replace('"', '""')
    return {str(row[1]) for row in store.execute(f'PRAGMA table_info("{name}")')}


def _mlflow(store: sqlite3.Connection, path: Path, tables: Mapping[str, set[str]], notes: list[str]) -> Found:
    names = {}
    if {"run_uuid", "name"} <= tables.get("runs", set()):
        names = dict(store.execute("SELECT run_uuid, name FROM runs LIMIT 100000"))
    is_nan = "is_nan" if "is_nan" in tables["metrics"] else "0"
    query = f"SELECT run_uuid, key, value, timestamp, step, {is_nan} FROM metrics ORDER BY rowid"  # noqa: S608 - names that are in this file
    runs: dict[str, Rows] = {}
    for block in _blocks(store, query):
        places = dict[tuple[Any, ...], list[int]]()
        for place, (run, key, value, time, step, _nan) in enumerate(block):
            places.setdefault((run, key, type(value), type(time), type(step)), []).append(place)
        groups: dict[str, list[Group]] = {}
        for (run, key, *kinds), own in places.items():
            runs.setdefault(str(run), Rows())
            _bound(len(runs))
            group = _group(str(key)[:500], kinds, own, [block[place] for place in own])
            groups.setdefault(str(run), []).extend(group)
        for name, each in groups.items():
            runs[name].merge(each)
    made = [rows.table(path.name, str(names.get(run) or run)) for run, rows in runs.items()]
    return _found(path, made, "MLflow", notes)


def _group(key: str, kinds: Sequence[type], places: list[int], rows: Sequence[tuple[Any, ...]]) -> list[Group]:
    """Returns the rows of one metric whose cells have these types, if these are such of a value and a step."""
    kind, kind_of_time, kind_of_step = kinds
    if kind not in (int, float) or kind_of_step is not int:
        return []
    _runs, _keys, values, times, steps, nans = zip(*rows, strict=True)
    numbers = np.array(values, float)
    numbers = np.where(np.abs(numbers) >= _LARGEST, np.copysign(np.inf, numbers), numbers)
    numbers[[bool(nan) for nan in nans]] = np.nan
    columns: dict[str, Array] = {"step": np.array(steps, float)}
    if kind_of_time is int:
        columns["timestamp"] = np.array(times, float) / 1000
    columns[key] = numbers
    return [(places, tuple(columns), tuple(columns.values()))]


def _trackio(store: sqlite3.Connection, path: Path, columns: set[str], notes: list[str]) -> Found:
    identity = "run_id" if "run_id" in columns else "run_name"
    time = "timestamp" if "timestamp" in columns else "NULL"
    order = "id" if "id" in columns else "rowid"
    query = f"SELECT {identity}, run_name, step, metrics, {time} FROM metrics ORDER BY {order}"  # noqa: S608 - as above
    runs: dict[str, tuple[str, Rows]] = {}
    odd = dict[str, None]()
    for block in _blocks(store, query):
        objects: dict[str, list[dict[str, Any]]] = {}
        texts = [text if isinstance(text, bytes) else str(text).encode() for _run, _name, _step, text, _when in block]
        for (run, name, step, _text, when), value in zip(block, parsed_lines(texts), strict=True):
            runs.setdefault(str(run), (str(name), Rows()))
            _bound(len(runs))
            row = value or {}
            if isinstance(step, int):
                row["step"] = float(step)
            if number_in(row.get("timestamp")) is None and (seconds := _seconds(when)) is not None:
                row["timestamp"] = seconds
            objects.setdefault(str(run), []).append(row)
        for run, own in objects.items():
            add_objects(runs[run][1], own, odd)
    made = [rows.table(path.name, run=name) for name, rows in runs.values()]
    found = _found(path, made, "Trackio", notes)
    found.left_out += [LeftOut(name, tr("is no number")) for name, _ in zip(odd, range(_MOST_LEFT), strict=False)]
    return found


def _blocks(store: sqlite3.Connection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    found, count = store.execute(query), 0
    while block := found.fetchmany(_BLOCK):
        count += len(block)
        if count > MOST_ROWS:
            raise LogError(tr("has more than {most} values: export the run as CSV", most=MOST_ROWS))
        yield block


def _bound(runs: int) -> None:
    if runs > _MOST_RUNS:
        raise LogError(tr("has more than {most} runs: export those to compare as CSV", most=_MOST_RUNS))


def _seconds(when: object) -> float | None:
    try:
        return datetime.fromisoformat(str(when)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _found(path: Path, tables: list[Table], producer: str, notes: list[str]) -> Found:
    if not tables:
        raise LogError(tr("is a store of {producer} without a metric", producer=producer))
    return Found(path.name, tables, producer, notes)
