"""Rules in which the update of a parameter reads others: of its tensor, or all."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.graph import Graph
from lrstudio.core.formula.rule import FLOAT64, ScheduleRule, UpdateRule
from lrstudio.core.network import Network
from lrstudio.core.network.joins import joined_functions
from lrstudio.core.optimizers import Rule
from lrstudio.engine.explain.explanation import explain
from lrstudio.engine.explain.line import ShownParameters
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.explain.step_lines import update_lines
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.numpy_recorder import NumpyRecorder
from lrstudio.engine.training.simulation import Simulation

TENSORS = Network((3, 2, 1)).tensors
"""A matrix of 2 × 3, a vector of 2, a matrix of 1 × 2 and a vector of 1."""
X = np.array([[1.0, 2.0, 6.0, -1.0, 0.0, 4.0, 3.0, 5.0, 2.0, 4.0, 7.0]])


def of_tensors(text: str) -> list[float]:
    """The weights after an update of this text, from X."""
    rule = UpdateRule(f"w = {text}", {}, FLOAT64, tensors=TENSORS)
    with np.errstate(all="ignore"):
        (w,) = rule.step(X, X)
    values: list[float] = w[0].tolist()
    return values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(w)", [33.0] * 11),
        ("mean(w)", [3.0] * 11),
        ("norm(w - g)", [0.0] * 11),
        ("tensor_mean(w)", [2.0] * 6 + [4.0] * 2 + [3.0] * 2 + [7.0]),
        ("row_mean(w)", [3.0] * 3 + [1.0] * 3 + [3.0, 5.0, 3.0, 3.0, 7.0]),
        ("column_mean(w)", [0.0, 1.0, 5.0] * 2 + [4.0, 4.0, 2.0, 4.0, 7.0]),
        ("rows(w) + 10*columns(w)", [32.0] * 6 + [12.0] * 2 + [21.0] * 2 + [11.0]),
        ("matrix(w) + hidden(w)", [2.0] * 6 + [0.0] * 2 + [1.0] * 2 + [0.0]),
        ("w - orthogonal(w, 0, 1, 1, 1, 1e-7)*norm(matrix(w)*hidden(w)*w)", [0.0] * 6),
    ],
)
def test_functions_of_tensors_mean_what_they_say(text: str, expected: list[float]) -> None:
    assert of_tensors(text)[: len(expected)] == pytest.approx(expected, abs=1e-14)


def test_muon_s_coefficients_bring_every_singular_value_near_1() -> None:
    functions = dict(joined_functions(Network((8, 5, 1)).tensors))
    values = np.random.default_rng(1).normal(size=(4, 51))
    for run, x in enumerate(functions["orthogonal"](values, 5, 3.4445, -4.775, 2.0315, 1e-7)):
        before = np.linalg.svd(values[run, :40].reshape(5, 8))
        after = np.linalg.svd(x[:40].reshape(5, 8))
        assert (after.S > 0.6).all() and (after.S < 1.25).all()
        projection = np.abs(before.U.T @ x[:40].reshape(5, 8) @ before.Vh.T)
        np.testing.assert_allclose(projection[:, 5:], 0, atol=1e-12)
        np.testing.assert_allclose(projection[:, :5] - np.diag(np.diag(projection)), 0, atol=1e-12)


@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
@pytest.mark.parametrize(
    "problem",
    ["rosenbrock", "formula:loss=a^2+2*b^2+(c-1)^2+d^4+(f-a)^2+h^2", "classification:n=60 --batch-size 16"],
)
def test_kernels_and_numpy_join_with_the_same_bits(problem: str, precision: str) -> None:
    text = "s = 0.9*s + tensor_mean(g^2); u = g/sqrt(s)*sum(abs(w)); w = w - lr*u/(1 + norm(u - mean(u))); w = w*1"
    experiment = experiment_of(f"--problem {problem} --precision {precision} --steps 25 --lr 0.1 --lr 3").with_run(
        0, optimizer=Rule(text=text)
    )
    one, other = Simulation(experiment), Simulation(experiment)
    other.__dict__["_recorder"] = NumpyRecorder(other.runner, other.trace, experiment.problem.recorded)
    for simulation in (one, other):
        simulation.advance(25)
    assert type(one.__dict__["_recorder"]) is not NumpyRecorder
    for column in ("params", "grad", "loss"):
        np.testing.assert_array_equal(one.trace.read(column), other.trace.read(column))


def test_only_the_rule_of_an_optimizer_joins_parameters() -> None:
    with pytest.raises(FormulaError, match="only the rule of an optimizer"):
        ScheduleRule("lr = lr0*norm(t)", {})
    graph = Graph()
    with pytest.raises(FormulaError, match="only the rule of an optimizer"):
        graph.lower(parse_expression("tensor_mean(x)"), {"x": graph.input("x", data=True)})


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        ("rosenbrock", "muon: is for the matrices of a network, and rosenbrock has none; take adamw, or"),
        ("classification:layers=0", "muon: classification has no hidden layer; set last_layer to true, or take adamw"),
    ],
)
def test_muon_is_refused_where_it_has_no_matrix(problem: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        experiment_of(f"--problem {problem} --optimizer muon --lr 0.1")


@pytest.mark.parametrize("optimizer", ["muon", "adafactor", "prodigy:d0=0.001"])
def test_a_step_of_a_network_is_explained_from_all_its_weights(optimizer: str) -> None:
    words = f"--problem classification:n=60 --batch-size 16 --optimizer {optimizer} --lr 0.05 --steps 20"
    experiment = experiment_of(words)
    simulation = Simulation(experiment)
    simulation.advance(9)
    simulation.amend(experiment.with_run(0, lr=0.1))
    simulation.advance(3)
    replay = Replay(simulation.experiment, simulation.trace, 0)
    ahead = simulation.next_weights()[0]
    found = explain(replay, 12)
    assert found is not None and not found.recorded
    np.testing.assert_array_equal(found.after, ahead)
    kept = simulation.states()[0]
    for name, values in replay.whole(12).states.items():
        np.testing.assert_array_equal(values, kept[name][0])
    shown = ShownParameters((0,), simulation.trace.names)
    lines, after = update_lines(replay, shown, 9, 0.1, replay.whole(9), None)
    np.testing.assert_array_equal(after, simulation.trace.read("params")[10, 0])
    assert all(line.vector is None or line.vector.shape == (6,) for line in lines)
