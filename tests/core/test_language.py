"""The language of the texts: choosing it, looking texts up, and a catalogue that is complete."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from lrstudio.core.language import LANGUAGES, language, mark, system_language, tr, trn, use


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use("en")


def test_english_texts_are_those_of_the_source() -> None:
    assert (language(), tr("&Undo"), mark("&Undo")) == ("en", "&Undo", "&Undo")


def test_another_language_translates_from_then_on() -> None:
    use("zh_CN")
    assert tr("Learning rate") == "学习率"
    use("en")
    assert tr("Learning rate") == "Learning rate"


def test_slots_are_filled_after_the_translation() -> None:
    assert tr("step {step:,}", step=1200) == "step 1,200"
    use("zh_CN")
    assert tr("step {step:,}", step=1200) == "第 1,200 步"


def test_the_plural_follows_the_number() -> None:
    assert [trn("{n} step", "{n} steps", n) for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


def test_a_text_that_is_in_no_catalogue_stays_english_and_an_empty_one_empty() -> None:
    use("zh_CN")
    assert (tr("no such text, ever"), tr("")) == ("no such text, ever", "")


def test_an_unknown_language_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no language 'fr'; there are en, zh_CN"):
        use("fr")
    assert set(LANGUAGES) == {"en", "zh_CN"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_SG.GB2312"}, "zh_CN"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "fr:zh_CN:en"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "中文"}, "en"),
    ],
)
def test_the_systems_language_is_that_of_gettexts_variables(environment: dict[str, str], expected: str) -> None:
    assert system_language(environment) == expected


@pytest.mark.skipif(sys.platform not in ("linux",), reason="Windows and macOS tell their language otherwise")
def test_without_any_variable_the_language_is_english() -> None:
    assert system_language({}) == "en"
