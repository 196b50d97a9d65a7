"""WebAssembly has the same bits as NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.elementary import definitions
from lrstudio.core.elementary.functions import FUNCTIONS, evaluated
from lrstudio.core.kernel.host import Kernel, available
from tests.core.elementary.test_special_values import SIGNED, same
from tests.elementary_truth import points

pytestmark = pytest.mark.skipif(not available(), reason="there is no WebAssembly here")
LANES = {"f64": ("f64", 8), "f64x2": ("v128", 16), "f32": ("f32", 4), "f32x4": ("v128", 16)}


def module(name: str, lanes: str) -> str:
    """Returns a module that applies a function to arrays: addresses of the arguments, of the result, and its end."""
    arity, (kind, size) = FUNCTIONS[name].arity, LANES[lanes]
    arguments = " ".join(f"local.get {i} {kind}.load" for i in range(arity))
    forward = " ".join(f"local.get {i} i32.const {size} i32.add local.set {i}" for i in range(arity + 1))
    more = f"{forward} local.get {arity} local.get {arity + 1} i32.lt_u br_if 0"
    return f"""(module (memory (export "memory") 1)
        {definitions([(name, lanes)])}
        (func (export "apply") {"(param i32) " * (arity + 2)}
            (loop local.get {arity} {arguments} call ${name}_{lanes} {kind}.store {more})))"""


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_lanes_have_the_bits_of_numpy(name: str, lanes: str) -> None:
    dtype = np.float32 if lanes.startswith("f32") else np.float64
    special = np.meshgrid(SIGNED, SIGNED)
    with np.errstate(over="ignore", under="ignore"):
        arguments = [
            np.concatenate([some.ravel(), x])[: 400 + 8000].astype(dtype)
            for some, x in zip(special, points(name, 20_000, seed=1), strict=False)
        ]
    kernel = Kernel(module(name, lanes))
    addresses = [kernel.put(argument) for argument in arguments]
    result = kernel.allocate(arguments[0].nbytes)
    kernel.call("apply", *addresses, result, result + arguments[0].nbytes)
    assert same(kernel.view(result, arguments[0].shape, dtype).copy(), evaluated(name, *arguments))


def test_functions_of_several_lanes_fit_into_one_module() -> None:
    wanted = {(name, lanes) for name in FUNCTIONS for lanes in LANES}
    text = definitions(wanted)
    assert all(text.count(f"(func ${name}_{lanes} ") == 1 for name, lanes in wanted)
    Kernel(f'(module (memory (export "memory") 1) {text})')
