"""The runs of an experiment as a script for Keras 3 on JAX."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrstudio.core.optimizers import Optimizer
from lrstudio.engine.code.optax_script import OptaxScript
from lrstudio.engine.code.rules import Source

_BY_KERAS = '''
def by_keras(make, *moved):
    """Begins an update by an optimizer of Keras; its rate, and what is moved, are set at each step."""
    names = ["learning_rate", *moved]

    def begin(w):
        variable, optimizer = keras.Variable(w), make()
        optimizer.build([variable])

        def step(_, g, *given):
            for name, value in zip(names, given):
                setattr(optimizer, name, value)
            optimizer.apply([g], [variable])
            return variable.value

        return step
    return begin
'''


class KerasScript(OptaxScript):
    key, title, needs = "keras", "Keras", "Keras 3, JAX and NumPy"
    helpers = {call: text for call, text in OptaxScript.helpers.items() if call != "by_optax("} | {
        "by_keras(": _BY_KERAS
    }
    scaled = ""

    def imports(self) -> Iterator[str]:
        yield from ("import os", "", 'os.environ["KERAS_BACKEND"] = "jax"', "")
        yield from ("import jax", "import jax.numpy as jnp", "import keras", "import numpy as np", "")
        if not self.single:
            yield 'jax.config.update("jax_enable_x64", True)'
            yield 'keras.config.set_floatx("float64")'

    def by_class(self, optimizer: Optimizer, moved: str | None, factors: Source | None) -> str:
        named = "" if moved is None else re.findall(r"(\w+)=" + moved, optimizer.call(self.key, moved))
        return f"by_keras(lambda: {optimizer.call(self.key)}{''.join(f', {name!r}' for name in named)})"
