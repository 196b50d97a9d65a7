"""The language of the texts: choosing it, looking texts up, and a catalogue that is complete."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from lrstudio.core.analysis.proof import verdict
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.typeset import plain_text, typeset
from lrstudio.core.language import LANGUAGES, language, mark, sentences, system_language, tr, trn, use
from lrstudio.core.optimizers import Adam
from lrstudio.core.schedules import Step


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


def test_sentences_are_joined_as_the_language_has_it() -> None:
    assert sentences("It falls.", "", "It rises.") == "It falls. It rises."
    use("zh_CN")
    assert sentences("它在下降。", "", "它在上升。") == "它在下降。它在上升。"


def test_what_was_made_before_a_change_of_the_language_is_told_in_the_new_one() -> None:
    found = verdict("converging", "pace", {"left": 0.032, "lr": 0.1, "limit": 0.5, "steepest": 4.0})
    assert found.sentence.startswith("It comes closer: 3.2 % of the way down is left. Its rate 0.1 is below")
    assert Adam.summary().startswith("Momentum, divided")
    use("zh_CN")
    assert found.sentence == (
        "它在不断接近极小点：损失还有 3.2 % 没有降下来。对于曲率 λ = 4，它的学习率 0.1 低于最大稳定学习率 2/λ = 0.5。"
    )
    assert Adam.summary().startswith("动量除以梯度的均方根")


def test_errors_are_told_in_the_language_in_use() -> None:
    use("zh_CN")
    with pytest.raises(FormulaError, match=r"^第 5 列：公式在此结束，但后面还应有数、名称或"):
        parse_expression("1 + ")
    with pytest.raises(ValueError, match=r"^step_size = 0 不符合要求，应为：1 到 1000000000 之间的整数$"):
        Step.from_texts({"step_size": "0"})


def test_a_choice_in_a_formula_is_typeset_in_the_words_of_the_language() -> None:
    tree = parse_expression("where(a > 0, b, where(a < 0, c, d))*2")
    assert plain_text(typeset(tree)) == "(b if a > 0, c if a < 0, else d)·2"
    use("zh_CN")
    assert plain_text(typeset(tree)) == "(若 a > 0 则 b，若 a < 0 则 c，否则 d)·2"
