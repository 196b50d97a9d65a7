"""The words of the field as the program uses them: `resources/help/LANGUAGE/glossary.md`.

An entry is `## KEY: TITLE`, a paragraph, and `See: KEY, KEY`. Its key is the same in all languages.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from lrstudio.core.record import dataclass

_ENTRY = re.compile(r"## (?P<key>\w+): (?P<title>[^\n]+)\n+(?P<text>[^#]+?)\n\nSee: (?P<see>[\w, ]+)\n*")


@dataclass(frozen=True)
class Term:
    """A word and what it means, in one language; `see` are the keys of the words that it leads to."""

    key: str
    title: str
    text: str
    see: tuple[str, ...]


@cache
def terms(language: str) -> tuple[Term, ...]:
    """Returns the words in a language, from the loss to the tools."""
    page = (files("lrstudio.resources") / "help" / language / "glossary.md").read_text("utf-8")
    return tuple(
        Term(found["key"], found["title"], " ".join(found["text"].split()), tuple(found["see"].split(", ")))
        for found in _ENTRY.finditer(page)
    )
