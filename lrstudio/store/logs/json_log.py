"""Training logs that are JSON: a document, or one object a line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.logs.assemble import MOST_NAMES, Found, Rows, column_of, of_rows
from lrstudio.store.logs.json_rows import DEEPEST, MOST_GROUPS, Row, add_objects, flat, number_in, parsed, parsed_lines
from lrstudio.store.logs.model import Column, LeftOut, LogError, Table
from lrstudio.store.logs.names import meaning, value_of_file

MOST_BYTES = 2**26
"""Maximum size of a document, which is read as a whole; lines may be many more."""
_LONGEST_LINE = 2**20
_MOST_LEFT = 50
_PYTHON = re.compile(r"\s*\[?\s*\{\s*'")
_BATCH = 1000


def read_json(path: Path, progress: Progress | None = None) -> Found:
    """Reads a JSON document or JSON lines; LogError if it is neither, or has no rows of numbers."""
    with path.open("rb") as file:
        first = file.readline(_LONGEST_LINE)
        second = file.readline(_LONGEST_LINE)
    size = path.stat().st_size
    if second.strip() and isinstance(parsed(first), dict):
        return _lines(path, progress)
    if size > MOST_BYTES:
        raise LogError(tr("is a JSON document of more than {most} bytes: write one object a line", most=MOST_BYTES))
    text = path.read_bytes().decode("utf-8-sig", "replace")
    try:
        document = json.loads(_as_json(text) if _PYTHON.match(text) else text)
    except json.JSONDecodeError as error:
        raise LogError(tr("is no JSON: {why}", why=str(error))) from error
    except RecursionError as error:
        raise LogError(tr("is no JSON: {why}", why=tr("is too deeply nested"))) from error
    except ValueError as error:
        raise LogError(tr("has a number of more than {most} digits", most=sys.get_int_max_str_digits())) from error
    return _Document(path).read(document)


def _as_json(text: str) -> str:
    """Returns the JSON of what Python prints of dictionaries and lists: 'lr' in double quotes, nan as NaN."""
    text = re.sub(r"'([^'\"\\\n]*)'", r'"\1"', text)
    words = {"None": "null", "True": "true", "False": "false", "nan": "NaN", "inf": "Infinity"}
    return re.sub(r"(?<=[\s:\[,-])(None|True|False|nan|inf)(?=[\s,\]}])", lambda match: words[match[1]], text)


def _lines(path: Path, progress: Progress | None) -> Found:
    """Reads one object a line; others are counted and left out."""
    report, size = part(progress, 0, 1), max(1, path.stat().st_size)
    rows, odd, bad, done, cut = Rows(), dict[str, None](), 0, 0, False
    with path.open("rb") as file:
        while lines := [*islice(iter(partial(file.readline, _LONGEST_LINE), b""), _BATCH)]:
            done += sum(map(len, lines))
            report(min(1.0, done / size))
            values = parsed_lines(lines)
            add_objects(rows, [value for value in values if value is not None], odd)
            for line, value in zip(lines, values, strict=True):
                if value is None and line.strip():
                    bad, cut = bad + 1, not line.endswith(b"\n")
    found = Found(path.name, [rows.table(path.name)])
    if bad and cut:
        bad -= 1
        found.notes.append(tr("the last line is not complete: the file was being written"))
    found.left_out = _left(odd)
    if bad:
        found.left_out.append(LeftOut(tr("{bad} lines", bad=bad), tr("are no JSON objects")))
    return found


def _left(odd: Mapping[str, None]) -> list[LeftOut]:
    names = list(odd)
    left = [LeftOut(name, tr("is no number")) for name in names[:_MOST_LEFT]]
    return [
        *left,
        *[LeftOut(tr("{count} more", count=len(names) - _MOST_LEFT), tr("are no numbers"))] * (len(names) > _MOST_LEFT),
    ]


def _is_metric(value: object) -> bool:
    """Whether a value is what Sacred keeps of a metric: lists of steps and values, of one length, and of times."""
    if not isinstance(value, dict) or set(value) != {"steps", "values", "timestamps"}:
        return False
    return all(isinstance(each, list) and len(each) == len(value["steps"]) for each in value.values())


class _Document:
    def __init__(self, path: Path) -> None:
        self.path, self.odd = path, dict[str, None]()
        self.means = dict[str, None]()

    def read(self, document: object) -> Found:
        found = Found(self.path.name, [])
        if isinstance(document, dict) and isinstance(document.get("log_history"), list):
            found.producer = "Hugging Face"
            found.tables = [of_rows(self.path.name, self._rows(document["log_history"]))]
        elif isinstance(document, list) and document and self._is_skorch(document):
            found.producer = "skorch"
            found.tables = [of_rows(self.path.name, list(self._skorch(document)))]
        elif isinstance(document, dict) and document and all(map(_is_metric, document.values())):
            found.producer = "Sacred"
            found.tables = [self._sacred(document)]
        else:
            found.tables = self._any(document)
        if not found.tables:
            raise LogError(tr("is JSON without rows of numbers: no list of objects, and no lists under names"))
        found.left_out = [*_left(self.odd), *(LeftOut(name, tr("has its mean in the epoch")) for name in self.means)]
        return found

    def _any(self, document: object, depth: int = 0) -> list[Table]:
        """Returns the tables of the first place that has rows: a list of objects, or equally long lists."""
        title = self.path.name
        if isinstance(document, list):
            if document and all(isinstance(row, list) and len(row) == 3 for row in document):
                name = value_of_file(self.path.stem)
                names = ("wall_time", "step", name)
                return [of_rows(title, [self._triple(names, row) for row in document])]
            rows = self._rows(document)
            return [of_rows(title, self._named(rows, document))] if rows else []
        if not isinstance(document, dict) or depth > DEEPEST:
            return []
        lists = {str(name): value for name, value in self._by_group(document).items() if self._is_column(value)}
        longest = max((len(value) for value in lists.values()), default=0)
        columns = {name: value for name, value in lists.items() if len(value) == longest}
        if columns and (longest > 1 or any(meaning(name).role in ("rate", "loss") for name in columns)):
            if len(columns) > MOST_NAMES:
                raise LogError(tr("has more than {most} names of values", most=MOST_NAMES))
            known = columns.keys() | {name.rpartition("/")[0] for name in columns}
            self.odd |= {str(name): None for name in document if str(name) not in known}
            made = [column_of(name, list(map(number_in, value))) for name, value in columns.items()]
            return [Table(title, longest, tuple(made))]
        tables = [self._any(value, depth + 1) for value in document.values() if isinstance(value, (list, dict))]
        if any(tables):
            return max(tables, key=lambda made: sum(table.count for table in made))
        row = flat(document, {})
        return [of_rows(title, [row])] if any(meaning(name).role in ("rate", "loss") for name in row) else []

    def _triple(self, names: Sequence[str], row: Sequence[object]) -> Row:
        values = map(number_in, row)
        return {name: value for name, value in zip(names, values, strict=True) if value is not None}

    def _by_group(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Returns an object in which a list of lists, as of the rates of several groups, is a list for each group."""
        made: dict[str, Any] = {}
        for name, value in document.items():
            rows = value if isinstance(value, list) else []
            widths = {len(row) if isinstance(row, list) else 0 for row in rows}
            if len(widths) == 1 and 0 < (width := widths.pop()) <= MOST_GROUPS:
                alone = width == 1
                made |= {name if alone else f"{name}/{group}": [row[group] for row in rows] for group in range(width)}
            else:
                made[name] = value
        return made

    def _is_column(self, value: object) -> bool:
        if not isinstance(value, list) or not value:
            return False
        return all(each is None or number_in(each) is not None for each in value) and any(
            each is not None for each in value
        )

    def _rows(self, rows: Sequence[object]) -> list[Row]:
        return [flat(row, self.odd) for row in rows if isinstance(row, dict)]

    def _named(self, rows: list[Row], document: Sequence[object]) -> list[Row]:
        """Returns the rows; of one value each, with a name as `key`, `metric` or `tag`, as rows of that name."""
        for key in ("key", "metric", "tag", "name"):
            named = [row for row in document if isinstance(row, dict)]
            if all(isinstance(row.get(key), str) and "value" in row for row in named):
                self.odd.pop(key, None)
                return [
                    {(str(row[key]) if name == "value" else name): value for name, value in flat.items()}
                    for row, flat in zip(named, rows, strict=True)
                ]
        return rows

    def _sacred(self, document: Mapping[str, Any]) -> Table:
        """Returns the table of metrics that each have steps of their own."""
        metrics = dict[str, dict[float, float]]()
        for name, metric in document.items():
            pairs = zip(map(number_in, metric["steps"]), map(number_in, metric["values"]), strict=True)
            known = {step: value for step, value in pairs if step is not None and value is not None}
            if known:
                metrics["step (metric)" if name == "step" else str(name)] = known
            else:
                self.odd[str(name)] = None
        rows = {step: row for row, step in enumerate(sorted({step for known in metrics.values() for step in known}))}
        columns = [column_of("step", list(rows))]
        for name, known in metrics.items():
            own = np.array(sorted((rows[step], value) for step, value in known.items()))
            columns.append(Column(name, own[:, 0].astype(int), own[:, 1]))
        return Table(self.path.name, len(rows), tuple(columns), counter="step")

    def _is_skorch(self, document: Sequence[object]) -> bool:
        return all(isinstance(row, dict) and isinstance(row.get("batches"), list) for row in document)

    def _skorch(self, document: Sequence[Any]) -> Iterator[Row]:
        """Yields the rows of the batches, and at the end of each epoch those of the epoch, as `epoch …` by name."""
        step, any_batches = 0, any(epoch["batches"] for epoch in document)
        for epoch in document:
            for batch in epoch["batches"]:
                values = flat(batch, self.odd) if isinstance(batch, dict) else {}
                if not any(name.startswith("train_") for name in values):
                    self.means |= {f"batch {name}": None for name in values}
                    continue
                yield {f"batch {name}": value for name, value in values.items()} | {"step": float(step)}
                step += 1
            row = flat({name: value for name, value in epoch.items() if name != "batches"}, self.odd)
            yield row | ({"step": float(max(0, step - 1))} if any_batches else {})
