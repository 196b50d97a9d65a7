"""Compiles a list of operations into a numpy function.

This is the only module that compiles generated source. The source consists of validated operations only: variable
names are indices of nodes, numbers their `repr`, functions come from a fixed table. A user's text never reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.graph import ELEMENTWISE, Graph, Node
from lrstudio.core.formula.parse import JOINED

DType = np.dtype[np.floating[Any]]
Function = Callable[..., tuple[Any, ...]]
Joined = tuple[tuple[str, Callable[..., Any]], ...]

_CACHE_SIZE = 256
"""Number of cached functions: the same formulas are compiled again at every change of a rate or a start."""
_OPERATORS = {"+", "-", "*", "/"}


def _sum(values: Array) -> Array:
    total: Array = np.add.reduce(values, axis=-1, keepdims=True)
    return total


_NAMES: dict[str, Any] = {f"f{index}": function for index, function in enumerate(ELEMENTWISE.values())}
_NAMES |= {"total": _sum, "inf": np.inf, "nan": np.nan, "__builtins__": {}}
_SPELLED = {op: f"f{index}" for index, op in enumerate(ELEMENTWISE)}


def numpy_function(
    graph: Graph, inputs: Sequence[int], outputs: Sequence[int], dtype: DType, joined: Joined = ()
) -> Function:
    """Returns a function of arrays of this dtype, one per input in order; its result is a tuple, one value per output.

    Arrays broadcast. Data inputs have the data axis last; where there are data, the other inputs have a last axis of 1.
    An output that depends on no input is a Python float. `joined` are the functions of all parameters by name.
    """
    lines = [f"def function({', '.join(f'v{index}' for index in inputs)}):"]
    for index in graph.needed(outputs, given=inputs):
        node = graph.nodes[index]
        if node.op == "input":
            raise ValueError(f"the input {node.name!r} is not among the inputs")
        if node.op != "const":
            lines.append(f"    v{index} = {_spell(graph, node)}")
    lines.append(f"    return ({''.join(_operand(graph, index) + ', ' for index in outputs)})")
    return _compiled("\n".join(lines), dtype, joined)


def _spell(graph: Graph, node: Node) -> str:
    args = [_operand(graph, arg) for arg in node.args]
    if node.op in _OPERATORS:
        return f"{args[0]} {node.op} {args[1]}"
    if node.op == "neg":
        return f"-{args[0]}"
    if node.op == "total" or node.op in JOINED:
        return f"joined_{node.op}({', '.join(args)})"
    if node.op == "count":
        return f"dtype({args[0]}.shape[-1])"  # a Python number divided by 0 raises
    if node.op == "sum":
        return f"total({args[0]})"
    if node.op == "mean":
        return f"total({args[0]}) / {args[0]}.shape[-1]"
    if node.op == "where":  # numpy.where takes a bare Python float for a float64
        args[1:] = [
            f"dtype{arg}" if graph.value(index) is not None else arg
            for arg, index in zip(args[1:], node.args[1:], strict=True)
        ]
    return f"{_SPELLED[node.op]}({', '.join(args)})"


def _operand(graph: Graph, index: int) -> str:
    value = graph.value(index)
    return f"v{index}" if value is None else f"({value!r})"


@lru_cache(_CACHE_SIZE)
def _compiled(source: str, dtype: DType, joined: Joined) -> Function:
    namespace = _NAMES | {"dtype": dtype.type} | {f"joined_{name}": function for name, function in joined}
    exec(compile(source, "<formula>", "exec"), namespace)  # noqa: S102 - spelled above, from operations only
    function: Function = namespace["function"]
    return function
