"""Training logs that are tables: what their columns are, by the names, the name of the file, or by their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.cells import DECIMALS
from lrstudio.store.csv.format import Format
from lrstudio.store.csv.import_csv import Preview, read_preview
from lrstudio.store.logs.assemble import Found
from lrstudio.store.logs.long_csv import long_columns, read_long
from lrstudio.store.logs.model import COUNTER, LOSS, METRIC, RATE, Column, LeftOut, LogError, Question, Table
from lrstudio.store.logs.names import (
    EPOCH,
    TIME,
    counter_priority,
    is_phase,
    loss_priority,
    meaning,
    normal,
    run_of_file,
    value_of_file,
)
from lrstudio.store.logs.tables import TableReader, is_numeric

COLUMNS, DECIMAL, BAD_ROWS = "columns", "decimal", "bad_rows"
"""Keys of the questions for the order of columns without names, the decimal mark, and rows with bad cells."""
_TENSORBOARD = ("wall_time", "step", "value")
_MILLISECONDS = re.compile(r"1\d{12}")
_ORDERS = ("step,lr,loss", "step,loss,lr", "lr,loss", "loss,lr", "step,loss", "step,lr", "loss")
_MOST_RUN_NAMES, _MOST_PHASES = 100, 8


@dataclass(frozen=True)
class Layout:
    """The names and the roles of the columns that are read, by index; others have a reason in `left_out`.

    `single` is the name of the only value in the file, if its name comes from the name of the file.
    """

    names: tuple[str, ...]
    roles: dict[int, str]
    left_out: tuple[LeftOut, ...] = ()
    producer: str = ""
    single: str = ""
    run: str = ""
    questions: tuple[Question, ...] = ()
    phase: int | None = None
    """The index of a column of text that says on which data a row was measured."""


def read_csv(path: Path, answers: Mapping[str, str], progress: Progress | None = None) -> tuple[Found, list[Question]]:
    """Reads a table with all its columns of numbers; BadCellsError for cells that need an answer."""
    decimal = answers.get(DECIMAL)
    if decimal is not None and decimal not in DECIMALS:
        raise LogError(
            tr(
                "{question}={reading}: must be one of {names}",
                question=DECIMAL,
                reading=decimal,
                names=", ".join(DECIMALS),
            )
        )
    preview = read_preview(path, Format(decimal=None if decimal is None else DECIMALS[decimal]))
    long = long_columns(preview)
    if long is not None:
        return read_long(path, preview, long, answers.get(BAD_ROWS) == "drop", progress), []
    layout = layout_of(preview, path, answers)
    reader = TableReader(layout.names, preview.form, layout.roles, header_of(preview))
    reader.phase = layout.phase
    reader.read(path, preview.first, progress)
    reader.refuse_bad(answers.get(BAD_ROWS) == "drop")
    found = Found(preview.title, [], layout.producer, [], list(layout.left_out))
    if reader.dropped:
        found.notes.append(tr("{dropped} rows with a bad cell were left out", dropped=reader.dropped))
    if reader.cut:
        found.notes.append(tr("the last row is not complete: the file was being written"))
    if reader.wide:
        found.notes.append(
            tr("{wide} rows have more cells than there are names: the further ones were left out", wide=reader.wide)
        )
    found.notes += [
        tr("{name} has several numbers in a cell: the first is read", name=name) for name in sorted(reader.several)
    ]
    found.left_out += [
        LeftOut(name, tr("{count} cells are no numbers", count=count)) for name, count in reader.odd.items()
    ]
    found.tables = _by_run(reader.table(preview.title, layout.run))
    if layout.producer == "MLflow":
        found.tables = [_in_seconds(table) for table in found.tables]
    questions = list(layout.questions)
    if reader.total:
        questions.append(Question(BAD_ROWS, tr("Leave rows with bad cells out?"), (("drop", tr("yes")),), "drop", True))
    return found, questions


def _in_seconds(table: Table) -> Table:
    """Returns a table of MLflow, whose first column has milliseconds."""
    time, *columns = table.columns
    return replace(table, columns=(Column(time.name, time.rows, time.values / 1000), *columns))


def header_of(preview: Preview) -> tuple[str, ...]:
    """Returns the names as they may be repeated in the file; nothing without names."""
    return preview.names if preview.form.header else ()


def layout_of(preview: Preview, path: Path, answers: Mapping[str, str]) -> Layout:
    """Returns what the columns of a file are."""
    names, stem = preview.names, path.name.removesuffix(path.suffix) if path.suffix[1:].isalpha() else path.name
    plain = tuple(map(normal, names))
    if plain == _TENSORBOARD:
        value = value_of_file(stem)
        return Layout(
            (names[0], names[1], value),
            {0: COUNTER, 1: COUNTER, 2: meaning(value).role},
            producer="TensorBoard",
            single=value,
            run=run_of_file(stem),
        )
    if is_mlflow(preview):
        value = _name_by_place(path)
        roles = {0: COUNTER, 1: meaning(value).role, 2: COUNTER}
        return Layout(("timestamp", value, "step"), roles, producer="MLflow", single=value, run=path.parent.name)
    if not preview.form.header:
        return _by_place(preview, answers)
    roles, left = dict[int, str](), list[LeftOut]()
    phase = next((index for index, name in enumerate(names) if _has_phases(preview, index, name)), None)
    for index, name in enumerate(names):
        if index == phase:
            continue
        role = meaning(name).role
        strict = role in (RATE, LOSS) or (role == COUNTER and meaning(name).kind != TIME)
        if name.endswith(("__MIN", "__MAX")):
            left.append(LeftOut(name, tr("is the smallest or largest value of a bin of the plot (Weights & Biases)")))
        elif preview.kinds[index] == "empty" and not strict:
            left.append(LeftOut(name, tr("has no value")))
        elif strict or is_numeric(preview, index):
            roles[index] = role
        else:
            left.append(LeftOut(name, tr("is text")))
    values = [index for index, role in roles.items() if role != COUNTER]
    single = names[values[0]] if len(values) == 1 else ""
    if single and "metrics" in path.parts[:-1]:
        above = _name_by_place(path).rpartition("/")[0]
        single = f"{above}/{single}" if above else single
        names = tuple(single if index == values[0] else name for index, name in enumerate(names))
    return Layout(names, roles, tuple(left), _producer(names, plain, stem), single, phase=phase)


def _has_phases(preview: Preview, index: int, name: str) -> bool:
    """Whether a column says of every row on which data it was measured."""
    cells = {row[index].strip() for row in preview.rows if index < len(row)}
    return is_phase(name) and preview.kinds[index] in ("text", "two values") and len(cells) <= _MOST_PHASES


def is_mlflow(preview: Preview) -> bool:
    """Whether the lines are those of MLflow's file store: milliseconds, value and step, without names."""
    rows = [row for row in preview.rows if row]
    return (
        preview.form.delimiter == " "
        and not preview.form.header
        and len(preview.names) == 3
        and all(len(row) == 3 and _MILLISECONDS.fullmatch(row[0]) and row[2].lstrip("-").isdigit() for row in rows)
    )


