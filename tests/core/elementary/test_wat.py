"""WebAssembly has the same bits as NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.elementary.arrays import evaluated, in_kernel, with_numpy
from lrstudio.core.elementary.functions import FUNCTIONS
from lrstudio.core.elementary.wat import array_module, definitions
from lrstudio.core.kernel.host import Kernel, available
from tests.core.elementary.test_special_values import SIGNED, same
from tests.elementary_truth import points

pytestmark = pytest.mark.skipif(not available(), reason="there is no WebAssembly here")
LANES = ("f64", "f64x2", "f32", "f32x4")


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
    kernel = Kernel(array_module(name, lanes))
    addresses = [kernel.put(argument) for argument in arguments]
    result = kernel.allocate(arguments[0].nbytes)
    kernel.call("apply", *addresses, result, result + arguments[0].nbytes)
    assert same(kernel.view(result, arguments[0].shape, dtype).copy(), with_numpy(name, arguments))


def test_functions_of_several_lanes_fit_into_one_module() -> None:
    wanted = {(name, lanes) for name in FUNCTIONS for lanes in LANES}
    text = definitions(wanted)
    assert all(text.count(f"(func ${name}_{lanes} ") == 1 for name, lanes in wanted)
    Kernel(f'(module (memory (export "memory") 1) {text})')


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, 3, 2**13, 2**13 + 1, 20_001])
def test_arrays_of_any_length_pass_through_the_kernel(size: int, dtype: type) -> None:
    x: Array = np.linspace(-3, 3, size).astype(dtype)
    assert same(in_kernel("tanh", [x]), with_numpy("tanh", [x]))


def test_many_elements_are_evaluated_like_few() -> None:
    x, y = np.linspace(0.1, 3, 50)[:, None], np.linspace(-3, 3, 40)
    assert same(evaluated("pow", x, y), np.array([evaluated("pow", x[i], y) for i in range(50)]))
