"""Factors of the rate of groups of parameters."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.declaration import find
from lrstudio.core.optimizers import OPTIMIZERS, SGD
from lrstudio.engine.experiment import Experiment, read_lr_factors
from lrstudio.engine.experiment.command import command
from lrstudio.engine.explain.explanation import explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.other_problem import with_other_problem
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.engine.training.numpy_recorder import NumpyRecorder
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.codec import decode, encode
from lrstudio.store.fields import SessionError

RECORDED = json.loads((Path(__file__).parents[1] / "reference" / "torch_groups.json").read_text())
LOSS = '--problem "formula:loss=3*(a-2)^2 + b^2 + a*b"'
NETWORK = "--problem classification --batch-size 16 --steps 12"


def trained(experiment: Experiment) -> Simulation:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return simulation


@pytest.mark.parametrize("case", RECORDED["formulas"], ids=lambda case: f"{case['optimizer']}-{case['lr_factors']}")
def test_a_typed_loss_trains_as_parameter_groups_of_pytorch(case: dict[str, Any]) -> None:
    options = dict(case["options"])
    lr, rows = options.pop("lr"), np.array(case["rows"])
    optimizer = find(OPTIMIZERS, case["optimizer"], "optimizer")(**options)
    start = ",".join(map(str, RECORDED["start"]))
    words = f'--problem "formula:loss={RECORDED["loss"]}" --start={start} --steps {len(rows) - 1}'
    experiment = experiment_of(f"{words} --lr {lr} --schedule exponential:gamma={RECORDED['gamma']}")
    experiment = experiment.with_run(0, optimizer=optimizer, lr_factors=tuple(case["lr_factors"].items()))
    np.testing.assert_allclose(trained(experiment).trace.read("params")[:, 0], rows, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "words",
    [
        "--problem rosenbrock --steps 12 --optimizer adamw --lr 0.01 --lr-factors x:0.5,y:2",
        "--problem rosenbrock --steps 12 --optimizer nadam --lr 0.01 --lr-factors x:0 --precision float32",
        f"{NETWORK} --optimizer adafactor --lr 0.01 --lr-factors layer1:0.1,layer2.bias:3",
        f"{NETWORK} --optimizer sgd:momentum=0.9 --lr 0.1 --lr-factors layer2:0.1 --precision float32",
    ],
)
def test_kernels_and_numpy_give_the_same_bits(words: str) -> None:
    experiment = experiment_of(words)
    simulation, other = trained(experiment), Simulation(experiment)
    recorder = NumpyRecorder(other.runner, other.trace, experiment.problem.recorded)
    with np.errstate(all="ignore"):
        rows = recorder.record(experiment, experiment.steps, None)
    assert np.array_equal(simulation.trace.read("loss")[1:], rows.columns["loss"])
    assert np.array_equal(simulation.trace.read("params")[1:], rows.columns["params"])


def test_factors_of_1_change_no_bit_and_a_factor_of_0_freezes() -> None:
    plain = experiment_of(f"{NETWORK} --optimizer adamw --lr 0.01")
    ones, frozen = (plain.with_run(0, lr_factors=(("layer1", factor),)) for factor in (1.0, 0.0))
    weights = [trained(each).states()[-1]["w"][0] for each in (plain, ones, frozen)]
    assert np.array_equal(weights[0], weights[1])
    still, begin = plain.problem.lr_groups["layer1"], plain.problem.initial(0)
    for index, tensor in enumerate(plain.problem.tensors):
        assert np.array_equal(weights[2][tensor.place], begin[tensor.place]) == (index in still)


def test_runs_with_other_factors_do_not_touch_each_other() -> None:
    three = experiment_of(
        f'{LOSS} --run "lr=0.1;lr_factors=a:0.5" --run "lr=0.1" --run "lr=0.1;lr_factors=a:0.5,b:3" --steps 20'
    )
    together = trained(three).trace.read("params")
    for run in range(3):
        assert np.array_equal(together[:, run], trained(three.alone(run)).trace.read("params")[:, 0])
    assert [three.label(run) for run in range(3)] == ["0.1 a×0.5", "0.1", "0.1 a×0.5 b×3"]


def test_a_sweep_multiplies_the_rates_too() -> None:
    one = experiment_of(f"{LOSS} --lr 0.05 --lr-factors a:0.1,b:10 --steps 300")
    rates = np.array([0.05, 0.0997, 0.11])
    swept = Sweep(one, [Axis("lr", tuple(rates.tolist()))]).run()
    for index, rate in enumerate(rates):
        last = trained(one.with_run(0, lr=float(rate))).trace.read("loss")[-1, 0]
        assert swept.final_loss[index] == last


def test_the_limit_is_that_of_the_scaled_hessian() -> None:
    one = experiment_of(f"{LOSS} --lr 0.1 --lr-factors a:0.1,b:10 --steps 2000")
    scale = np.sqrt(np.diag([0.1, 10.0]))
    limit = 2 / np.linalg.eigvalsh(scale @ np.array([[6.0, 1.0], [1.0, 2.0]]) @ scale)[-1]
    theory = theoretical_limit(one)
    assert theory.exact
    assert theory.limit == pytest.approx(limit, rel=1e-12)
    for share, stable in ((0.99, True), (1.01, False)):
        loss = trained(one.with_run(0, lr=share * limit)).trace.read("loss")[:, 0]
        assert (loss[-1] < loss[0]) == stable
    momentum = one.with_run(0, optimizer=SGD(momentum=0.5))
    assert theoretical_limit(momentum).limit == pytest.approx(1.5 * limit, rel=1e-12)


def test_no_limit_is_told_where_decay_differs_between_parameters() -> None:
    decaying = experiment_of(f"{LOSS} --optimizer sgd:weight_decay=0.1 --lr 0.1 --lr-factors a:0.1,b:10")
    assert not theoretical_limit(decaying).known
    assert theoretical_limit(decaying.with_run(0, lr_factors=())).known


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (f"{LOSS} --lr-factors c:1", r"formula has no group 'c'; it has a, b"),
        (f"{NETWORK} --lr-factors layer9:1", "it has layer1, layer2, .*layer1.weight, layer1.bias"),
        (f"{NETWORK} --lr-factors layer1:1,layer1.bias:2", "layer1 and layer1.bias have the same parameters"),
        (f"{LOSS} --lr-factors a:1,a:2", "a is given twice"),
        (f"{LOSS} --lr-factors a:-1", "at least 0"),
        (f"{LOSS} --lr-factors a", "must be GROUP:FACTOR, as in layer1:0.1"),
        (f"{LOSS} --optimizer adafactor --lr-factors a:2", "measures whole tensors"),
        (f"{NETWORK} --optimizer prodigy --lr-factors layer1:2", "one rate for all parameters"),
    ],
)
def test_what_cannot_be_is_refused_with_what_there_is(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        experiment_of(words)


def test_factors_read_back_from_commands_and_sessions_and_end_with_their_problem() -> None:
    one = experiment_of(f'{NETWORK} --run "lr=0.1;lr_factors=layer2:2,layer1.bias:0.5" --run lr=0.2')
    assert experiment_of(command(one).removeprefix("lrstudio run ")) == one
    document = json.loads(json.dumps(encode(one), sort_keys=True))
    assert decode(document).experiment == one
    assert "lr_factors" not in document["runs"][1]
    document["runs"][0]["lr_factors"]["factors"].pop()
    with pytest.raises(SessionError, match=r"runs\[0\].lr_factors: must have as many factors as groups"):
        decode(document)
    other = with_other_problem(one, experiment_of(LOSS).problem)
    assert all(run.lr_factors == () for run in other.runs)
    fewer = one.with_problem(replace(one.problem, layers=0))  # type: ignore[call-arg]
    assert fewer.runs[0].lr_factors == (("layer1.bias", 0.5),)


@pytest.mark.parametrize(
    ("words", "own"), [(f"{LOSS} --lr-factors b:0.5", 0.05), (f"{NETWORK} --lr-factors layer1:0.5", 0.05)]
)
def test_an_explanation_tells_the_rate_of_the_parameter(words: str, own: float) -> None:
    experiment = experiment_of(f"{words} --lr 0.1")
    explained = explain(Replay(experiment, trained(experiment).trace, 0), 3, parameter=0)
    assert explained is not None
    (line,) = [line for line in explained.lines if "".join(piece.text for piece in line.name) == "rate"]
    assert [numbers.value for numbers in line.numbers][-1] == own
    assert explained.lr == 0.1


@pytest.mark.parametrize(
    ("text", "mark", "factors"),
    [
        ("layer1:0,05, layer2:2", ".", (("layer1", 0.05), ("layer2", 2.0))),
        ("layer1:0.05,layer2:2", ",", (("layer1", 0.05), ("layer2", 2.0))),
        ("layer1:1.500", ".", (("layer1", 1.5),)),
        ("layer1:1,500;b=2", ",", (("layer1", 1.5), ("b", 2.0))),
    ],
)
def test_a_factor_may_have_a_decimal_comma(text: str, mark: str, factors: tuple[tuple[str, float], ...]) -> None:
    assert read_lr_factors(text, mark) == factors


@pytest.mark.parametrize(("text", "mark"), [("layer1:1,500", "."), ("layer1:1.500", ",")])
def test_a_factor_that_can_mean_two_numbers_is_asked_for(text: str, mark: str) -> None:
    with pytest.raises(ValueError, match=r"can mean 1\.5 or 1500"):
        read_lr_factors(text, mark)
