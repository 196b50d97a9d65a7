"""Rows of numbers from JSON objects: those of one form at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from lrstudio.store.logs.assemble import Rows
from lrstudio.store.logs.cells import value_of
from lrstudio.store.logs.names import in_phase, is_phase

DEEPEST, MOST_GROUPS = 4, 16
_LONGEST_NAME, _MOST_ODD = 500, 10_000
_SIMPLE = frozenset((float, int, bool, type(None)))

Row = dict[str, float]
Columns = dict[str, Sequence[float]]


def parsed(line: bytes) -> Any:
    """Returns the value of a text; None if it is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def parsed_lines(lines: Sequence[bytes]) -> list[dict[str, Any] | None]:
    """Returns the objects in lines, None for what is none; of lines that are all JSON fast."""
    values = parsed(b"[" + b",".join(lines) + b"]")
    if not isinstance(values, list) or len(values) != len(lines):
        values = [parsed(line) if b"{" in line[:100] else None for line in lines]
    return [value if isinstance(value, dict) else None for value in values]


def number_in(value: object) -> float | None:
    """Returns a number, also one as text, as some programs print it; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return None
    if isinstance(value, str) and len(value) < 100:
        try:
            return value_of(value, ".")
        except ValueError:
            return None
    return None


def flat(values: Mapping[str, Any], odd: dict[str, None], above: str = "", depth: int = 0) -> Row:
    """Returns the numbers of nested objects and of short lists; notes the names of what is no number in `odd`."""
    if not above and all(type(value) is float or type(value) is int for value in values.values()):
        with suppress(OverflowError):
            return {key[:_LONGEST_NAME]: float(value) for key, value in values.items()}
    phase = next((str(value) for key, value in values.items() if is_phase(str(key)) and isinstance(value, str)), "")
    row: Row = {}
    for key, value in values.items():
        name = f"{above}/{key}" if above else str(key)[:_LONGEST_NAME]
        number = number_in(value)
        if number is not None:
            row[name] = number
        elif isinstance(value, dict) and depth < DEEPEST:
            row |= flat(value, odd, name, depth + 1)
        elif isinstance(value, list) and 0 < len(value) <= MOST_GROUPS and None not in map(number_in, value):
            alone = len(value) == 1
            row |= {name if alone else f"{name}/{place}": number_in(each) or 0.0 for place, each in enumerate(value)}
        elif value is not None and len(odd) < 10_000 and not (phase and is_phase(name)):
            odd[name] = None
    return {in_phase(name, phase): value for name, value in row.items()} if phase else row


def add_objects(rows: Rows, objects: Sequence[Mapping[str, Any]], odd: dict[str, None]) -> None:
    """Adds the numbers of objects as rows, as `flat` returns them; those of one form together."""
    places = dict[Any, list[int]]()
    for place, value in enumerate(objects):
        places.setdefault(_form(value), []).append(place)
    groups, others = [], dict[str, None]()
    for own in places.values():
        columns = _columns([objects[place] for place in own], others)
        if columns is None:
            for value in objects:
                rows.add(flat(value, odd))
            return
        if columns:
            groups.append((own, tuple(columns), tuple(columns.values())))
    for name in others:
        if len(odd) < _MOST_ODD:
            odd[name] = None
    rows.merge(groups)


def _form(value: Mapping[str, Any]) -> Any:
    """Returns the same for objects of which `flat` makes the same names, if the same of their texts are numbers."""
    types = tuple(map(type, value.values()))
    if _SIMPLE.issuperset(types):
        return tuple(value), types
    inner = list[Any]()
    for (name, each), kind in zip(value.items(), types, strict=True):
        if kind is dict:
            inner.append(_form(each))
        elif kind is list:
            inner.append(len(each))
        elif kind is str and is_phase(name):
            inner.append(each)
    return tuple(value), types, tuple(inner)


def _columns(
    objects: Sequence[Mapping[str, Any]], odd: dict[str, None], above: str = "", depth: int = 0
) -> Columns | None:
    """Returns the numbers of objects of one form by their names, as `flat` does; None to take them one by one."""
    phase = next((str(value) for key, value in objects[0].items() if isinstance(value, str) and is_phase(str(key))), "")
    found: Columns = {}
    for key, value in objects[0].items():
        name, column = f"{above}/{key}" if above else str(key)[:_LONGEST_NAME], [each[key] for each in objects]
        kind = type(value)
        if kind is float or kind is int:
            try:
                found[name] = [*map(float, column)]
            except OverflowError:
                return None
        elif kind is dict and depth < DEEPEST:
            inner = _columns(column, odd, name, depth + 1)
            if inner is None:
                return None
            found |= inner
        elif kind is str or (kind is list and 0 < len(value) <= MOST_GROUPS):
            texts = {each: [number_in(each)] for each in set(column)} if kind is str else {}
            rows = [texts[each] for each in column] if kind is str else [[*map(number_in, each)] for each in column]
            missing = sum(None in row for row in rows)
            if not missing:
                alone = len(rows[0]) == 1
                turned = zip(*rows, strict=True)
                found |= {name if alone else f"{name}/{place}": numbers for place, numbers in enumerate(turned)}
            elif missing < len(rows):
                return None
            elif not (phase and is_phase(name)):
                odd[name] = None
        elif value is not None and not (phase and is_phase(name)):
            odd[name] = None
    return {in_phase(name, phase): column for name, column in found.items()} if phase else found