def _name_by_place(path: Path) -> str:
    """Returns the name of a metric by its file, with the folders below `metrics`, as MLflow and DVCLive have them."""
    parts = path.parts
    return "/".join(parts[len(parts) - parts[::-1].index("metrics") :]) if "metrics" in parts[:-1] else path.name


def _producer(names: tuple[str, ...], plain: tuple[str, ...], stem: str) -> str:
    if plain[0] == EPOCH and list(names[1:]) == sorted(names[1:]) and "loss" in plain:
        return "Keras"
    if any(name.startswith("lr-") for name in names) and "step" in plain and list(names) == sorted(names):
        return "Lightning"
    if stem.startswith("Train_Samples_") and plain[0] == "step":
        return "DeepSpeed"
    return "Weights & Biases" if any(name.endswith("__MIN") for name in names) else ""


def _by_place(preview: Preview, answers: Mapping[str, str]) -> Layout:
    """Returns the last column of numbers as the loss, the one before as the rate, the first as the step; or asks."""
    numbers = [index for index in range(len(preview.names)) if is_numeric(preview, index)]
    orders = [order for order in _ORDERS if order.count(",") + 1 == min(3, len(numbers))]
    if not numbers:
        raise LogError(tr("has no column of numbers"))
    shown = [numbers[0], *numbers[-2:]] if len(numbers) > 2 else numbers
    guess = _guess_by_place(preview, numbers)
    chosen = answers.get(COLUMNS, guess)
    if chosen not in orders:
        raise LogError(
            tr(
                "{question}={reading}: must be one of {names}",
                question=COLUMNS,
                reading=chosen,
                names="; ".join(orders),
            )
        )
    roles = {"step": COUNTER, "lr": RATE, "loss": LOSS}
    names = list(preview.names)
    for index, name in zip(shown, chosen.split(","), strict=True):
        names[index] = name
    places = ", ".join(preview.names[index] for index in shown)
    text = tr("The table has no names. What are {places}?", places=places)
    readings = tuple((order, order.replace(",", ", ")) for order in orders)
    found = dict.fromkeys(numbers, METRIC) | {
        index: roles[name] for index, name in zip(shown, chosen.split(","), strict=True)
    }
    left = tuple(LeftOut(name, tr("is text")) for index, name in enumerate(names) if index not in numbers)
    return Layout(tuple(names), found, left, questions=(Question(COLUMNS, text, readings, chosen, COLUMNS in answers),))


