"""Simplifies a rule for given hyper-parameters: drops terms and lines without effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lrstudio.core.formula.evaluate import evaluate
from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import JOINED, Assignment, Call, Expression, Name, Number


def simplified_rule(
    rule: Sequence[Assignment], hyper: Mapping[str, float], deciding: Mapping[str, float], outputs: Collection[str]
) -> tuple[Assignment, ...]:
    """Returns the lines that the `outputs` depend on, simplified by the values of the hyper-parameters `hyper`.

    Terms times 0, factors of 1 and branches not taken are dropped. `deciding` holds further values, such as t, that may
    decide a `where` but replace no name elsewhere. A name that is an alias of another is replaced by it.
    """
    assigned = {line.name for line in rule}
    fixed = {name: value for name, value in {**CONSTANTS, **hyper}.items() if name not in assigned}
    values = {**fixed, **deciding}
    lines = []
    for line in rule:
        lines.append(replace(line, expression=simplified(line.expression, fixed, values)))
        value = number(lines[-1].expression, values)
        values.pop(line.name, None)
        if value is not None:
            values[line.name] = value
    return tuple(_needed(_without_aliases(_needed(lines, outputs), outputs), outputs))


def simplified(tree: Expression, fixed: Mapping[str, float], deciding: Mapping[str, float]) -> Expression:
    """Returns the tree without terms, factors and branches that have no effect for the `fixed` values."""
    if not isinstance(tree, Call):
        return tree
    if tree.function == "where":
        return _branch(tree, fixed, deciding)
    args = tuple(simplified(arg, fixed, deciding) for arg in tree.args)
    short = _shorter(tree.function, args, [number(arg, fixed) for arg in args], tree.column)
    return replace(tree, args=args) if short is None else short


def number(tree: Expression, values: Mapping[str, float]) -> float | None:
    """Returns the value of a tree, None unless `values` has all its names."""
    if not tree.names() <= values.keys() or is_over_all(tree):
        return None
    value = evaluate(tree, values)
    return value if isinstance(value, float) else None


def is_over_all(tree: Expression) -> bool:
    """Returns whether a tree contains a mean or a sum over data, or what is of several parameters."""
    own = ("mean", "sum", *JOINED)
    return isinstance(tree, Call) and (tree.function in own or any(map(is_over_all, tree.args)))


def of_vector(rule: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Returns the lines of an optimizer's rule as they are where all parameters are one vector."""
    return tuple(replace(line, expression=_of_vector(line.expression)) for line in rule)


def _of_vector(tree: Expression) -> Expression:
    if not isinstance(tree, Call):
        return tree
    args = tuple(map(_of_vector, tree.args))
    match tree.function:
        case "matrix" | "hidden":
            return Number(0.0, tree.column)
        case "columns":
            return Number(1.0, tree.column)
        case "row_mean" | "orthogonal":
            return args[0]
        case "tensor_mean" | "column_mean":
            return replace(tree, function="mean", args=args)
    return replace(tree, args=args)


def same(one: Expression, other: Expression) -> bool:
    """Returns whether two trees are equal apart from their columns."""
    match one, other:
        case Number(a), Number(b):
            return a == b
        case Name(a), Name(b):
            return a == b
        case Call(f, xs), Call(g, ys):
            return f == g and len(xs) == len(ys) and all(map(same, xs, ys))
    return False


def _branch(tree: Call, fixed: Mapping[str, float], deciding: Mapping[str, float]) -> Expression:
    condition, yes, no = tree.args
    decided = number(condition, deciding)
    if decided is not None:
        return simplified(yes if decided else no, fixed, deciding)
    condition, yes, no = (simplified(arg, fixed, deciding) for arg in tree.args)
    values = number(yes, fixed), number(no, fixed)
    if same(yes, no) or (values[0] is not None and values[0] == values[1]):
        return yes
    return replace(tree, args=(condition, yes, no))


def _shorter(
    function: str, args: tuple[Expression, ...], values: Sequence[float | None], column: int
) -> Expression | None:
    """Returns op(args) simplified for a value of 0 or 1; None if it does not get shorter."""
    match function, values:
        case ("+", [0.0, _]) | ("*", [1.0, _]):
            return args[1]
        case ("+" | "-", [_, 0.0]) | ("*" | "/", [_, 1.0]) | ("^", [_, 1.0]):
            return args[0]
        case ("*" | "/", [0.0, _]) | ("*", [_, 0.0]):
            return Number(0.0, column)
        case "^", [1.0, _]:
            return Number(1.0, column)
        case "-", [0.0, None]:
            return Call("neg", (args[1],), column)
        case "-", [1.0, float(whole)] if whole in (0.0, 1.0):
            return Number(1.0 - whole, column)
    return None


def _needed(lines: Sequence[Assignment], outputs: Collection[str]) -> list[Assignment]:
    """Returns the lines that the outputs depend on."""
    needed, result = set(outputs), []
    for line in reversed(lines):
        if line.name in needed:
            result.append(line)
            needed.discard(line.name)
            needed |= line.expression.names()
    return result[::-1]


def _without_aliases(lines: list[Assignment], outputs: Collection[str]) -> list[Assignment]:
    """Returns the lines without plain aliases."""
    index = 0
    while index < len(lines):
        line, source = lines[index], lines[index].expression
        later = lines[index + 1 :]
        if isinstance(source, Name) and (source.name == line.name or _is_alias(line, source.name, later, outputs)):
            names = [other.name for other in later]
            end = names.index(line.name) + 1 if line.name in names else len(later)
            later[:end] = [
                replace(other, expression=_renamed(other.expression, line.name, source)) for other in later[:end]
            ]
            lines = [*lines[:index], *later]
        else:
            index += 1
    return lines


def _is_alias(line: Assignment, source: str, later: Sequence[Assignment], outputs: Collection[str]) -> bool:
    """Returns whether a line's name is no output and equals its source at every later use."""
    stale = False
    for other in later:
        if stale and line.name in other.expression.names():
            return False
        if other.name == line.name:
            return True
        stale |= other.name == source
    return line.name not in outputs


def _renamed(tree: Expression, name: str, source: Name) -> Expression:
    if isinstance(tree, Name):
        return source if tree.name == name else tree
    if isinstance(tree, Call):
        return replace(tree, args=tuple(_renamed(arg, name, source) for arg in tree.args))
    return tree
