"""The same training in Keras, with its torch backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests.reference.training_logs.trainer import LOOKS, Setting, Trained, parts


class _Rates(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    def __init__(self, rates: np.ndarray) -> None:
        self.rates = rates

    def __call__(self, step: Any) -> float:
        return float(self.rates[min(int(step), len(self.rates) - 1)])


def train_keras(setting: Setting, rates: np.ndarray, seed: int, state: Any) -> Trained:
    keras.utils.set_random_seed(seed + (0 if state is None else 1000))
    data = [(inputs.numpy(), targets.numpy()) for inputs, targets in parts(setting)]
    x, y = data[0]
    regression = y.dtype == np.float32
    outputs = 1 if regression else int(y.max()) + 1
    layers = [keras.layers.Dense(width, activation=setting.activation) for width in setting.hidden]
    net = keras.Sequential([keras.layers.Input((x.shape[1],)), *layers, keras.layers.Dense(outputs)])
    kinds: dict[str, tuple[Any, dict[str, float]]] = {
        "sgd": (keras.optimizers.SGD, {}), "momentum": (keras.optimizers.SGD, {"momentum": 0.9}),
        "adam": (keras.optimizers.Adam, {}),
    }  # fmt: skip
    kind, options = kinds[setting.optimizer]
    rule = kind(_Rates(rates), **options)
    loss = "mse" if regression else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(optimizer=rule, loss=loss)
    if state is not None:
        net.set_weights(state)
    random = np.random.default_rng(seed)
    size = len(x) if setting.batch is None else setting.batch
    losses, looks, measured, order = [], [], [], np.empty(0, int)

    def look(step: int) -> None:
        looks.append(step)
        measured.append([float(net.evaluate(inputs, targets, verbose=0, batch_size=4096)) for inputs, targets in data])

    for step in range(len(rates)):
        if step % max(1, len(rates) // LOOKS) == 0:
            look(step)
        if len(order) < size:
            order = random.permutation(len(x))
        rows, order = order[:size], order[size:]
        losses.append(float(net.train_on_batch(x[rows], y[rows])))
        net.reset_metrics()
    look(len(rates))
    full, val, test = np.array(measured).T
    return Trained(np.asarray(rates, float), np.array(losses), np.array(looks), full, val, test, net.get_weights())
