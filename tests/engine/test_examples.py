"""The ready experiments: what they claim holds, here and on other machines; no digits of a chaotic run are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lrstudio.core.language import LANGUAGES, tr, use
from lrstudio.engine.claims import Outcome, predicate, reading
from lrstudio.engine.claims.sentence import slots
from lrstudio.engine.examples import EXAMPLES, Example, example_of
from lrstudio.engine.experiment import Gradient
from lrstudio.engine.training.simulation import Simulation
from tests.everywhere import NO_AVX2, elsewhere, examples, kernels

BY_KEY = {example.key: example for example in EXAMPLES}
KNOWN_BEFORE = {"1", "2", "3"}
"""Numbers of formulas, as 1 − 2η, and the slope of y = 3x."""


@cache
def outcome(key: str) -> Outcome:
    experiment = BY_KEY[key].experiment
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return Outcome(experiment, simulation.trace)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_claim_holds(example: Example) -> None:
    seen = outcome(example.key)
    assert not example.premise or predicate(example.premise)(seen)
    assert [claim.holds(seen) for claim in example.claims] == [True] * len(example.claims)
    answer = example.answer(seen)
    assert "otherwise" not in answer and "not known" not in answer
    assert 80 <= len(answer) <= 400


ELSEWHERE = [
    *(pytest.param(["--kind", "networks"], {"OPENBLAS_CORETYPE": kernel}, id=kernel) for kernel in kernels()),
    pytest.param(["--kind", "all"], NO_AVX2, id="no AVX2"),
    pytest.param(["--kind", "all", "--nudge", "1"], {}, id="nudged"),
]
"""Of the numbers in the claims only eigenvalues, those of networks, go through BLAS.

