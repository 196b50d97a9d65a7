"""`--problem data:path=points.csv,x=a+b,y=c,...`: the file is read now, and the session has its numbers.

Errors are ValueError: what, where, what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lrstudio.core.problems import OwnData
from lrstudio.store.csv.format import DECIMALS, DELIMITERS, ENCODINGS
from lrstudio.store.csv.import_csv import Choices, Format, Imported, Preview, read, read_preview

_WORDS: dict[str, tuple[str, ...]] = {
    "encoding": ENCODINGS,
    "delimiter": tuple(DELIMITERS),
    "decimal": tuple(DECIMALS),
    "header": ("true", "false"),
    "bad": ("refuse", "drop"),
}
"""What is said about the file, beside path, x and y; guessed where it is not given."""


def own_data(texts: Mapping[str, str]) -> OwnData:
    """The problem that the texts describe; without a path it has the example's data."""
    known = {parameter.name: parameter for parameter in OwnData.parameters()}
    allowed = ("path", "x", "y", *_WORDS, *known)
    for name, text in texts.items():
        if name not in allowed:
            raise ValueError(f"there is no {name!r}; there are {', '.join(allowed)}")
        if name in _WORDS and text not in _WORDS[name]:
            raise ValueError(f"{name} = {text!r}: must be one of {', '.join(_WORDS[name])}")
        if name not in known and "path" not in texts:
            raise ValueError(f"{name} = {text!r}: belongs to a file; give its path")
    values = {name: known[name].parse(text) for name, text in texts.items() if name in known}
    if "path" not in texts:
        return OwnData(**values)  # type: ignore[arg-type] # parse has checked them
    imported = _imported(texts, classes=values.get("kind") == "logistic")
    return OwnData(dataset=imported.dataset, **values)  # type: ignore[arg-type]


def _imported(texts: Mapping[str, str], *, classes: bool) -> Imported:
    path = Path(texts["path"])
    wanted = Format(
        encoding=texts.get("encoding"),
        delimiter=DELIMITERS[texts["delimiter"]] if "delimiter" in texts else None,
        decimal=DECIMALS[texts["decimal"]] if "decimal" in texts else None,
        header={"true": True, "false": False}[texts["header"]] if "header" in texts else None,
    )
    try:
        look = read_preview(path, wanted)
        x, y = _columns(look, texts, classes)
        drop = texts.get("bad") == "drop"
        return read(path, Choices(form=look.form, x=x, y=y, classes=classes, drop_bad=drop))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def _columns(look: Preview, texts: Mapping[str, str], classes: bool) -> tuple[tuple[int, ...], int]:
    """The places of the columns x and y; those that are not named are suggested."""
    numbers = [place for place, kind in enumerate(look.kinds) if kind == "number"]
    named_y = _place(look, texts["y"]) if "y" in texts else None
    x, y = look.suggested(words=classes, y=named_y)
    if "x" in texts:
        named = [texts["x"]] if texts["x"] in look.names else texts["x"].split("+")
        x = tuple(_place(look, name) for name in named)
    if named_y is None and y in x:
        y = next((place for place in reversed(numbers) if place not in x), y)
    return x, y


def _place(look: Preview, name: str) -> int:
    """A column by its name, or by its number from 1."""
    if name.strip() in look.names:
        return look.names.index(name.strip())
    if name.strip().isascii() and name.strip().isdigit() and 1 <= int(name) <= len(look.names):
        return int(name) - 1
    raise ValueError(f"there is no column {name!r}; there are {', '.join(look.names[:20])}")
