"""Reads the scalars of an event file; events that differ only in their time, step and number are read together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress, part
from lrstudio.store.logs.assemble import Found
from lrstudio.store.logs.events.event import Span, event, spans, starts_session
from lrstudio.store.logs.events.records import blocks, gathered
from lrstudio.store.logs.model import Column, LeftOut, LogError, Table

MOST_BYTES = 2**30
MOST_VALUES = 20_000_000
_MOST_TAGS = 5000
_FEW, _MOST_KINDS, _PIECE = 8, 64, 2**15
"""Fewest events to read together, most kinds of events of one length in a piece, and how many are looked at at once."""


def read_events(path: Path, progress: Progress | None = None) -> Found:
    """Reads the scalars of an event file; LogError if it is damaged. A last record that is not complete is told."""
    return read_run([path], progress)


def read_run(paths: Sequence[Path], progress: Progress | None = None) -> Found:
    """Reads the event files of one training in their order, as `read_events` does.

    A session that starts at a step takes the place of what was logged from that step on, as in TensorBoard. So does a
    file that begins at a step, for its tags; one that begins where all others did is a run of its own.
    """
    report = part(progress, 0, 1)
    sizes = [path.stat().st_size for path in paths]
    if sum(sizes) > MOST_BYTES:
        raise LogError(tr("is larger than {most} bytes: export CSV files in TensorBoard", most=MOST_BYTES))
    collected, notes, done = _Collected(), list[str](), 0
    for path, size in zip(paths, sizes, strict=True):
        collected.begin()
        with path.open("rb") as file:
            for content, begins, lengths in blocks(file, notes):
                collected.add(content, begins, lengths)
                report(min(1.0, (done + file.tell()) / max(1, sum(sizes))))
        done += size
    return collected.found(paths[0], notes)


def first_tag(path: Path) -> str:
    """Returns the tag of the first value in an event file; "" if there is none, or the file cannot be read."""
    try:
        with path.open("rb") as file:
            for content, begins, lengths in blocks(file, []):
                for begin, length in zip(begins.tolist(), lengths.tolist(), strict=True):
                    for tag, _value in event(content[begin : begin + length])[2]:
                        return tag
    except (LogError, OSError):
        pass
    return ""


@dataclass(frozen=True)
class _Values:
    """Numbers (m,) of one tag, and the numbers (m,) of their events."""

    events: Array
    numbers: Array


class _Collected:
    def __init__(self) -> None:
        self._count, self._total = 0, 0
        self._times, self._steps = list[Array](), list[Array]()
        self._tags: dict[str, list[_Values]] = {}
        self._others: dict[str, tuple[int, str]] = {}
        self._files, self._starts = list[int](), list[tuple[int, int]]()

    def begin(self) -> None:
        """Says that what follows is of another file."""
        self._files.append(self._count)

    def add(self, content: bytes, begins: Array, lengths: Array) -> None:
        """Adds the events at places (m,) with lengths (m,)."""
        data = np.frombuffer(content, np.uint8)
        for start in range(0, len(begins), _PIECE):
            own, sizes = begins[start : start + _PIECE], lengths[start : start + _PIECE]
            times, steps = np.zeros(len(own)), np.zeros(len(own))
            for length in np.unique(sizes).tolist():
                places = np.flatnonzero(sizes == length)
                for _kind in range(_MOST_KINDS):
                    if len(places) < _FEW:
                        break
                    places = self._together(data, own, length, places, times, steps)
                for place in places.tolist():
                    begin = int(own[place])
                    times[place], steps[place] = self._one(content[begin : begin + length], self._count + place)
            self._times.append(times)
            self._steps.append(steps)
            self._count += len(own)

    def _together(self, data: Array, begins: Array, length: int, places: Array, times: Array, steps: Array) -> Array:
        """Adds those of the events at `places` that are like the first; returns the places of the others."""
        record = data[int(begins[places[0]]) :][:length].tobytes()
        found = spans(record)
        if found is None:
            begin = int(places[0])
            times[begin], steps[begin] = self._one(record, self._count + begin)
            return places[1:]
        rows = gathered(data, begins[places], length)
        template = np.frombuffer(record, np.uint8)
        (step, step_end), (number, number_end) = found.step, found.number
        same = np.ones(length, bool)
        same[slice(*found.time)] = same[step:step_end] = same[number:number_end] = False
        alike = (rows[:, same] == template[same]).all(axis=1)
        alike &= (rows[:, step:step_end] & 128 == template[step:step_end] & 128).all(axis=1)
        own, rows = places[alike], rows[alike]
        times[own] = _numbers(rows, found.time, "<f8") if found.time[1] else 0.0
        groups = (rows[:, step:step_end] & 127).astype(np.int64)
        steps[own] = (groups << (7 * np.arange(step_end - step))).sum(axis=1)
        self._note(found.tag, own + self._count, _numbers(rows, found.number, found.kind))
        others: Array = places[~alike]
        return others

    def _one(self, record: bytes, number: int) -> tuple[float, float]:
        time, step, values = event(record)
        if not values and starts_session(record):
            self._starts.append((number, step))
        for tag, value in values:
            if isinstance(value, str):
                self._others.setdefault(tag, (number, value))
            else:
                self._note(tag, np.array([number]), np.array([value]))
        return time, float(step)

    def _note(self, tag: str, events: Array, numbers: Array) -> None:
        if tag not in self._tags and len(self._tags) >= _MOST_TAGS:
            raise LogError(tr("has more than {most} tags", most=_MOST_TAGS))
        self._total += len(events)
        if self._total > MOST_VALUES:
            raise LogError(tr("has more than {most} values", most=MOST_VALUES))
        self._tags.setdefault(tag, []).append(_Values(events, numbers))

    def found(self, path: Path, notes: list[str]) -> Found:
        """Returns the tables of what was added, one for each run, and forgets it."""
        empty = np.empty(0)
        times, steps = (np.concatenate([empty, *each]) for each in (self._times, self._steps))
        tags = {tag: _in_order(self._tags.pop(tag)) for tag in list(self._tags)}
        for number, step in self._starts:
            tags = {tag: _before(values, steps, number, step) for tag, values in tags.items()}
            if number > 0 and (steps[:number] >= step).any():
                notes.append(tr("the training started again at step {step}: what was logged from there on was left out",
                                step=step))  # fmt: skip
        cuts = list[int]()
        for begin in self._files[1:]:
            tags = self._continued(tags, steps, begin, cuts, notes)
        tables = []
        for number, (begin, end) in enumerate(pairwise([0, *cuts, self._count])):
            own = {tag: _Values(values.events[low:high], values.numbers[low:high]) for tag, values in tags.items()
                   for low, high in [np.searchsorted(values.events, (begin, end)).tolist()] if high > low}  # fmt: skip
            name = f"run {number + 1}" if cuts else path.parent.name
            tables.append(_table(path.name, name, own, times, steps))
        others = sorted((number, tag, why) for tag, (number, why) in self._others.items() if tag not in tags)
        left = [LeftOut(tag, why) for _number, tag, why in others]
        return Found(path.name, tables, "TensorBoard", notes, left)

    def _continued(
        self, tags: dict[str, _Values], steps: Array, begin: int, cuts: list[int], notes: list[str]
    ) -> dict[str, _Values]:
        """Returns the values without those that the file from event `begin` on repeats; notes in `cuts` another run."""
        end = next((each for each in self._files if each > begin), self._count)
        start, found, kept, lost = (cuts or [0])[-1], dict[str, _Values](), 0, 0
        for tag, values in tags.items():
            low, middle, high = np.searchsorted(values.events, (start, begin, end)).tolist()
            found[tag] = values
            if low < middle < high:
                first = float(steps[values.events[middle:high]].min())
                stays = (steps[values.events] < first) | (values.events >= begin) | (values.events < start)
                found[tag] = _Values(values.events[stays], values.numbers[stays])
                lost += int((~stays).sum())
                kept += middle - low - int((~stays).sum())
        if lost and not kept:
            cuts.append(begin)
            notes.append(tr("a later event file begins at the first step again: it is another run"))
            return tags
        if lost:
            notes.append(
                tr("a later event file goes on from an earlier step: {lost} values after it were left out", lost=lost)
            )
        return found


def _in_order(parts: Sequence[_Values]) -> _Values:
    """Returns the values in the order of their events; of several in one event the last."""
    events = np.concatenate([each.events for each in parts])
    order = np.argsort(events, kind="stable")
    last = order[np.append(np.diff(events[order]) != 0, True)]
    return _Values(events[last], np.concatenate([each.numbers for each in parts])[last])


def _before(values: _Values, steps: Array, number: int, step: int) -> _Values:
    """Returns the values without those that were logged before an event, at its step or later ones."""
    stays = (values.events > number) | (steps[values.events] < step)
    return _Values(values.events[stays], values.numbers[stays])


def _table(title: str, run: str, tags: dict[str, _Values], times: Array, steps: Array) -> Table:
    has = np.zeros(len(times), bool)
    for values in tags.values():
        has[values.events] = True
    rows, whole = np.cumsum(has) - 1, np.arange(int(has.sum()))
    columns = [Column("wall_time", whole, times[has]), Column("step", whole, steps[has])]
    for tag, values in sorted(tags.items(), key=lambda each: int(each[1].events[0])):
        name = f"{tag} (tag)" if tag in ("wall_time", "step") else tag
        columns.append(Column(name, rows[values.events], values.numbers))
    return Table(title, len(whole), tuple(columns), run=run)


def _numbers(rows: Array, span: Span, kind: str) -> Array:
    """Returns the numbers (m,) that are at a place of rows (m, n) of bytes."""
    return np.ascontiguousarray(rows[:, slice(*span)]).view(kind)[:, 0].astype(float)
