"""Record what optimizers of Keras and optax do: `python tests/reference/record_variants.py`, where they are installed.

Writes optimizer_variants.json beside this file; README.md says what is in it.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import optax

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

START = [-1.2, 1.0]
KEPT = (1, 2, 3, 10, 20, 40)
slope = jax.grad(lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2)


def of_keras(optimizer: Any) -> list[list[float]]:
    """The weights after some steps."""
    variable = keras.Variable(START)
    optimizer.build([variable])
    rows = []
    for step in range(1, KEPT[-1] + 1):
        optimizer.apply([slope(variable.value)], [variable])
        rows += [variable.value.tolist()] if step in KEPT else []
    return rows


def of_optax(optimizer: Any) -> list[list[float]]:
    """The weights after some steps."""
    w = jax.numpy.array(START)
    state, rows = optimizer.init(w), []
    for step in range(1, KEPT[-1] + 1):
        updates, state = optimizer.update(slope(w), state, w)
        w = optax.apply_updates(w, updates)
        rows += [w.tolist()] if step in KEPT else []
    return rows


def of_presets() -> dict[str, dict[str, list[list[float]]]]:
    """Every optimizer by its name with its defaults, from the rate 0.05."""
    k, rates = 0.05, keras.optimizers
    names = ("Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Nadam", "Adamax")
    others = ("adam", "adamw", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "lion")
    found = {
        "keras": {name: of_keras(getattr(rates, name)(k)) for name in names},
        "optax": {name: of_optax(getattr(optax, name)(k)) for name in others},
    }
    # SGD leaves the valley at such a rate
    small = 1e-3
    found["keras"]["SGD"], found["optax"]["sgd"] = of_keras(rates.SGD(small)), of_optax(optax.sgd(small))
    return found


def main() -> None:
    rates, k = keras.optimizers, 0.05
    inside: dict[str, Any] = {"eps_inside": True, "eps": 1e-7}
    cases = [
        ("adam", {"eps_uncorrected": True, "eps": 1e-7}, of_keras(rates.Adam(k))),
        (
            "adam",
            {"eps_uncorrected": True, "eps": 1e-2, "amsgrad": True, "beta1": 0.8},
            of_keras(rates.Adam(k, beta_1=0.8, epsilon=1e-2, amsgrad=True)),
        ),
        (
            "adamw",
            {"eps_uncorrected": True, "eps": 1e-3, "weight_decay": 0.1},
            of_keras(rates.AdamW(k, weight_decay=0.1, epsilon=1e-3)),
        ),
        ("rmsprop", {**inside, "alpha": 0.9}, of_keras(rates.RMSprop(k))),
        (
            "rmsprop",
            {**inside, "alpha": 0.9, "centered": True, "momentum": 0.5},
            of_keras(rates.RMSprop(k, centered=True, momentum=0.5)),
        ),
        ("adagrad", {**inside, "initial_accumulator_value": 0.1}, of_keras(rates.Adagrad(k))),
        ("nadam", {"momentum_decay": 1.0, "eps": 1e-7}, of_keras(rates.Nadam(k))),
        ("rmsprop", {"eps_inside": True, "alpha": 0.9}, of_optax(optax.rmsprop(k))),
        ("adagrad", {**inside, "initial_accumulator_value": 0.1}, of_optax(optax.adagrad(k))),
    ]
    decayed = optax.chain(optax.trace(0.9), optax.add_decayed_weights(10.0), optax.scale_by_learning_rate(1e-3))
    text = "b = 0.9*b + g; w = w*(1 - lr*10.0) - lr*b"
    apart = [("rule", {"text": text}, of_optax(decayed))]
    apart += [("rule", {"text": text}, of_keras(rates.SGD(1e-3, momentum=0.9, weight_decay=10.0)))]
    versions = {name: importlib.metadata.version(name) for name in ("keras", "jax", "optax")}
    rows = [
        {"optimizer": name, "values": values, "problem": "rosenbrock", "lr": lr, "rows": found}
        for some, lr in ((cases, k), (apart, 1e-3))
        for name, values, found in some
    ]
    named = {f"{library}.{name}": found for library, some in of_presets().items() for name, found in some.items()}
    presets = [
        {"preset": name, "lr": 1e-3 if "sgd" in name.lower() else k, "rows": found} for name, found in named.items()
    ]
    text = json.dumps({"versions": versions, "kept": KEPT, "cases": rows, "presets": presets})
    text = text.replace('{"preset"', '\n{"preset"')
    text = text.replace('{"optimizer"', '\n{"optimizer"')
    Path(__file__).with_name("optimizer_variants.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
