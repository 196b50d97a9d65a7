"""`lrstudio log`: what a training log of another program has in it, and what it tells of the rate."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import mark, tr
from lrstudio.engine.argument_parser import width_of
from lrstudio.store.csv.cells import printable
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError
from lrstudio.store.logs.csv_log import BAD_ROWS
from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.export import csv_lines
from lrstudio.store.logs.model import Log, Series
from lrstudio.store.logs.read import read_log
from lrstudio.terminal.diagnosis import as_json, told
from lrstudio.terminal.output import check_target, either, padded, progress, write
from lrstudio.terminal.parser import CommandParser
from lrstudio.terminal.signals import SIGNALS


def log_command(arguments: list[str]) -> int:
    parser = CommandParser(
        prog="lrstudio log",
        description=tr(
            "Show what a training log has in it: its runs, rates, losses and metrics, and for each run a diagnosis: "
            "what the loss tells of the rate, how sure that is, and what to try next. Read are tables (CSV), JSON, "
            "printed lines, TensorBoard's event files, VisualDL's, and the SQLite stores of MLflow and Trackio; files "
            "that have one value each are joined. Of a folder each folder in it is a run."
        ),
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help=tr("one log, in one or several files or folders"))
    parser.add_argument("--json", action="store_true", help=tr("what was read, as JSON"))
    parser.add_argument("--csv", metavar="PATH|-", help=tr("write the values, one row per run and step"))
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="QUESTION=READING",
        help=tr("answer a question that was printed"),
    )
    parser.add_argument("--drop-bad", action="store_true", help=tr("leave rows with cells that are no numbers out"))
    args = parser.parse_args(arguments)
    check_target(args.csv)
    if args.json and args.csv == "-":
        raise ValueError(tr("--json and --csv -: both write to standard output; give --csv a file"))
    answers = dict(map(_answer, args.answer)) | ({BAD_ROWS: "drop"} if args.drop_bad else {})
    names = ", ".join(args.files)
    try:
        log = read_log(list(map(Path, args.files)), answers, progress())
    except BadCellsError as error:
        text = mark("{names}: {error} (--drop-bad leaves such rows out)")
        if error.ambiguous:
            text = mark("{names}: {error} (--answer decimal=point or decimal=comma)")
        raise ValueError(tr(text, names=names, error=error)) from error
    except CsvError as error:
        raise ValueError(str(error) if len(args.files) > 1 else f"{names}: {error}") from error
    SIGNALS.finished()
    if args.csv is not None:
        write(args.csv, lambda: csv_lines(log))
    if args.json:
        print(json.dumps(described(log), indent=2, ensure_ascii=False))
    elif args.csv != "-":
        print(*map(printable, lines(log)), sep="\n")
    return 0


def _answer(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not (key and sign and value):
        raise ValueError(tr("--answer {typed}: must be QUESTION=READING, as the question was printed", typed=text))
    return key, value


def lines(log: Log) -> Iterator[str]:
    """Yields what was read, as lines for people."""
    yield log.title + (f" ({log.producer})" if log.producer else "")
    for run in log.runs:
        yield tr("run {title}: by {counter}", title=run.title, counter=tr(run.counter))
        width = max(width_of(series.name) for series in run.series)
        for series in run.series:
            what = tr(series.role)
            if series.role in ("loss", "metric"):
                what = tr("{part} {role}", part=tr(series.part), role=what)
            values = tr("{what}: {values}", what=what, values=_range(series, tr(run.counter)))
            yield f"  {padded(series.name, width)}  {values}"
        yield from told(diagnosis_of(run), run.counter)
    for question in log.questions:
        text = mark("answered: {question} Read as: {chosen}.")
        if not question.answered:
            text = mark("question: {question} Read as: {chosen}.")
        yield tr(text, question=question.text, chosen=question.chosen)
        if not question.answered:
            others = [key for key, _text in question.readings if key != question.chosen]
            options = either(f"--answer {question.key}={key}" for key in others[:8])
            yield "  " + tr("otherwise: {options}", options=options)
    for note in log.notes:
        yield tr("note: {note}", note=note)
    for left in log.left_out:
        yield tr("left out: {name} {why}", name=left.name, why=left.why)


def _range(series: Series, counter: str) -> str:
    low, high, lost = _bounds(series.values)
    text = mark("{count:,} values, {low:.6g} to {high:.6g}, {counter} {first:g} to {last:g}")
    if lost:
        text = mark(
            "{count:,} values, {low:.6g} to {high:.6g}, {lost:,} of them not finite, {counter} {first:g} to {last:g}"
        )
    if low is None:
        text = mark("no finite value, {lost:,} of them not finite, {counter} {first:g} to {last:g}")
    numbers = {"low": low, "high": high, "lost": lost, "first": series.at[0], "last": series.at[-1]}
    return tr(text, count=len(series.values), counter=counter, **numbers)


def _bounds(values: Array) -> tuple[float | None, float | None, int]:
    finite = values[np.isfinite(values)]
    lost = len(values) - len(finite)
    return (float(finite.min()), float(finite.max()), lost) if len(finite) else (None, None, lost)


def described(log: Log) -> dict[str, Any]:
    """Returns what was read, as JSON."""
    return {
        "title": log.title,
        "producer": log.producer,
        "runs": [
            {
                "title": run.title,
                "counter": run.counter,
                "series": [_described(each) for each in run.series],
                "diagnosis": as_json(diagnosis_of(run)),
            }
            for run in log.runs
        ],
        "questions": [
            {
                "key": question.key,
                "text": question.text,
                "readings": [{"key": key, "text": text} for key, text in question.readings],
                "chosen": question.chosen,
                "answered": question.answered,
            }
            for question in log.questions
        ],
        "notes": list(log.notes),
        "left_out": [{"name": left.name, "why": left.why} for left in log.left_out],
    }


def _described(series: Series) -> dict[str, Any]:
    low, high, lost = _bounds(series.values)
    return {
        "name": series.name,
        "role": series.role,
        "data": series.part,
        "count": len(series.values),
        "from": float(series.at[0]),
        "to": float(series.at[-1]),
        "first": _finite(series.values[0]),
        "last": _finite(series.values[-1]),
        "min": low,
        "max": high,
        "not_finite": lost,
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
