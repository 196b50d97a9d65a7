"""What a log has that was read."""

from __future__ import annotations

from lrstudio.store.logs.model import Log, Run


def only(log: Log) -> Run:
    assert len(log.runs) == 1
    return log.runs[0]


def values(run: Run, name: str) -> list[float]:
    series = run.named(name)
    assert series is not None, name
    return list(series.values.tolist())


def at(run: Run, name: str) -> list[float]:
    series = run.named(name)
    assert series is not None, name
    return list(series.at.tolist())
