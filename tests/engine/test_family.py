from __future__ import annotations

from dataclasses import replace

import pytest

from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import NoisyLine
from lrstudio.core.schedules import Cyclic, Exponential, MultiStep, Warmup
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.family import (
    MAX_FAMILY,
    MOST_LR,
    Knob,
    around,
    family,
    knobs,
    parse_values,
    with_another,
    with_copy,
    without,
)

THREE = Experiment(
    problem=NoisyLine(), runs=tuple(Run(lr=rate, color=color) for color, rate in enumerate((0.1, 0.7, 1.01)))
)


def knob(experiment: Experiment, index: int, name: str) -> Knob:
    (found,) = [knob for knob in knobs(experiment, index) if knob.name == name]
    return found


def test_every_number_of_a_run_can_be_varied_but_no_switch() -> None:
    run = Run(lr=0.1, optimizer=SGD(momentum=0.5), schedule=Exponential(gamma=0.9))
    found = {(knob.group, knob.name): knob.value for knob in knobs(replace(THREE, runs=(run,)), 0)}
    assert found["lr", "lr"] == 0.1
    assert found["optimizer", "momentum"] == 0.5
    assert found["schedule", "gamma"] == 0.9
    assert {name for group, name in found if group == "start"} == {"w", "b"}
    assert ("optimizer", "nesterov") not in found
    assert ("optimizer", "clip_norm") not in found  # it is off
    clipped = replace(THREE, runs=(Run(lr=0.1, optimizer=SGD(clip_norm=2.0)),))
    assert {knob.name: knob.value for knob in knobs(clipped, 0)}["clip_norm"] == 2.0


def test_what_is_automatic_has_the_value_that_it_comes_to() -> None:
    experiment = replace(THREE, runs=(Run(lr=0.2, schedule=Cyclic(step_size_up=7)),), steps=60)
    found = {knob.name: knob.value for knob in knobs(experiment, 0) if knob.group == "schedule"}
    assert found == {"base_lr": 0.05, "max_lr": 0.2, "step_size_up": 7, "step_size_down": 7, "gamma": 1} | {
        "base_momentum": 0.8,
        "max_momentum": 0.9,
    }
    assert around(knob(experiment, 0, "max_lr")) == [0.02, 0.2, 2]


def test_lists_and_texts_are_no_knobs() -> None:
    runs = (Run(lr=0.1, schedule=MultiStep()), Run(lr=0.1, schedule=Warmup()))
    experiment = replace(THREE, runs=runs)
    named = [[knob.name for knob in knobs(experiment, index) if knob.group == "schedule"] for index in (0, 1)]
    assert named == [["gamma"], ["total_iters", "start_factor"]]


def test_a_family_takes_the_place_of_its_run_in_colours_of_their_own() -> None:
    made = family(THREE, 1, knob(THREE, 1, "lr"), [0.01, 0.2, 0.3], palette=8)
    assert [run.lr for run in made.runs] == [0.1, 0.01, 0.2, 0.3, 1.01]
    assert [run.color for run in made.runs] == [0, 1, 3, 4, 2]


def test_optimizers_schedules_and_starts_are_varied() -> None:
    experiment = THREE.with_run(0, schedule=Exponential(gamma=0.9))
    momenta = family(experiment, 0, knob(experiment, 0, "momentum"), [0.0, 0.9], palette=8)
    assert [run.optimizer for run in momenta.runs[:2]] == [SGD(), SGD(momentum=0.9)]
    gammas = family(experiment, 0, knob(experiment, 0, "gamma"), [0.5, 1.0], palette=8)
    assert [run.schedule for run in gammas.runs[:2]] == [Exponential(gamma=0.5), Exponential(gamma=1.0)]
    starts = family(experiment, 2, knob(experiment, 2, "b"), [-3.0, 3.0], palette=8)
    assert [run.start for run in starts.runs[2:]] == [(THREE.problem.start[0], -3.0), (THREE.problem.start[0], 3.0)]


def test_a_family_is_named_by_what_tells_its_members_apart() -> None:
    made = family(THREE, 0, knob(THREE, 0, "momentum"), [0.0, 0.9], palette=8)
    assert [made.label(index) for index in (0, 1)] == ["0.1 momentum=0", "0.1 momentum=0.9"]
    starts = family(THREE, 0, knob(THREE, 0, "w"), [-1.0, 2.5], palette=8)
    assert [starts.label(index) for index in (0, 1)] == ["0.1 from w=-1", "0.1 from w=2.5"]


