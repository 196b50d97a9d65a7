"""The pages of the help that are written by hand: the guide, the parts of the window, the tools and the plots."""

from __future__ import annotations

import re
from importlib.resources import files

from lrstudio.core.language import mark
from lrstudio.core.record import dataclass

GUIDE = "guide"
GROUPS = {GUIDE: mark("Guide"), "window": mark("The window"), "tool": mark("Tools"), "view": mark("Plots")}
"""Groups of pages with their titles, in their order; a group is one file of Markdown."""
_HEADING = re.compile(r"^## (?P<title>.+?)(?: \{#(?P<key>\w+)\})?$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A page in Markdown; `key` is its own after its group's, a number for chapters of the guide."""

    key: str
    group: str
    title: str
    text: str


def sections(language: str) -> tuple[Section, ...]:
    """Returns all pages of a language in their order."""
    return tuple(section for group in GROUPS for section in _of_group(group, language))


def notebook(language: str) -> bytes:
    """Returns the notebook about the Python interface, with its outputs (nbformat 4)."""
    return (files("lrstudio.resources") / "help" / language / "notebook.ipynb").read_bytes()


def _of_group(group: str, language: str) -> list[Section]:
    text = (files("lrstudio.resources") / "help" / language / f"{group}.md").read_text("utf-8")
    headings = list(_HEADING.finditer(text))
    found = []
    if group == GUIDE:
        first = text[: headings[0].start()]
        found.append(Section(f"{GUIDE}/0", group, first.partition("\n")[0].lstrip("# "), first))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for number, (heading, end) in enumerate(zip(headings, ends, strict=True), 1):
        title = heading["title"]
        body = f"## {title}\n{text[heading.end() : end]}"
        found.append(Section(f"{group}/{heading['key'] or number}", group, title, body))
    return found
