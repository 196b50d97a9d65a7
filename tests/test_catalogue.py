"""The texts of the program and their translations: whole sentences, each with its translation, nothing left over."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES

ROOT = Path(__file__).parents[1]
CATALOGUE: dict[str, Any] = runpy.run_path(str(ROOT / "packaging" / "catalogue.py"))
FLOORS = ("core", "engine", "store", "terminal", "ui")
"""The floors whose texts are all translated, and whose errors are all texts."""
UNSEEN = {"AssertionError", "FrozenInstanceError", "MemoryError", "NotImplementedError", "RuntimeError", "SystemExit"}
UNSEEN |= {"ProgressError", "TypeError"}
"""Errors whose message no user reads."""
PROGRAMMERS = {
    "lrstudio/core/formula/compile.py: the input  is not among the inputs",
    "lrstudio/engine/examples/example.py: :  has a slot without a value before the run",
    "lrstudio/core/landscape.py: a landscape of  parameters is a slice through a point of as many",
}
"""Errors that only a caller can make, as `file: literal parts`."""
_RAISES = re.compile(r"(Error|fail|refuse)$")


@cache
def problems(language: str) -> list[str]:
    found: list[str] = CATALOGUE["problems"](language)
    return found


@cache
def texts() -> set[str]:
    return {text if isinstance(text, str) else text[0] for text in CATALOGUE["texts"]()}


@pytest.mark.parametrize("language", CATALOGUE["LANGUAGES"])
@pytest.mark.parametrize("floor", FLOORS)
def test_every_text_of_a_floor_is_translated_with_its_slots(language: str, floor: str) -> None:
    assert [line for line in problems(language) if f": lrstudio/{floor}/" in line] == []


@pytest.mark.parametrize("language", CATALOGUE["LANGUAGES"])
def test_no_translation_is_left_over_and_the_compiled_file_is_that_of_the_source(language: str) -> None:
    assert [line for line in problems(language) if not re.search(r": lrstudio/", line)] == []


def test_titles_labels_and_paragraphs_of_all_entries_are_texts() -> None:
    entries = (*PROBLEMS, *OPTIMIZERS, *SCHEDULES)
    paragraphs = {text for kind in entries for text in CATALOGUE["paragraphs"](kind.__doc__ or "")}
    declared = {kind.title for kind in entries}
    declared |= {text for kind in entries for entry in kind.parameters() for text in (entry.label, entry.help)}
    assert paragraphs | declared | {kind.summary() for kind in entries} <= texts()


@pytest.mark.parametrize("floor", FLOORS)
def test_the_errors_of_a_floor_are_texts(floor: str) -> None:
    found = {
        f"{file.relative_to(ROOT).as_posix()}: {words}"
        for file in sorted((ROOT / "lrstudio" / floor).rglob("*.py"))
        for words in untranslated(file.read_text(encoding="utf-8"))
    }
    assert found <= PROGRAMMERS, "\n".join(sorted(found - PROGRAMMERS))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise ValueError("no such file")', ["no such file"]),
        ('raise ValueError(f"no file {name}")', ["no file "]),
        ('raise ValueError(tr("no file {name}", name=name))', []),
        ('raise ValueError(tr("no file {name}", name=f"the file {name}"))', []),
        ('raise FormulaError("too deep" if deep else tr("too wide"), 1)', ["too deep"]),
        ('self._fail("too deep", token)', ["too deep"]),
        ('return SessionError(f"{where}: it is damaged")', [": it is damaged"]),
        ('raise TypeError("a call that is wrong")', []),
        ('raise ValueError(f"{name}: {error}")', []),
    ],
)
def test_an_error_without_a_translation_is_found(source: str, expected: list[str]) -> None:
    assert list(untranslated(source)) == expected


@pytest.mark.parametrize(
    "source",
    [
        'tr(f"no file {name}")',
        'tr("no " + name)',
        'tr("no file ")',
        'tr("no file {}")',
        "f\"{tr('no file')} of this name\"",
        'tr("no file") + " of this name"',
        'tr("no file") + tr("of this name")',
    ],
)
def test_a_piece_of_a_sentence_is_refused(source: str, tmp_path: Path) -> None:
    (tmp_path / "lrstudio").mkdir()
    (tmp_path / "lrstudio" / "module.py").write_text(f"print({source})\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"module\.py:1: "):
        CATALOGUE["texts"](tmp_path / "lrstudio")


def untranslated(source: str) -> Iterator[str]:
    """Yields the English sentences, of two words or more, that are raised or returned as errors without `tr`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _RAISES.search(name_of(node)) and name_of(node) not in UNSEEN:
            for argument in node.args[:1]:
                yield from filter(lambda words: re.search(r"[a-z]+[ -][a-z]+", words), literals(argument))


def literals(node: ast.expr) -> Iterator[str]:
    """Yields the texts in an expression that are outside `tr`, those of an f-string joined."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.IfExp, ast.BinOp, ast.BoolOp)):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from literals(child)


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
