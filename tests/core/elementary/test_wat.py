"""WebAssembly has the same bits as NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.elementary.arrays import evaluated, in_kernel, with_numpy
from lrstudio.core.elementary.functions import FUNCTIONS
from lrstudio.core.elementary.wat import SIN_COS, array_module, definitions
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


BASES = [0.0, 5e-324, 1e-300, 0.5, 0.9, 0.999, np.nextafter(1, 0), 1.0, 1.5, 1e300, np.inf, np.nan]


@pytest.mark.parametrize("base", [*BASES, *(-base for base in BASES)])
def test_powers_of_one_base_have_the_bits_of_numpy(base: float) -> None:
    special = np.concatenate([SIGNED, np.arange(30_000.0), np.linspace(-2000, 2000, 9999)])
    many = np.concatenate([special, np.sort(special)])  # sorted: blocks of which all powers are 0
    assert same(evaluated("pow", base, many), with_numpy("pow", [np.full(len(many), base), many]))
    for exponents in np.split(many[: 8 * (len(many) // 8)], 8):
        assert same(
            evaluated("pow", np.array([base]), exponents), evaluated("pow", np.full(len(exponents), base), exponents)
        )


@pytest.mark.parametrize("lanes", ["f64", "f64x2"])
def test_sine_and_cosine_together_have_the_bits_of_each(lanes: str) -> None:
    x = np.concatenate([SIGNED, *points("sin", 8000, seed=2)])
    x = x[: len(x) // 2 * 2]
    kind, size = ("f64", 8) if lanes == "f64" else ("v128", 16)
    kernel = Kernel(f"""(module (memory (export "memory") 1) {definitions([(SIN_COS, lanes)])}
        (func (export "apply") (param $x i32) (param $sine i32) (param $cosine i32) (param $end i32)
            (local $s {kind}) (local $c {kind})
            (loop $more
                (call ${SIN_COS}_{lanes} ({kind}.load (local.get $x)))
                (local.set $c) (local.set $s)
                ({kind}.store (local.get $sine) (local.get $s))
                ({kind}.store (local.get $cosine) (local.get $c))
                (local.set $x (i32.add (local.get $x) (i32.const {size})))
                (local.set $sine (i32.add (local.get $sine) (i32.const {size})))
                (local.set $cosine (i32.add (local.get $cosine) (i32.const {size})))
                (br_if $more (i32.lt_u (local.get $x) (local.get $end))))))""")
    at, sine, cosine = (kernel.put(x) for _ in range(3))
    kernel.call("apply", at, sine, cosine, at + x.nbytes)
    for name, address in (("sin", sine), ("cos", cosine)):
        assert same(kernel.view(address, x.shape).copy(), with_numpy(name, [x])), name