def _guess_by_place(preview: Preview, numbers: list[int]) -> str:
    if len(numbers) != 2:
        return "step,lr,loss" if len(numbers) > 2 else "loss"
    cells = [row[numbers[0]].strip() for row in preview.rows if numbers[0] < len(row)]
    return "step,loss" if all(cell.isdigit() for cell in cells if cell) else "lr,loss"


def _by_run(table: Table) -> list[Table]:
    """Returns a table for each run that the names begin with, as Weights & Biases exports them: `run - metric`."""
    runs: dict[str, list[Column]] = {}
    shared = list[Column]()
    for column in table.columns:
        run, sign, name = column.name.rpartition(" - ")
        if sign and run:
            runs.setdefault(run, []).append(Column(name, column.rows, column.values))
        elif meaning(column.name).role == COUNTER:
            shared.append(column)
        else:
            return [table]
    if not runs or len(runs) > _MOST_RUN_NAMES:
        return [table]
    return [
        Table(table.title, table.count, (*shared, *columns), table.breaks, run, None) for run, columns in runs.items()
    ]


@dataclass(frozen=True)
class LogColumns:
    """The indices of the columns; without `step` rows are counted, without `lr` there are no rates.

    `sure` says whether the names are unambiguous. `values` is `lr` if the file has only rates.
    """

    step: int | None
    lr: int | None
    loss: int | None
    sure: bool = False
    values: str = "loss"


def guess_columns(preview: Preview) -> LogColumns:
    """Returns the columns of one counter, rate and loss of a table."""
    layout = None
    with suppress(LogError):
        layout = layout_of(preview, Path(preview.title), {})
    if layout is None:
        return LogColumns(None, None, None)
    by_role = {
        role: [index for index, own in layout.roles.items() if own == role] for role in (COUNTER, RATE, LOSS, METRIC)
    }
    kinds = {index: meaning(layout.names[index]).kind for index in by_role[COUNTER]}
    counters = [index for index, kind in kinds.items() if kind != TIME]
    step = min(counters, key=lambda index: counter_priority(layout.names[index]), default=None)
    lr = by_role[RATE][0] if by_role[RATE] else None
    losses = sorted(by_role[LOSS], key=lambda index: (meaning(layout.names[index]).part != "train", index))
    usual = [index for index in losses if loss_priority(layout.names[index]) is not None]
    loss = min(usual, key=lambda index: loss_priority(layout.names[index]) or 0, default=None)
    if loss is None and losses:
        loss = losses[0]
    sure = bool(usual) or len(losses) == 1
    if layout.single and not by_role[LOSS]:
        value = next(index for index, name in enumerate(layout.names) if name == layout.single)
        if by_role[RATE]:
            return LogColumns(step, value, None, values="lr")
        return LogColumns(step, None, value if layout.producer else None)
    return LogColumns(step, lr, loss, sure=sure and lr is not None and not layout.questions)
