"""The written pages of the help: the same in every language, and one for each plot."""

from __future__ import annotations

import pytest

from lrstudio.core.language import LANGUAGES
from lrstudio.engine.help.handbook import GROUPS, Section, sections


def bodies(language: str) -> dict[str, Section]:
    return {section.key: section for section in sections(language)}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_the_same_pages_and_each_says_something(language: str) -> None:
    found = sections(language)
    assert [section.key for section in found] == [section.key for section in sections("en")]
    assert len({section.key for section in found}) == len(found)
    assert {section.group for section in found} == set(GROUPS)
    assert all("{#" not in section.text and section.title in section.text for section in found)
    assert min(len(section.text) for section in found) > 60


def test_pages_of_plots_say_what_is_good_and_what_is_bad() -> None:
    for key, section in bodies("en").items():
        if key.startswith("view/"):
            assert "**Good**" in section.text and "**Bad**" in section.text, key
    for key, section in bodies("zh_CN").items():
        if key.startswith("view/"):
            assert "**好的样子**" in section.text and "**不好的样子**" in section.text, key
