"""Record the schedules of Keras and Optax: writes keras_and_optax.json; needs keras, jax and optax.

python tests/reference/frameworks/of_keras.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import keras
import optax

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
STEPS, PLANNED, WARM = 90, 60, 6
LR = 0.2


def rates(schedule: Callable[[int], Any]) -> list[float]:
    return [float(schedule(step)) for step in range(STEPS)]


def of_keras() -> Iterator[tuple[str, dict[str, Any]]]:
    half, most = PLANNED // 2, 3 * PLANNED // 4
    yield "ExponentialDecay", {"decay_steps": PLANNED // 10, "decay_rate": 0.96}
    yield "CosineDecay", {"decay_steps": PLANNED}
    yield "CosineDecayRestarts", {"first_decay_steps": PLANNED // 7}
    yield "PiecewiseConstantDecay", {"boundaries": [half, most], "values": [LR, LR * 0.1, LR * 0.1**2]}
    yield "PolynomialDecay", {"decay_steps": PLANNED}
    yield "InverseTimeDecay", {"decay_steps": PLANNED // 10, "decay_rate": 0.5}


def of_optax() -> Iterator[tuple[str, dict[str, Any]]]:
    half, most, cycle = PLANNED // 2, 3 * PLANNED // 4, PLANNED // 3
    one = {"init_value": 0.0, "peak_value": LR, "warmup_steps": cycle // 5, "decay_steps": cycle}
    yield "exponential_decay", {"init_value": LR, "transition_steps": PLANNED // 10, "decay_rate": 0.96}
    yield "warmup_cosine_decay_schedule", one | {"warmup_steps": WARM, "decay_steps": PLANNED}
    yield "sgdr_schedule", {"cosine_kwargs": [one, one, one]}
    yield "piecewise_constant_schedule", {"init_value": LR, "boundaries_and_scales": {half: 0.1, most: 0.1}}


def presets() -> Iterator[dict[str, Any]]:
    for name, given in of_keras():
        first = {} if name == "PiecewiseConstantDecay" else {"initial_learning_rate": LR}
        found = rates(getattr(keras.optimizers.schedules, name)(**first, **given))
        yield {"library": "keras", "name": name, "call": f"{name}(**{first | given})", "rates": found}
    for name, given in of_optax():
        found = rates(getattr(optax, name)(**given))
        yield {"library": "optax", "name": name, "call": f"{name}(**{given})", "rates": found}


def inverse_times() -> Iterator[dict[str, Any]]:
    cases: list[dict[str, Any]] = [
        {"decay_steps": 1, "decay_rate": 0.1},
        {"decay_steps": 7, "decay_rate": 2.0},
        {"decay_steps": 7, "decay_rate": 0.5, "staircase": True},
    ]
    for values in cases:
        yield {"values": values, "rates": rates(keras.optimizers.schedules.InverseTimeDecay(LR, **values))}


def main() -> None:
    document = {
        "source": {name: version(name) for name in ("keras", "jax", "optax")},
        "steps": STEPS,
        "planned": PLANNED,
        "lr": LR,
        "presets": list(presets()),
        "inverse_times": list(inverse_times()),
    }
    path = Path(__file__).with_name("keras_and_optax.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
