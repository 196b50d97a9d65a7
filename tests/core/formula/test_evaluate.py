from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.formula.compile import numpy_function
from lrstudio.core.formula.evaluate import evaluate
from lrstudio.core.formula.graph import Graph
from lrstudio.core.formula.parse import parse_expression

TEXTS = (
    "a*b + c/d - a^3 + b^-1.5",
    "where(a > b, a, b) + (a <= b) + relu(a - 1) + min(a, b)*max(c, d)",
    "sin(a) + sqrt(b) + sigmoid(c) + softplus(d) + floor(a) + log1p(b)",
    "0.1*a + 1/3 + a^2^0.5",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_walked_tree_gives_what_the_compiled_one_gives(text: str, dtype: type) -> None:
    graph = Graph()
    places = {name: graph.input(name) for name in "abcd"}
    function = numpy_function(graph, [*places.values()], [graph.lower(parse_expression(text), places)], np.dtype(dtype))
    values = dict(zip("abcd", np.random.default_rng(1).uniform(0.1, 3, (4, 50)).astype(dtype), strict=True))
    found = evaluate(parse_expression(text), values)
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, function(*values.values())[0], rtol=4 * float(np.finfo(dtype).eps))


def test_what_has_no_array_in_it_is_computed_in_double_precision() -> None:
    assert evaluate(parse_expression("1 - beta^t"), {"beta": 0.9, "t": 3.0}) == 1 - 0.9**3


def test_a_mean_goes_over_the_data() -> None:
    assert float(np.asarray(evaluate(parse_expression("mean(x)*a"), {"x": np.arange(5.0), "a": 2.0}))) == 4
