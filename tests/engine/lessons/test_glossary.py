"""The glossary in all languages: whole, alike, and in the words that CONTRIBUTING.md fixes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lrstudio.core.language import LANGUAGES
from lrstudio.engine.lessons.glossary import terms

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_of_the_file_is_a_word(language: str) -> None:
    page = (ROOT / "resources" / "help" / language / "glossary.md").read_text("utf-8")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [f"{term.key}: {term.title}" for term in terms(language)]


def test_all_languages_have_the_same_words_and_references() -> None:
    outlines = {language: [(term.key, term.see) for term in terms(language)] for language in LANGUAGES}
    assert all(outline == outlines["en"] for outline in outlines.values())
    keys = [key for key, _ in outlines["en"]]
    assert len(set(keys)) == len(keys) > 40
    assert all(see and key not in see and set(see) <= set(keys) for key, see in outlines["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_explained_in_a_few_sentences(language: str) -> None:
    end, least, most = (".", 60, 400) if language == "en" else ("。", 20, 160)
    assert [term.key for term in terms(language) if not least < len(term.text) < most] == []
    assert all(term.text.endswith(end) for term in terms(language))


def test_the_chinese_titles_are_those_of_the_glossary_of_developers() -> None:
    english, chinese = ({term.key: term.title for term in terms(language)} for language in ("en", "zh_CN"))
    fixed = dict(fixed_words())
    known = {key: fixed[title.lower()] for key, title in english.items() if title.lower() in fixed}
    assert len(known) >= 25
    assert {key: chinese[key] for key in known} == known


def fixed_words() -> list[tuple[str, str]]:
    """Returns the English and Chinese words of the table in CONTRIBUTING.md."""
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Glossary")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in table.splitlines() if line.startswith("| ")]
    words: list[tuple[str, str]] = []
    for words_of_row, _, translations in rows:
        english = [re.sub(r" [λη]$", "", word) for word in words_of_row.split(", ")]
        chinese = translations.split(", ")
        chinese = chinese * len(english) if len(chinese) == 1 else chinese
        words += zip(english, chinese, strict=False)
    return words
