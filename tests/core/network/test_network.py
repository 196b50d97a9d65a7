"""Networks: layers, losses, initial weights, all runs at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.network import ACTIVATIONS, HEADS, INITS, Network, initial_weights
from lrstudio.core.problems import Classification, Digits


def test_weights_lie_in_the_order_of_pytorch() -> None:
    network = Network((2, 3, 1))
    assert network.size == 2 * 3 + 3 + 3 + 1 == len(network.names)
    assert network.names[:3] == ("w1_1_1", "w1_1_2", "w1_2_1")
    assert network.names[6:] == ("b1_1", "b1_2", "b1_3", "w2_1_1", "w2_1_2", "w2_1_3", "b2_1")
    w = np.arange(13.0)[None]
    x = np.array([[1.0, 10.0]])
    hidden = np.tanh([0 + 10 + 6, 2 + 30 + 7, 4 + 50 + 8])
    assert network.outputs(w, x)[0, 0, 0] == pytest.approx(hidden @ [9, 10, 11] + 12, rel=1e-14)


def test_without_hidden_layers_it_is_logistic_regression() -> None:
    problem = Classification(layers=0)
    objective = problem.objective()
    x, labels = problem.split(0).x, problem.split(0).labels
    w = np.array([[0.3, -0.7, 0.2]])
    share = 1 / (1 + np.exp(-(x @ w[0, :2] + w[0, 2])))
    expected = -(labels * np.log(share) + (1 - labels) * np.log(1 - share)).mean()
    loss, slope = objective.loss_and_gradient(w)
    assert loss[0] == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(slope[0, :2], ((share - labels)[:, None] * x).mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize(
    ("sizes", "head"), [((2, 5, 4, 1), "binary"), ((3, 4), "softmax"), ((3, 6, 4), "softmax")], ids=str
)
def test_the_gradient_is_that_of_differences(sizes: tuple[int, ...], head: str, activation: str) -> None:
    random = np.random.default_rng(1)
    network, chosen = Network(sizes, activation), HEADS[head]
    x, labels = random.normal(size=(20, sizes[0])), random.integers(0, max(2, sizes[-1]), 20)
    w = random.normal(size=(2, network.size))
    found = network.activations(w, x)
    slope = network.gradient(w, found, chosen.slope(found[-1], labels))
    h = 1e-6
    for index in range(network.size):
        nudge = np.zeros(network.size)
        nudge[index] = h
        up, down = (chosen.loss(network.outputs(w + sign * nudge, x), labels) for sign in (1, -1))
        np.testing.assert_allclose(slope[:, index], (up - down) / (2 * h), rtol=2e-6, atol=2e-9)


@pytest.mark.parametrize("head", ["binary", "softmax"])
def test_losses_of_huge_outputs_are_finite(head: str) -> None:
    z = np.array([[[1e4, -1e4]]]) if head == "binary" else np.array([[[1e4, 0.0], [0.0, 1e4]]])
    labels = np.array([0, 1])
    wrong = HEADS[head].loss(z, labels if head == "binary" else 1 - labels)
    assert wrong[0] == pytest.approx(1e4)
    assert np.isfinite(HEADS[head].slope(z, labels)).all()


def test_activations_are_what_they_are_called() -> None:
    z = np.array([-800.0, -1.0, 0.0, 2.0, 800.0])
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"].value(z)[1:4], 1 / (1 + np.exp(-z[1:4])), rtol=1e-14)
    np.testing.assert_array_equal(ACTIVATIONS["relu"].value(z), [0, 0, 0, 2, 800])
    np.testing.assert_array_equal(ACTIVATIONS["relu"].slope(ACTIVATIONS["relu"].value(z)), [0, 0, 0, 1, 1])


@pytest.mark.parametrize("init", INITS)
def test_initial_weights_follow_from_the_seed(init: str) -> None:
    network = Network((64, 32, 10))
    one, again = initial_weights(network, init, 3), initial_weights(network, init, 3)
    np.testing.assert_array_equal(one, again)
    assert one.shape == (network.size,)
    assert init == "zeros" or (initial_weights(network, init, 4) != one).any()
    first = one[network.parts[0][0]]
    widths = {"default": 1 / 8 / 3**0.5, "xavier": (2 / 96) ** 0.5, "he": (2 / 64) ** 0.5, "small": 0.01, "large": 3.0}
    assert first.std() == pytest.approx(widths.get(init, 0.0), rel=0.05)
    assert init == "default" or not one[network.parts[0][1]].any()


def test_a_mini_batch_is_the_loss_of_its_examples() -> None:
    objective = Digits().objective(1)
    w = np.stack([Digits().initial(0), 0.5 * Digits().initial(1)])
    halves = [objective.loss(w, rows) for rows in np.array_split(np.arange(1438), 2)]
    np.testing.assert_allclose(sum(halves) / 2, objective.loss(w), rtol=1e-12)


def test_what_is_evaluated_is_counted_by_hand() -> None:
    problem = Digits(train_share=0.5)
    objective = problem.objective(2)
    w = problem.initial(7)[None]
    split = problem.split(2)
    found = objective.evaluate(w)
    for x, labels, name in ((split.x, split.labels, "accuracy"), (split.other_x, split.other_labels, "val_accuracy")):
        hidden = np.maximum(x @ w[0, : 64 * 32].reshape(32, 64).T + w[0, 64 * 32 : 64 * 32 + 32], 0)
        scores = hidden @ w[0, 2080:2400].reshape(10, 32).T + w[0, 2400:]
        assert found[name][0] == (scores.argmax(axis=1) == labels).mean()
    assert np.isfinite(found["val_loss"]).all()


def test_drifting_points_turn_about_the_origin() -> None:
    problem = Classification(drift=90.0, scale=10.0, noise=0.0)
    still = problem.split(0).x
    np.testing.assert_allclose(problem.drifted(still, 0), still)
    turned = problem.drifted(still, 1000)
    np.testing.assert_allclose(turned[:, 0], -still[:, 1] / 10, atol=1e-12)
    np.testing.assert_allclose(turned[:, 1], still[:, 0] * 10, atol=1e-12)
    objective = problem.objective()
    w = problem.initial(0)[None]
    before: Any = objective.loss(w)
    objective.at(1000)
    assert objective.loss(w)[0] != before[0]
    objective.at(0)
    assert objective.loss(w)[0] == before[0]
