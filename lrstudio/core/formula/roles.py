"""Which operations of a rule are states that count, and which can be computed ahead of the steps."""

from __future__ import annotations

from collections.abc import Mapping

from lrstudio.core.formula.graph import Graph


def live_states(graph: Graph, states: list[str], start: Mapping[str, int], end: Mapping[str, int]) -> list[str]:
    """Returns the states that the parameters depend on, directly or through other states."""
    needed = set(graph.needed([end["w"]]))
    live: list[str] = []
    while fresh := [name for name in states if name not in live and start[name] in needed]:
        live += fresh
        needed.update(graph.needed([end[name] for name in fresh]))
    return [name for name in states if name in live]


def ahead_of(graph: Graph, outputs: list[int], inner: list[int]) -> list[int]:
    """Returns the nodes that depend on no parameters, gradients or state but are used by nodes that do."""
    order = graph.needed(outputs)
    depends = _depending(graph, order, inner)
    used = {arg for index in order if index in depends for arg in graph.nodes[index].args} | set(outputs)
    return [index for index in order if index in used and index not in depends and graph.value(index) is None]


def _depending(graph: Graph, order: list[int], inner: list[int]) -> set[int]:
    depends = set(inner)
    for index in order:
        if depends.intersection(graph.nodes[index].args):
            depends.add(index)
    return depends