def test_a_value_that_cannot_be_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="momentum"):
        family(THREE, 0, knob(THREE, 0, "momentum"), [0.5, -1.0], palette=8)
    with pytest.raises(ValueError, match="at most 64"):
        family(THREE, 0, knob(THREE, 0, "lr"), [float(value) for value in range(1, MAX_FAMILY)], palette=8)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.01, 0.1, 1", [0.01, 0.1, 1.0]),
        ("0,01; 0,1", [0.01, 0.1]),
        ("1e-3..1 x4", [1e-3, 1e-2, 1e-1, 1.0]),
        ("0.001 .. 1 × 4, 5", [1e-3, 1e-2, 1e-1, 1.0, 5.0]),
        ("1, 1, 2", [1.0, 2.0]),
        ("0.5，1、2", [0.5, 1.0, 2.0]),
        ("0,5；1", [0.5, 1.0]),
        ("32,128", [32.0, 128.0]),
        ("10,05; 2", [10.05, 2.0]),
        ("1..2 x0000000002", [1.0, 2.0]),
    ],
)
def test_values_are_read_as_they_are_written(text: str, values: list[float]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0,05", [0.05]),
        ("0.05", [0.05]),
        ("0,01, 0,1", [0.01, 0.1]),
        ("1,500", [1.5]),
        ("1, 2, 3,", [1.0, 2.0, 3.0]),
        ("0,001..0,1 x3", [0.001, 0.01, 0.1]),
    ],
)
def test_where_the_comma_is_the_decimal_mark_a_space_follows_the_one_between_values(
    text: str, values: list[float]
) -> None:
    assert parse_values(text, mark=",") == values


@pytest.mark.parametrize(
    ("text", "mark", "says"),
    [
        ("0,05", ".", "write 0.05 for 0,05"),
        ("0,5, 0,1", ".", "write 0.05 for 0,05"),
        ("10, 0,1..1 x4", ".", "write 0.05 for 0,05"),
        ("0,1; 1,500", ".", "'1,500' can mean 1.5 or 1500"),
        ("1.500", ",", "'1.500' can mean 1.5 or 1500"),
        ("0,1; 1.500", ",", "'1.500' can mean 1.5 or 1500"),
        ("1,2,3", ",", "'1,2,3' is no number"),
    ],
)
def test_a_comma_that_can_be_two_things_is_asked_for(text: str, mark: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_values(text, mark=mark)


def test_linear_ranges_are_cut_evenly_and_whole_ones_stay_whole() -> None:
    assert parse_values("0..1 x5", log=False) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert parse_values("1..10 x4", log=False, whole=True) == [1.0, 4.0, 7.0, 10.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "a",
        "1..2",
        "1..2 x1",
        "1..2 x99999",
        "0..1 x3",
        "1e999",
        "nan",
        "1..2 xx",
        "1_000",
        "x3",
        "1..2 x0000000065",
    ],
)
def test_what_is_no_list_of_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_values(text)


def test_values_around_a_knob_show_what_it_does_and_are_allowed() -> None:
    experiment = THREE.with_run(0, schedule=Exponential(gamma=0.9, decay_steps=10), optimizer=SGD(momentum=0.9))
    assert around(knob(experiment, 0, "lr")) == [0.01, 0.1, 1.0]
    assert around(knob(experiment, 0, "momentum")) == [0.0, 0.5, 0.9]
    assert around(knob(experiment, 0, "decay_steps")) == [1.0, 10.0, 100.0]
    assert around(replace(knob(experiment, 0, "w"), value=4.0)) == [2.0, 4.0, 6.0]
    for known in knobs(experiment, 0):
        family(experiment, 0, known, around(known), palette=8)


def test_a_run_more_has_three_times_the_last_rate_and_a_free_colour() -> None:
    more = with_another(THREE, palette=8)
    assert more.runs[-1] == Run(lr=3.03, color=3)
    fast = with_another(THREE.with_run(2, lr=MOST_LR), palette=8)
    assert fast.runs[-1].lr == MOST_LR


def test_a_copy_differs_in_its_colour_only() -> None:
    named = THREE.with_run(0, label="mine")
    assert with_copy(named, 0, palette=8).runs[-1] == replace(named.runs[0], color=3)


def test_a_run_is_taken_out() -> None:
    assert without(THREE, 1).runs == (THREE.runs[0], THREE.runs[2])


@pytest.mark.parametrize(("rate", "following"), [(0.1, "0.3"), (0.7, "2.1"), (1.1, "3.3"), (1e-7, "3e-07")])
def test_three_times_a_rate_has_no_digits_of_rounding(rate: float, following: str) -> None:
    assert f"{with_another(THREE.with_run(len(THREE.runs) - 1, lr=rate), palette=8).runs[-1].lr!r}" == following
