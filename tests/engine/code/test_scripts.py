"""Scripts for all libraries: they are Python, name their differences, and the recorded numbers agree."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.engine.code import LIBRARIES, script
from lrstudio.engine.lessons.words import experiment_of
from tests.engine.code.scripts import SETTINGS

RECORDS = json.loads((Path(__file__).parents[2] / "reference" / "scripts.json").read_text())


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("words", SETTINGS)
def test_a_script_is_python(library: str, words: str) -> None:
    ast.parse(script(experiment_of(words), library))


@pytest.mark.parametrize("library", ["torch", "optax", "keras"])
def test_scripts_give_the_numbers_of_the_program_with_the_real_library(library: str) -> None:
    record = RECORDS[library]["distances"]
    assert set(SETTINGS) <= set(record)
    assert {name: distance for name, distance in record.items() if distance is None or distance > 1e-9} == {}


def test_a_library_s_own_optimizer_is_taken_where_it_agrees() -> None:
    for library, call in (
        ("torch", "torch.optim.Adam(params, lr, betas=(0.8, 0.999), eps=1e-08, weight_decay=0.0, amsgrad=False)"),
        ("optax", "optax.adam(learning_rate, 0.8, 0.999, 1e-08)"),
    ):
        assert call in script(experiment_of("--optimizer adam:beta1=0.8 --lr 0.1"), library)
    for library, optimizer, call in (
        ("keras", "adam:eps_uncorrected=true", "keras.optimizers.Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-08, "),
        ("keras", "nadam:momentum_decay=1", "keras.optimizers.Nadam(beta_1=0.9, "),
        ("optax", "adagrad:eps_inside=true", "optax.adagrad(learning_rate, 0.0, 1e-10)"),
        (
            "optax",
            "rmsprop:eps_inside=true",
            "optax.rmsprop(learning_rate, 0.99, 1e-08, eps_in_sqrt=True",
        ),
    ):
        assert call in script(experiment_of(f"--optimizer {optimizer} --lr 0.1"), library)


@pytest.mark.parametrize(
    ("library", "optimizer", "why"),
    [
        ("keras", "adam", "Adam of Keras adds epsilon before the bias is corrected"),
        ("keras", "sgd:momentum=0.9", "SGD of Keras has a velocity that keeps the rates of its past steps"),
        ("optax", "rmsprop:momentum=0.9", "RMSprop of optax has a velocity that keeps the rates of its past steps"),
        ("optax", "adagrad", "Adagrad of optax begins its sum at 0.1"),
        ("optax", "adam:amsgrad=true", "Adam of optax has no amsgrad"),
    ],
)
def test_a_rule_that_is_written_out_says_why(library: str, optimizer: str, why: str) -> None:
    assert why in script(experiment_of(f"--optimizer {optimizer} --lr 0.1"), library)


@pytest.mark.parametrize(
    ("library", "call"),
    [
        ("torch", "cycle(optimizer, optimizer.given[0])"),
        ("optax", "by_optax(lambda learning_rate, beta1: optax.adamw(learning_rate, beta1, 0.999"),
        ("keras", "beta_1=0.9, beta_2=0.999, epsilon=1e-08, amsgrad=False), 'beta_1')"),
    ],
)
def test_a_schedule_moves_the_momentum_of_a_library_s_own_class(library: str, call: str) -> None:
    words = "--optimizer adamw:eps_uncorrected=EPS --lr 0.1 --schedule one_cycle:cycle_momentum=true"
    assert call in script(experiment_of(words.replace("EPS", str(library == "keras").lower())), library)


def test_a_difference_is_told_only_where_no_class_agrees() -> None:
    for kind in OPTIMIZERS:
        for library in ("optax", "keras"):
            assert not kind().call(library) or not kind().difference(library) or kind.key == "sgd"
