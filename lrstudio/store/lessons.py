"""The lessons that are shipped."""

from __future__ import annotations

from importlib.resources import files


def lessons(language: str = "en") -> list[tuple[str, str]]:
    """Key and title (the first line) of every lesson in a language, in the order of their keys."""
    folder = files("lrstudio.resources") / "lessons" / language
    if not folder.is_dir():
        return []
    pages = sorted((page for page in folder.iterdir() if page.name.endswith(".md")), key=lambda page: page.name)
    return [(page.name[:-3], page.read_text("utf-8").split("\n", 1)[0].lstrip("# ")) for page in pages]
