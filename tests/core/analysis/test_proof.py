"""The sentences that prove a verdict: numbers a student can check."""

from __future__ import annotations

import pytest

from lrstudio.core.analysis.proof import verdict
from lrstudio.core.analysis.verdict import Key

BOWL = {"lr": 0.9, "limit": 1.0, "steepest": 2.0, "predicted": 0.8, "factor": 0.8, "left": 0.13, "turns": 40.0}


def test_limit_curvature_and_both_factors_are_told() -> None:
    said = verdict("oscillating", "reversing", BOWL).sentence
    assert "turned back 40 times" in said
    assert "rate 0.9 is below the largest stable rate 2/λ = 1 for the curvature λ = 2." in said
    assert "multiplies the slope by 0.8." in said and said.endswith("The predicted factor is 0.8, without its sign.")
    assert "0.8 predicted, 0.8 measured" in verdict("converging", "pace", BOWL).sentence


@pytest.mark.parametrize("reason", ["reversing", "pace", "minimum", "slow"])
def test_without_theory_a_verdict_tells_what_was_observed_only(reason: str) -> None:
    told = verdict("converging", reason, BOWL | {"least": 2.0, "greatest": 2.0})
    said = told.without_theory().sentence
    assert said and told.sentence.startswith(said) and len(said) < len(told.sentence)
    assert "λ" not in said and "predicted" not in said


@pytest.mark.parametrize(
    ("key", "reason", "rate", "side"),
    [
        ("too_slow", "slow", 0.5, "below the largest stable rate"),
        ("cycling", "cycle", 1.0, "is the largest stable rate"),
        ("diverged", "growth", 1.5, "above the largest stable rate"),
    ],
)
def test_a_rate_at_the_limit_is_neither_below_nor_above(key: Key, reason: str, rate: float, side: str) -> None:
    assert side in verdict(key, reason, BOWL | {"lr": rate}).sentence


@pytest.mark.parametrize(
    ("key", "reason", "rate"),
    [("cycling", "cycle", 0.5), ("diverged", "growth", 0.5), ("diverged", "overflow", 0.9), ("too_slow", "slow", 1.5),
     ("converging", "pace", 1.1), ("oscillating", "reversing", 2.0), ("diverged", "unbounded", 0.5),
     ("stuck", "zero_rate", 0)],
)  # fmt: skip
def test_a_limit_that_does_not_explain_what_was_seen_is_that_of_another_place(
    key: Key, reason: str, rate: float
) -> None:
    assert "stable" not in verdict(key, reason, BOWL | {"lr": rate}).sentence


def test_a_prediction_on_the_other_side_of_1_is_not_told() -> None:
    assert "predicted" not in verdict("diverged", "growth", BOWL | {"factor": 1.2}).sentence
    assert "comes closer" not in verdict("converging", "pace", BOWL | {"factor": 1.2}).sentence


@pytest.mark.parametrize(
    ("left", "told"),
    [(0.13, "13 %"), (3.4e-4, "0.034 %"), (1e-8, "less than 0.0001 %"), (1e-20, "less than 0.0001 %"), (0.0, "0 %")],
)
def test_shares_are_told_in_per_cent(left: float, told: str) -> None:
    assert told in verdict("converging", "pace", {"left": left}).sentence


def test_a_slope_that_grew_is_not_said_to_shrink() -> None:
    said = verdict("oscillating", "reversing", BOWL | {"factor": 1.005}).sentence
    assert "comes closer" not in said and "turned back 40 times" in said


def test_a_factor_next_to_1_keeps_the_digits_that_tell_it_from_1() -> None:
    assert "0.99997 predicted" in verdict("converging", "pace", BOWL | {"predicted": 0.99997}).sentence


def test_what_has_arrived_is_not_told_that_its_rate_is_too_large() -> None:
    assert "stable" not in verdict("arrived", "minimum", BOWL | {"lr": 2.0, "left": 0.0}).sentence
    assert "stable" in verdict("diverged", "growth", BOWL | {"lr": 2.0}).sentence


def test_the_noise_of_batches_is_not_compared_with_a_factor() -> None:
    assert "predicted" not in verdict("plateau", "noise", BOWL).sentence


def test_an_unknown_number_is_left_out_of_the_sentence() -> None:
    assert verdict("too_slow", "slow", {"ahead": float("nan")}).sentence == "The loss has hardly changed."
    assert "{" not in verdict("oscillating", "reversing", {}).sentence


def test_a_run_that_stands_above_its_beginning_has_no_share_of_a_way_left() -> None:
    cases: list[tuple[Key, str]] = [
        ("too_slow", "slow"),
        ("plateau", "faded"),
        ("converging", "pace"),
        ("plateau", "overshot"),
    ]
    for key, reason in cases:
        said = verdict(key, reason, BOWL | {"left": 2.77e86, "ahead": 2.77e86, "share": 0.0, "peak": 1e90}).sentence
        assert "%" not in said and "more than all of the way" in said


@pytest.mark.parametrize(("measured", "told"), [(0.8332, True), (0.996, False), (0.997, False)])
def test_a_factor_that_is_not_yet_the_predicted_one_is_called_so(measured: float, told: bool) -> None:
    said = verdict("converging", "pace", BOWL | {"predicted": 0.997, "factor": measured}).sentence
    assert (f"{measured} measured so far, 0.997 predicted in the long run" in said) == told


def test_after_the_planned_steps_nothing_is_foretold() -> None:
    numbers = {"ahead": 0.5, "left": 0.5, "far": 0.9, "far_ahead": 0.9}
    assert "will be left" in verdict("too_slow", "slow", {**numbers, "to_go": 10}).sentence
    assert "will be left" in verdict("too_slow", "slow_direction", {**numbers, "to_go": 10}).sentence
    ended = verdict("too_slow", "slow", {**numbers, "to_go": 0}).sentence
    assert ended == "The planned steps are over, and 50 % of the way down is left."
    ended = verdict("too_slow", "slow_direction", {**numbers, "to_go": -5}).sentence
    assert "after the planned steps 90 % of the distance to the minimum is left" in ended


def test_a_single_weight_has_no_slowest_direction() -> None:
    numbers = {"left": 0.01, "far": 0.1, "far_ahead": 0.9, "to_go": 10}
    for reason in ("minimum", "slow_direction"):
        assert "slowest direction" in verdict("arrived", reason, {**numbers, "weights": 2}).sentence
        assert "direction" not in verdict("arrived", reason, {**numbers, "weights": 1}).sentence
    ended = verdict("too_slow", "slow_direction", {**numbers, "weights": 1, "to_go": 0}).sentence
    assert ended.endswith("10 % of the distance to the minimum is left.")
    assert verdict("arrived", "minimum", {"left": 0.01, "weights": 1}).sentence == (
        "It is at a minimum: 1 % of the way down is left."
    )
