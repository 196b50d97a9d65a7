"""The charts of a trace."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from lrstudio.core.problems import Parabola, Proportional, Rosenbrock
from lrstudio.core.problems.classification import Classification
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.documents.pictures import Picture, pictures


def drawn(experiment: Experiment) -> dict[str, Picture]:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return {picture.key: picture for picture in pictures(experiment, simulation.trace)}


def words(picture: Picture) -> set[str]:
    return {part.text or "" for part in ElementTree.fromstring(picture.svg).findall(".//{*}text")}


def experiment(problem: object, *rates: float, steps: int = 20) -> Experiment:
    runs = tuple(Run(lr=lr, color=index) for index, lr in enumerate(rates))
    return Experiment(problem=problem, runs=runs, steps=steps)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "keys"),
    [
        (Parabola(), ["landscape", "loss", "weights", "rate"]),
        (Rosenbrock(), ["landscape", "loss", "weights", "rate"]),
        (Classification(n=60), ["loss", "accuracy", "rate"]),
    ],
    ids=lambda value: getattr(value, "key", None),
)
def test_a_problem_has_the_charts_that_it_can_have(problem: object, keys: list[str]) -> None:
    found = drawn(experiment(problem, 0.001, 0.002, steps=8))
    assert list(found) == keys
    assert {"0.001", "0.002", "step"} <= words(found["loss"])


def test_a_run_that_explodes_leaves_room_for_the_others() -> None:
    found = drawn(experiment(Proportional(), 0.1, 1.0, steps=100))
    numbers = {word for word in words(found["loss"]) if word.startswith("10")}
    assert not any("¹⁰⁰" in number or "²⁰⁰" in number for number in numbers)
    assert {"w, 0.1", "b, 0.1"} <= words(found["weights"])


def test_of_very_many_runs_the_first_are_drawn_and_the_others_counted() -> None:
    found = drawn(experiment(Parabola(), *(0.001 * number for number in range(1, 31)), steps=3))
    assert any("6" in word and "Loss against step" in word for word in words(found["loss"]))
    assert "0.024" in words(found["loss"]) and "0.025" not in words(found["loss"])
