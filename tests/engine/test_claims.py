"""The language of measures and predicates, and the sentences with their values."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lrstudio.core.language import use
from lrstudio.core.problems import NoisyLine, Parabola, Proportional
from lrstudio.core.schedules import Cosine
from lrstudio.engine.claims import Claim, Outcome, answer, fill, predicate, reading
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

THREE = Experiment(problem=Parabola(), runs=(Run(lr=0.25), Run(lr=0.5), Run(lr=2.0)), steps=20)
"""From a distance of 6 the factors per step are 0.5, 0 and -3."""


def ran(experiment: Experiment, steps: int | None = None) -> Outcome:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps if steps is None else steps)
    return Outcome(experiment, simulation.trace)


def value(text: str, outcome: Outcome) -> float | str:
    return reading(text).value(outcome)


def test_an_overflow_that_ends_every_run_is_told_like_one_that_does_not() -> None:
    alone = Experiment(problem=Parabola(), runs=(Run(lr=1e9),), steps=60)
    beside = replace(alone, runs=(*alone.runs, Run(lr=0.1)))
    steps = [value("run 1: diverged at", ran(experiment)) for experiment in (alone, beside)]
    assert steps[0] == steps[1] != math.inf
    assert value("run 1: loss at end", ran(alone)) == math.inf


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("run 1: weight w at 1 to 2 decimals", "2.00"),
        ("run 3: weight w at 1 to 3 decimals", "−19.000"),
        ("run 3: weight w at 1 to 3 digits", "−19"),
    ],
)
def test_a_number_has_the_digits_or_the_decimals_that_are_asked_for(text: str, says: str) -> None:
    assert reading(text).text(ran(THREE)) == says


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("planned steps", 20.0),
        ("curvature at the minimum", 2.0),
        ("floor", 0.0),
        ("run 3: rate", 2.0),
        ("run 3: limit", 1.0),
        ("run 3: factor in theory", -3.0),
        ("run 1: loss at start", 36.0),
        ("run 1: loss at 2", 36 / 16),
        ("run 1: loss at end", 36 * 0.25**20),
        ("run 1: least loss", 36 * 0.25**20),
        ("run 3: greatest loss", 36 * 9.0**20),
        ("run 1: steps to loss 1", 3.0),
        ("run 3: steps to loss 1", math.inf),
        ("run 1: steps to distance 0.1", 6.0),
        ("run 1: distance at 2", 1.5),
        ("run 1: weight w at 1", 2.0),
        ("run 3: greatest weight w", 6 * 3.0**20 - 1),
        ("run 2: spread of w over the last 5 steps", 0.0),
        ("run 2: at rest since", 1.0),
        ("run 1: at rest since", math.inf),
        ("run 1: slope of w at start", 12.0),
        ("run 1: gap of w at start", 2.0**-50),
        ("run 1: rate at 3", 0.25),
        ("run 1: diverged at", math.inf),
        ("run 1: curvature at 4", 2.0),
        ("run 2: late curvature times rate", 1.0),
        ("run 3: verdict", "diverged"),
        ("run 2: name", "0.5"),
    ],
)
def test_what_is_measured_is_what_a_bowl_of_curvature_2_gives(text: str, truth: float | str) -> None:
    found = value(text, ran(THREE))
    assert found == (truth if isinstance(truth, str) else pytest.approx(truth, rel=1e-9, abs=1e-12))


def test_losses_of_mini_batches_are_those_on_all_data() -> None:
    experiment = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),), steps=30, batch_size=4)
    whole = ran(replace(experiment, batch_size=None), 0)
    outcome = ran(experiment)
    assert value("run 1: loss at start", outcome) == pytest.approx(value("run 1: loss at 0", whole))
    assert value("run 1: loss at start", outcome) != pytest.approx(float(outcome.trace.read("loss")[0, 0]), rel=1e-3)


def test_the_steepest_fall_and_the_least_loss_name_the_rates_of_their_updates() -> None:
    outcome = ran(Experiment(problem=Parabola(), runs=(Run(lr=0.4),), steps=4))
    assert value("run 1: rate of the steepest fall", outcome) == 0.4
    assert value("run 1: rate of the least loss", outcome) == 0.4
    outcome = ran(Experiment(problem=Parabola(), runs=(Run(lr=2.0),), steps=4))
    assert math.isnan(float(value("run 1: rate of the least loss", outcome)))  # no update led to it


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("run 1: loss at 2 < run 1: loss at 1 < 36", True),
        ("run 1: loss at 1 < run 1: loss at 2", False),
        ("run 2: steps to loss 1 < run 1: steps to loss 1 < run 3: steps to loss 1", True),
        ("4 * run 1: loss at 1 = run 1: loss at start within 1 %", True),
        ("run 1: factor in theory = -1 * run 1: factor in theory within 1 %", False),
        ("run 3: steps to loss 1 = run 3: steps to loss 1 within 1 %", False),  # never is no time
        ("run 2: verdict is arrived and not run 3: verdict is arrived", True),
        ("run 3: verdict is arrived or run 3: verdict is diverged", True),
        ("only run 3: verdict is diverged", True),
        ("only run 2: loss at end < 1", False),
        ("every run: rate > 0.1", True),
        ("no run: rate > 2", True),
        ("no run: rate >= 2", False),
        ("nudge > 0", None),
        ("nudge > 0 and run 1: rate > 1", False),
        ("nudge > 0 or run 1: rate < 1", True),
        ("not nudge > 0", None),
    ],
)
def test_a_predicate_is_true_false_or_not_known(text: str, truth: bool | None) -> None:
    assert predicate(text)(ran(THREE)) is truth


@pytest.mark.parametrize(
    "text",
    [
        "", "run 1: rate", "run 1: rate <", "rate > 1", "run 1: planned steps > 3", "run 0: rate > 1",
        "run 1.5: rate > 1", "run 1: loss > 3", "run 1: loss at x > 3", "run 1: loss at -3 > 1",
        "run 1: rate > 1 and", "run 1: rate > 1 run 2: rate > 1", "run 1: verdict > 1", "run 1: name > 1",
        "run 1: rate is arrived", "run 1: verdict is nice", "run 1: rate = 3", "run 1: rate = 3 within 5",
        "run 1: rate == 3", "run 1: rate > (1)", "__import__('os')", "only run: rate > 1", "every run rate > 1",
        "run 1: rate > 1e999", "run 1: rate > 1; 2", "run 1: rate > " + "1" * 600,
    ],
)  # fmt: skip
def test_what_is_no_predicate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r": |longer"):
        predicate(text)


@pytest.mark.parametrize("text", ["run 1: rate to 3", "run 1: rate to x digits", "run 1: rate > 1", "{rate}", "run 1:"])
def test_what_is_no_reading_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r": |longer"):
        reading(text)


@pytest.mark.parametrize("text", ["run 4: rate", "run 1: weight b at 3"])
def test_what_the_experiment_has_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r": |longer"):
        value(text, ran(THREE))


@pytest.mark.parametrize("text", ["{run 1: rate", "run 1: rate}", "{run 1: rat}", "{{run 1: rate}}"])
def test_a_slot_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r": |longer"):
        fill(text, ran(THREE))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{run 1: rate}", "0.25"),
        ("{run 3: factor in theory}", "−3"),
        ("{run 3: loss at 3}", "26,200"),
        ("{run 3: loss at 3 to 5 digits}", "26244"),
        ("{run 1: loss at end}", "3.27·10⁻¹¹"),
        ("{run 1: steps to loss 1} of {planned steps}", "3 of 20"),
        ("{run 3: steps to loss 1}", None),
    ],
)
def test_slots_are_filled(text: str, shown: str | None) -> None:
    assert fill(text, ran(THREE)) == shown


def test_a_claim_that_does_not_hold_states_its_alternative() -> None:
    outcome = ran(THREE)
    claim = Claim("Only {run 1: rate} arrives.", "only run 1: verdict is arrived", "{run 2: rate} arrives too.")
    assert claim.statement(outcome) == "0.5 arrives too."
    assert replace(claim, when="run 2: verdict is arrived").statement(outcome) == "Only 0.25 arrives."
    said = answer([replace(claim, otherwise="")], outcome)
    assert said.startswith("It went otherwise here. 0.25: ") and "0.5: arrived" in said and "2: diverged" in said


def test_before_the_end_only_certain_claims_are_stated() -> None:
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.01), Run(lr=0.1), Run(lr=1.0)), steps=1000)
    early, later = ran(experiment, 50), ran(experiment, 130)
    gone = Claim("{run 3: rate} is gone at step {run 3: diverged at}.", "run 3: rate > run 3: limit")
    best = Claim("{run 2: rate} has the least loss.", "run 2: loss at end < run 1: loss at end", "Another has it.")
    assert answer([gone, best], early).startswith("After 50 of 1,000 steps the whole answer is not known yet. 0.01: ")
    said = answer([gone, best], later)
    assert said.startswith("1 is gone at step 128. After 130 of 1,000 steps")
    assert said.endswith("1: diverged at step 128.")
    assert answer([gone, best], ran(experiment)).endswith("0.1 has the least loss.")


def test_the_first_steps_are_not_judged() -> None:
    said = answer([Claim("Never.", "run 1: loss at end > 1")], ran(THREE, 2))
    assert said.endswith("0.25: loss 2.25 at step 2; 0.5: loss 0 at step 2; 2: loss 2.92e+03 at step 2.")


def test_rates_that_were_changed_on_the_way_and_back_are_noticed() -> None:
    simulation = Simulation(THREE)
    simulation.advance(5)
    simulation.amend(THREE.with_run(0, lr=0.3))
    simulation.advance(5)
    simulation.amend(THREE)
    simulation.advance(10)
    outcome = Outcome(THREE, simulation.trace)
    assert answer([Claim("As planned.")], outcome).startswith("The rates were changed on the way")
    assert answer([Claim("As planned.")], ran(THREE)) == "As planned."


def test_a_planned_end_that_was_moved_and_moved_back_changes_nothing() -> None:
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.1, schedule=Cosine()),), steps=20)
    simulation = Simulation(experiment)
    simulation.advance(5)
    simulation.amend(simulation.as_planned(replace(experiment, steps=40)))
    simulation.advance(5)
    back = simulation.as_planned(replace(simulation.experiment, steps=20))
    assert back == experiment
    simulation.amend(back)
    simulation.advance(10)
    assert Outcome(experiment, simulation.trace).as_declared
    assert simulation.trace.read("loss", 0, 21).tolist() == ran(experiment).trace.read("loss", 0, 21).tolist()


def test_every_sentence_is_in_the_language_in_use() -> None:
    outcome = ran(replace(THREE, runs=(Run(lr=0.0001), Run(lr=0.0002))))
    claims = [Claim("{run 1: name} has the rate {run 1: rate}."), Claim("No.", "run 1: rate > 1")]
    try:
        use("zh_CN")
        said = answer(claims, outcome)
    finally:
        use("en")
    assert said.startswith("0.0001 has the rate 0.0001.这次的结果不同。") and said.endswith("。"), said
    assert said.count("太慢") == 2 and said.count("；") == 1, said
