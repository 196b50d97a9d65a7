"""The runs of an experiment as a script for Keras 3 on JAX."""

from __future__ import annotations

from collections.abc import Iterator

from lrstudio.engine.code.optax_script import OptaxScript

_BY_KERAS = '''
def by_keras(make):
    """Returns a function that begins an update by an optimizer of Keras; its rate is set at each step."""
    def begin(w):
        variable, optimizer = keras.Variable(w), make()
        optimizer.build([variable])

        def step(_, g, lr, *_more):
            optimizer.learning_rate = lr
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

    def imports(self) -> Iterator[str]:
        yield from ("import os", "", 'os.environ["KERAS_BACKEND"] = "jax"', "")
        yield from ("import jax", "import jax.numpy as jnp", "import keras", "import numpy as np", "")
        if not self.single:
            yield 'jax.config.update("jax_enable_x64", True)'
            yield 'keras.config.set_floatx("float64")'

    def by_class(self, call: str) -> str:
        return f"by_keras(lambda: {call})"
