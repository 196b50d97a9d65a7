"""A rule as it stands for certain hyper-parameters: without the terms and lines that do nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lrstudio.core.formula.evaluate import evaluate
from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import Assignment, Call, Expression, Name, Number


def in_force(
    rule: Sequence[Assignment], known: Mapping[str, float], deciding: Mapping[str, float], wanted: Collection[str]
) -> tuple[Assignment, ...]:
    """The lines that lead to the `wanted` names, each as short as the numbers of hyper-parameters allow.

    `known` has the hyper-parameters: a term times 0, a factor of 1 and a branch that is not taken are left out.
    `deciding` has what may choose the branch of a `where` beside them, such as t, but is not put in elsewhere.
    A name that stands for nothing but another one gives way to it.
    """
    assigned = {line.name for line in rule}
    fixed = {name: value for name, value in {**CONSTANTS, **known}.items() if name not in assigned}
    known_here = {**fixed, **deciding}
    lines = []
    for line in rule:
        lines.append(replace(line, expression=simplified(line.expression, fixed, known_here)))
        value = number(lines[-1].expression, known_here)
        known_here.pop(line.name, None)
        if value is not None:
            known_here[line.name] = value
    return tuple(_needed(_without_aliases(_needed(lines, wanted), wanted), wanted))


def simplified(tree: Expression, fixed: Mapping[str, float], deciding: Mapping[str, float]) -> Expression:
    """The tree without what `fixed` numbers make vanish; names of other values stay names."""
    if not isinstance(tree, Call):
        return tree
    if tree.function == "where":
        return _branch(tree, fixed, deciding)
    args = tuple(simplified(arg, fixed, deciding) for arg in tree.args)
    short = _shorter(tree.function, args, [number(arg, fixed) for arg in args], tree.column)
    return replace(tree, args=args) if short is None else short


def number(tree: Expression, known: Mapping[str, float]) -> float | None:
    """The value of a tree all of whose names are known; None of others."""
    if not tree.names() <= known.keys() or _over_data(tree):
        return None
    value = evaluate(tree, known)
    return value if isinstance(value, float) else None


def _over_data(tree: Expression) -> bool:
    return isinstance(tree, Call) and (tree.function in ("mean", "sum") or any(map(_over_data, tree.args)))


def same(one: Expression, other: Expression) -> bool:
    """Whether two trees say the same, wherever they stand in a text."""
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
    """What op(args) comes to where one of the values is 0 or 1; None where that is nothing shorter."""
    match function, values:
        case ("+", [0.0, _]) | ("*", [1.0, _]):
            return args[1]
        case ("+" | "-", [_, 0.0]) | ("*" | "/", [_, 1.0]) | ("^", [_, 1.0]):
            return args[0]
        case "*", [0.0, _] | [_, 0.0]:
            return Number(0.0, column)
        case "/", [0.0, _]:
            return Number(0.0, column)
        case "^", [1.0, _]:
            return Number(1.0, column)
        case "-", [0.0, None]:
            return Call("neg", (args[1],), column)
        case "-", [1.0, float(whole)] if whole in (0.0, 1.0):
            return Number(1.0 - whole, column)
    return None


def _needed(lines: Sequence[Assignment], wanted: Collection[str]) -> list[Assignment]:
    """The lines that the wanted names rest on."""
    needed, kept = set(wanted), []
    for line in reversed(lines):
        if line.name in needed:
            kept.append(line)
            needed.discard(line.name)
            needed |= line.expression.names()
    return kept[::-1]


def _without_aliases(lines: list[Assignment], wanted: Collection[str]) -> list[Assignment]:
    """The lines without those that only give a name to another name."""
    place = 0
    while place < len(lines):
        line, source = lines[place], lines[place].expression
        later = lines[place + 1 :]
        if isinstance(source, Name) and (source.name == line.name or _gives_way(line, source.name, later, wanted)):
            until = next((at for at, other in enumerate(later) if other.name == line.name), len(later) - 1)
            later[: until + 1] = [
                replace(other, expression=_renamed(other.expression, line.name, source)) for other in later[: until + 1]
            ]
            lines = [*lines[:place], *later]
        else:
            place += 1
    return lines


def _gives_way(line: Assignment, source: str, later: Sequence[Assignment], wanted: Collection[str]) -> bool:
    """Whether the name is not wanted at the end, and means its source wherever it is read."""
    stale = False
    for other in later:
        if stale and line.name in other.expression.names():
            return False
        if other.name == line.name:
            return True
        stale |= other.name == source
    return line.name not in wanted


def _renamed(tree: Expression, name: str, source: Name) -> Expression:
    if isinstance(tree, Name):
        return source if tree.name == name else tree
    if isinstance(tree, Call):
        return replace(tree, args=tuple(_renamed(arg, name, source) for arg in tree.args))
    return tree
