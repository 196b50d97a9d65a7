"""Formulas in the texts of lessons: their words are those of the language in use, their numbers may be filled in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrstudio.core.language import use
from lrstudio.engine.lessons import prose


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh_CN")
    yield
    use("en")


def test_the_words_of_a_formula_are_chinese_in_a_chinese_text(chinese: None) -> None:
    assert prose("$w_new = w - rate*gradient$").plain == "w_新 = w − 学习率·梯度"
    assert prose("$rate_0*(1 - t/T)$").plain == "学习率₀·(1 − t/T)"
    assert prose("$limit = 2/lambd$").plain == "上限 = 2/λ"


def test_names_stay_as_they_are_in_english() -> None:
    assert prose("$w_new = w - rate*gradient$").plain == "w_new = w − rate·gradient"


def test_a_power_of_ten_that_fills_a_slot_is_a_number_of_the_formula() -> None:
    assert prose("$loss = 3.27·10⁻¹¹$").plain == "loss = 3.27·10⁻¹¹"
    assert prose("$rate = 10⁻⁵$").plain == "rate = 10⁻⁵"
    assert prose("$w = −10⁷$").plain == "w = −10⁷"
