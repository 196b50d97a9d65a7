"""Declared parameters: checked, never guessed."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from lrstudio.core.datasets.plane import SHAPES
from lrstudio.core.declaration import Declared, choice, find, length, numbers, param, text
from lrstudio.core.language import tr, use
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam
from lrstudio.core.parameter import Choice, Number
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.problems.classification import Classification
from lrstudio.core.schedules import SCHEDULES, Cosine, Exponential, Step

CATALOGUE = [*OPTIMIZERS, *SCHEDULES, *PROBLEMS]


class Sample(Declared):
    """A sentence.

    More.
    """

    key = "sample"
    title = "Sample"
    share: float = param(0.5, "a share", 0, 1)
    size: float = param(1.0, "a size", above=0)
    count: int = param(3, "a count", 1, 9)
    free: float = param(0.0, "any")
    flag: bool = param(False, "a flag")
    steps: int | None = length("a length")
    rate: float | None = param(None, "a rate", above=0, whole=False)
    shape: str = choice("moons", ("moons", "xor"), "a shape")
    formula: str = text("w^2", "a formula", most=20)
    places: tuple[int, ...] = numbers((1, 2), "places", 0, 99, rising=True)
    sizes: tuple[float, ...] = numbers((0.5,), "sizes", 0)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [("share", 1, 1.0), ("share", 0.0, 0.0), ("count", 9, 9), ("count", 2.0, 2), ("flag", True, True),
     ("steps", None, None),
     ("rate", None, None), ("rate", 1, 1.0), ("shape", "xor", "xor"), ("formula", "a\nb", "a\nb"),
     ("places", [3, 5.0], (3, 5)), ("sizes", (1, 0.5), (1.0, 0.5)),
     ("steps", 1, 1), ("size", 1e-300, 1e-300), ("free", -1e300, -1e300), ("steps", 10**9, 10**9)],
)  # fmt: skip
def test_a_value_inside_the_bounds_is_taken_in_the_declared_type(name: str, given: Any, value: object) -> None:
    taken = getattr(Sample(**{name: given}), name)
    assert taken == value
    assert type(taken) is type(value)


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("share", 1.1, "a number from 0 to 1"),
        ("share", -1e-9, "a number from 0 to 1"),
        ("share", float("nan"), "a number from 0 to 1"),
        ("share", "0.5", "a number from 0 to 1"),
        ("share", True, "a number from 0 to 1"),
        ("share", None, "a number from 0 to 1"),
        ("size", 0, "a number above 0"),
        ("size", float("inf"), "a number above 0"),
        ("count", 2.7, "a whole number from 1 to 9"),
        ("count", 0, "a whole number from 1 to 9"),
        ("free", float("inf"), "a number"),
        ("free", 10**400, "a number"),
        ("flag", 1, "true or false"),
        ("flag", "False", "true or false"),
        ("steps", 0, "a whole number from 1 to 1000000000"),
        ("steps", 1.5, "a whole number from 1 to 1000000000"),
        ("steps", 10**400, "a whole number from 1 to 1000000000"),
        ("rate", 0.0, "a number above 0"),
        ("shape", "circle", "one of moons, xor"),
        ("shape", None, "one of moons, xor"),
        ("formula", "", "a text of 1 to 20 characters"),
        ("formula", "w" * 21, "a text of 1 to 20 characters"),
        ("formula", "w\x00", "a text of 1 to 20 characters"),
        ("formula", 3, "a text of 1 to 20 characters"),
        ("places", (), "whole numbers from 0 to 99 in rising order, joined with +, as in 20+35"),
        ("places", (2, 2), "whole numbers from 0 to 99 in rising order, joined with +, as in 20+35"),
        ("places", (2, 200), "whole numbers from 0 to 99 in rising order, joined with +, as in 20+35"),
        ("places", (2, 2.5), "whole numbers from 0 to 99 in rising order, joined with +, as in 20+35"),
        ("places", 3, "whole numbers from 0 to 99 in rising order, joined with +, as in 20+35"),
        ("sizes", (float("nan"),), "numbers at least 0, joined with +, as in 20+35"),
    ],
)
def test_any_other_value_is_refused_with_what_is_allowed(name: str, given: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"(?s)^{name} = .*: must be {re.escape(allowed)}$"):
        Sample(**{name: given})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("share", " 0.25 ", 0.25), ("share", "1e-3", 0.001), ("count", "7", 7), ("flag", "True", True),
     ("flag", "false", False),
     ("shape", " xor ", "xor"), ("formula", "a + b", "a + b"), ("places", "20+35", (20, 35)), ("places", "4", (4,)),
     ("sizes", "0.5 + 1e-3", (0.5, 0.001)), ("rate", "auto", None), ("rate", "0.5", 0.5),
     ("steps", "auto", None), ("steps", "", None), ("steps", "12", 12)],
)  # fmt: skip
def test_a_typed_text_is_read(name: str, text: str, value: object) -> None:
    assert Sample.from_texts({name: text}).values()[name] == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("share", "half"), ("share", "nan"), ("share", "inf"), ("share", ""), ("count", "2.0"), ("count", "two"),
     ("count", "1e1"),
     ("flag", "1"), ("flag", "yes"), ("steps", "none"), ("steps", "1" + "0" * 400), ("steps", "1" * 5000),
     ("shape", "ring"), ("places", "20+"), ("places", "20,35"), ("places", "35+20"), ("places", ""), ("sizes", "1+x"),
     ("free", "1e999")],
)  # fmt: skip
def test_a_text_that_is_not_such_a_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .*: must be "):
        Sample.from_texts({name: text})


def test_an_unknown_parameter_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        ValueError,
        match=r"^adam has no parameter 'beta'; it has beta1, beta2, eps, .*, clip_norm, clip_value$",
    ):
        Adam.from_texts({"beta": "0.9"})
    with pytest.raises(ValueError, match=r"^constant has no parameter 'x'; it has none$"):
        SCHEDULES[0].from_texts({"x": "1"})


def test_an_unknown_key_is_answered_with_those_there_are() -> None:
    assert find(OPTIMIZERS, "adam", "optimizer") is Adam
    with pytest.raises(
        ValueError, match=r"^unknown optimizer 'ada'; there are sgd, adagrad, rmsprop, adadelta, adam, .*newton, rule$"
    ):
        find(OPTIMIZERS, "ada", "optimizer")


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.key)
def test_every_entry_says_what_it_is_and_its_defaults_hold(entry: type[Declared]) -> None:
    assert entry().values() == {parameter.name: parameter.default for parameter in entry.parameters()}
    assert entry.summary().endswith(".")
    assert entry.title
    assert entry.key.isidentifier()
    for parameter in entry.parameters():
        assert parameter.help
        assert parameter.allowed
        assert not isinstance(parameter, Number) or parameter.low <= parameter.high


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.key)
def test_parameters_have_short_names_on_the_screen_without_the_underscores_of_their_own(entry: type[Declared]) -> None:
    labels = [parameter.label for parameter in entry.parameters()]
    assert len(set(labels)) == len(labels)
    assert all(0 < len(label) <= 20 and "_" not in label for label in labels), labels


@pytest.mark.parametrize("catalogue", [OPTIMIZERS, SCHEDULES, PROBLEMS])
def test_keys_and_titles_are_told_apart(catalogue: tuple[type[Declared], ...]) -> None:
    assert len({entry.key for entry in catalogue}) == len(catalogue) == len({entry.title for entry in catalogue})


@pytest.mark.parametrize("entry", [entry for entry in CATALOGUE if fields(entry)], ids=lambda entry: entry.key)
def test_an_entry_read_from_its_own_texts_is_itself(entry: type[Declared]) -> None:
    texts = {parameter.name: parameter.plain(parameter.default) for parameter in entry.parameters()}
    assert entry.from_texts(texts) == entry()


@pytest.mark.parametrize("values", [{"nesterov": True}, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}])
def test_values_that_do_not_go_together_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs momentum above 0 and dampening = 0"):
        SGD(**values)


def test_values_can_be_compared_and_are_frozen() -> None:
    assert Step(step_size=5) == Step(step_size=5) != Step()
    assert hash(Cosine()) == hash(Cosine())
    with pytest.raises(AttributeError):
        Exponential().gamma = 0.5  # type: ignore[misc]


def test_the_words_of_a_choice_are_their_own_titles_and_those_of_the_language_are_translated() -> None:
    shape = next(field for field in Classification.parameters() if field.name == "shape")
    assert isinstance(shape, Choice)
    assert shape.titles == shape.choices == tuple(SHAPES)
    use("zh_CN")
    try:
        assert [tr(title) for title in shape.titles] == ["高斯团", "双月", "同心圆", "异或", "螺旋"]
    finally:
        use("en")
