"""`--problem data:path=points.csv,x=a+b,y=c,...`: a problem with the data of a CSV file, read at once.

Errors are ValueError; the message names the option and what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.problems import OwnData
from lrstudio.store.csv.cells import DECIMALS
from lrstudio.store.csv.format import DELIMITERS, ENCODINGS
from lrstudio.store.csv.import_csv import (
    BadCell,
    BadCellsError,
    Choices,
    Format,
    Imported,
    Preview,
    read,
    read_preview,
)
from lrstudio.terminal.output import either, tell

_FILE_OPTIONS: dict[str, tuple[str, ...]] = {
    "encoding": ENCODINGS,
    "delimiter": tuple(DELIMITERS),
    "decimal": tuple(DECIMALS),
    "header": ("true", "false"),
    "bad": ("refuse", "drop"),
}
"""Options of the file besides path, x and y; guessed by default."""


def own_data(texts: Mapping[str, str]) -> OwnData:
    """Returns the problem of these options; without a path it has the data of the example."""
    parameters = {parameter.name: parameter for parameter in OwnData.parameters()}
    allowed = ("path", "x", "y", *_FILE_OPTIONS, *parameters)
    for name, text in texts.items():
        if name not in allowed:
            raise ValueError(tr("there is no {name!r}; there are {names}", name=name, names=", ".join(allowed)))
        if name in _FILE_OPTIONS and text not in _FILE_OPTIONS[name]:
            raise ValueError(
                tr(
                    "{name} = {typed!r}: must be one of {names}",
                    name=name,
                    typed=text,
                    names=", ".join(_FILE_OPTIONS[name]),
                )
            )
        if name not in parameters and "path" not in texts:
            raise ValueError(tr("{name} = {typed!r}: belongs to a file; give its path", name=name, typed=text))
    values = {name: parameters[name].parse(text) for name, text in texts.items() if name in parameters}
    if "path" not in texts:
        return OwnData(**values)  # type: ignore[arg-type] # parse has checked them
    if not texts["path"]:
        raise ValueError(tr("path = '': is empty; give the name of a CSV file, as in data:path=points.csv"))
    imported = _imported(texts, classes=values.get("kind") == "logistic")
    return OwnData(dataset=imported.dataset, **values)  # type: ignore[arg-type]


def _imported(texts: Mapping[str, str], *, classes: bool) -> Imported:
    path = Path(texts["path"])
    requested = Format(
        encoding=texts.get("encoding"),
        delimiter=DELIMITERS[texts["delimiter"]] if "delimiter" in texts else None,
        decimal=DECIMALS[texts["decimal"]] if "decimal" in texts else None,
        header={"true": True, "false": False}[texts["header"]] if "header" in texts else None,
    )
    try:
        preview = read_preview(path, requested)
        x, y = _columns(preview, texts, classes)
        words = [name for name, kind in zip(preview.names, preview.kinds, strict=True) if kind == "two values"]
        if words and not classes and (preview.names[y] in words or not x):
            name = preview.names[y] if preview.names[y] in words else words[-1]
            raise ValueError(tr("column {name} has two words, no numbers; give y={name},kind=logistic", name=name))
        drop = texts.get("bad") == "drop"
        imported = read(path, Choices(form=preview.form, x=x, y=y, classes=classes, drop_bad=drop))
    except BadCellsError as error:
        advice = f"{error}" if error.ambiguous is None else _question(error.ambiguous)
        raise ValueError(f"{path.name}: {advice}") from None
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    if imported.dropped:
        tell(
            tr("{name}: rows left out: {dropped}; {bad}", name=path.name, dropped=imported.dropped, bad=imported.bad[0])
        )
    return imported


def _question(cell: BadCell) -> str:
    """Returns the sentence that asks for the decimal mark of a cell that can mean two numbers."""
    names = {mark: name for name, mark in DECIMALS.items()}
    options = either(
        tr("decimal={name} ({number:g})", name=names[mark], number=number) for number, mark in cell.readings
    )
    return tr("{cell}; give {options}", cell=cell, options=options)


def _columns(preview: Preview, texts: Mapping[str, str], classes: bool) -> tuple[tuple[int, ...], int]:
    """Returns the indices of the columns x and y, by default the suggested ones."""
    named_y = _column(preview, texts["y"]) if "y" in texts else None
    x, y = preview.suggested(words=classes, y=named_y)
    if "x" in texts:
        named = [texts["x"]] if texts["x"] in preview.names else texts["x"].split("+")
        x = tuple(_column(preview, name) for name in named)
    if named_y is None and y in x:
        numbers = [column for column, kind in enumerate(preview.kinds) if kind == "number"]
        y = next((column for column in reversed(numbers) if column not in x), y)
    return x, y


def _column(preview: Preview, name: str) -> int:
    """Returns the index of a column by its name, or by its number from 1."""
    text, names = name.strip(), preview.names
    if text in names:
        return names.index(text)
    if text.isascii() and text.isdigit() and 1 <= int(text) <= len(names):
        return int(text) - 1
    raise ValueError(tr("there is no column {name!r}; there are {names}", name=name, names=", ".join(names[:20])))