The others run without AVX2, which changes numpy's loops, and nudged. More is tried by `python -m tests.everywhere`.
"""


@pytest.mark.parametrize(("arguments", "environment"), ELSEWHERE)
def test_every_claim_holds_on_other_machines(arguments: list[str], environment: dict[str, str]) -> None:
    found = elsewhere(arguments, environment)
    if found is None:
        pytest.skip("this CPU has not the instructions of that kernel")
    assert list(found) == [example.key for example in examples(arguments[1])]
    assert {key: held for key, held in found.items() if not all(held)} == {}


def texts(example: Example) -> list[str]:
    claimed = [text for claim in example.claims for text in (claim.text, claim.otherwise)]
    return [example.title_template, example.question_template, *claimed]


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh_CN")
    yield
    use("en")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_claim_is_stated_in_chinese_with_the_same_numbers(example: Example, chinese: None) -> None:
    seen = Outcome(example.experiment, outcome(example.key).trace)
    assert example_of(seen.experiment) is example
    assert [claim.holds(seen) for claim in example.claims] == [True] * len(example.claims)
    answer = example.answer(seen)
    assert re.search("[\u4e00-\u9fff]", answer) and answer.endswith("。") and "。 " not in answer
    assert "这次的结果不同" not in answer and "还不知道" not in answer
    assert not re.search("[{}]|[a-z]{3,} [a-z]{3,}", answer)
    for text in (example.title, example.question, example.group):
        assert "{" not in text and re.search("[\u3001-\uffef]", tr(text)), text
    for text in texts(example):
        assert sorted(set(slots(tr(text)))) == sorted(set(slots(text)))


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_no_number_is_typed_in(example: Example, name: str, chinese: None) -> None:
    """A number outside of a slot is one that a slot of the same text asks for: a target, a share, some steps."""
    use(name)
    for text in map(tr, texts(example)):
        asked = set(re.findall(r"\d+(?:\.\d+)?", " ".join(slots(text)))) | KNOWN_BEFORE
        typed = re.findall(r"\d+(?:\.\d+)?", re.sub(r"\{[^}]*\}|10⁻⁶|y = 3x|\(w \+ 1\)²|float32", "", text))
        assert set(typed) <= asked, text


def test_claims_say_of_other_runs_that_they_do_not_hold() -> None:
    """Every claim is one that can fail: with all rates the same, most of what an example teaches is not there."""
    for example in EXAMPLES:
        experiment = example.experiment
        for index in range(len(experiment.runs)):
            experiment = experiment.with_run(index, **vars(experiment.runs[0]))
        simulation = Simulation(experiment)
        simulation.advance(20)
        assert not all(claim.holds(Outcome(experiment, simulation.trace)) for claim in example.claims), example.key


def value(key: str, text: str) -> float:
    found = reading(text).value(outcome(key))
    assert not isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("key", "text", "truth"),
    [
        ("proportional", "curvature at the minimum", 16.70),  # of the Hessian [[15, 5], [5, 2]]
        ("proportional", "run 3: limit", 0.1198),
        ("float32_trap", "run 3: weight w at end", 12755.16),  # text 1
        ("parabola", "run 1: loss at end", 36 * 0.98**200),
        ("parabola_edge", "run 1: steps to distance 1e-6", 18),  # 6 * 0.4^18 < 1e-6 < 6 * 0.4^17
        ("parabola_edge", "run 4: factor in theory", -1.1),
        ("parabola_measured", "run 1: weight w at end", -1.00005),
        ("schedules", "run 3: steps to loss 1", 21),
        ("momentum_limit", "run 1: limit", 2 / 16.70),
        ("momentum_limit", "run 2: limit", 2 * 1.9 / 16.70),
        ("momentum_limit", "run 3: limit", 2 * 1.9 / (16.70 * 2.8)),
    ],
)
def test_numbers_are_those_of_theory_and_of_the_texts(key: str, text: str, truth: float) -> None:
    assert value(key, text) == pytest.approx(truth, rel=1e-3)


def test_the_noisy_line_needs_as_many_steps_as_text_4_says() -> None:
    assert 55 <= value("noisy_line", "run 1: steps to within 1 % of the floor") <= 70
    assert 6 <= value("noisy_line", "run 2: steps to within 1 % of the floor") <= 9
    assert value("noisy_line", "floor") == pytest.approx(1 / 12, rel=0.05)


def test_what_rounds_to_nothing_is_exactly_nothing() -> None:
    for key, run in (("float32_trap", 3), ("parabola_measured", 2)):
        assert value(key, f"run {run}: slope of w at end") == 0
        weight = np.float32(value(key, f"run {run}: weight w at end"))
        assert weight + np.float32(1e-4) == weight


def test_an_example_is_known_by_its_experiment() -> None:
    for example in EXAMPLES:
        assert example_of(example.experiment) is example
        experiment = example.experiment
        assert example_of(experiment.with_run(0, label="mine", color=7)) is example
        assert example_of(experiment.with_run(0, lr=experiment.runs[0].lr * (1 + 1e-9))) is None


def test_other_settings_are_another_experiment() -> None:
    experiment = BY_KEY["noisy_batches"].experiment
    changes: tuple[dict[str, object], ...] = (
        {"steps": 301}, {"batch_size": 5}, {"seed": 1}, {"target_loss": 0.1}, {"runs": experiment.runs[:2]},
        {"precision": "float32"}, {"gradient": Gradient(mode="central")},
    )  # fmt: skip
    for change in changes:
        assert example_of(replace(experiment, **change)) is None  # type: ignore[arg-type]


def test_every_example_has_what_a_class_needs() -> None:
    for example in EXAMPLES:
        assert example.question.endswith("?")
        assert len(example.title) <= 40
        assert len(example.question) <= 90
        assert example.group
        assert example.pace is None or example.experiment.steps / example.pace <= 20


def test_examples_of_a_group_stand_together() -> None:
    groups = [example.group for example in EXAMPLES]
    assert groups == sorted(groups, key=groups.index)
    assert len({example.title for example in EXAMPLES}) == len(EXAMPLES)
