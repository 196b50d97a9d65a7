"""The loss of a problem and its derivatives as Python functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrstudio.core.formula.parse import Call, Expression, parse_expression
from lrstudio.core.formula.symbolic import slope
from lrstudio.core.problems import Problem
from lrstudio.engine.code.spelling import FLOAT32, NUMBERS, NUMPY, PYTHON, Dialect, Speller, variable
from lrstudio.engine.experiment import Gradient


def arguments(problem: Problem) -> str:
    """Returns what the functions of a loss are given."""
    return "params, data" if problem.has_data else "params"


def loss_lines(problem: Problem, dialect: Dialect = NUMPY) -> Iterator[str]:
    """Yields `loss`."""
    yield f"def loss({arguments(problem)}):"
    yield f'    """{problem.title}: {problem.loss}"""'
    yield from _body(problem, [parse_expression(problem.loss)], "{}", dialect)


def has_branches(tree: Expression) -> bool:
    """Returns whether a formula has branches, at which automatic differentiation has conventions of its own."""
    return isinstance(tree, Call) and (tree.function in ("where", "min", "max") or any(map(has_branches, tree.args)))


def gradient_lines(problem: Problem, gradient: Gradient, weights: str, dialect: Dialect = NUMPY) -> Iterator[str]:
    """Yields `gradient`: written out, or measured by a difference of losses of weights of this type."""
    given = arguments(problem)
    if gradient.mode == "analytic":
        yield from slope_lines(problem, "np.array([{}], params.dtype)", dialect)
        return
    yield f"def gradient({given}):"
    sides = "both sides" if gradient.mode == "central" else "one side"
    yield f'    """The slope measured by losses at a distance of EPS on {sides}."""'
    yield f"    plus = losses_beside({given}, EPS)"
    if gradient.mode == "forward":
        yield f"    return (plus - loss({given}))/EPS"
    else:
        yield f"    return (plus - losses_beside({given}, -EPS))/(2*EPS)"
    yield from ("", "", f"def losses_beside({given}, distance):")
    yield '    """The losses at this distance along each axis."""'
    yield f"    points = params.astype({weights}) + np.asarray(distance*np.eye(len(params)), {weights})"
    point = given.replace("params", "point.astype(params.dtype)")
    yield f"    return np.array([loss({point}) for point in points])"


def slope_lines(problem: Problem, result: str, dialect: Dialect = NUMPY) -> Iterator[str]:
    """Yields `gradient`, written out; its `result` is made of the partial derivatives."""
    tree = parse_expression(problem.loss)
    yield f"def gradient({arguments(problem)}):"
    yield '    """The partial derivatives of the loss."""'
    yield from _body(problem, [slope(tree, name) for name in problem.names], result, dialect)


def hessian_lines(problem: Problem) -> Iterator[str]:
    """Yields `hessian`, and `newton_direction` that divides by it."""
    tree, names = parse_expression(problem.loss), problem.names
    rows = [slope(slope(tree, one), other) for one in names for other in names]
    yield f"def hessian({arguments(problem)}):"
    yield '    """The second derivatives of the loss."""'
    yield from _body(problem, rows, f"np.array([{{}}], params.dtype).reshape({len(names)}, {len(names)})")


def newton_lines(problem: Problem) -> Iterator[str]:
    """Yields `newton_direction`."""
    yield f"def newton_direction({arguments(problem)}, g):"
    yield '    """The gradient times the pseudo-inverse of the Hessian."""'
    yield "    least = len(params)*np.finfo(params.dtype).eps"
    yield f"    return np.linalg.pinv(hessian({arguments(problem)}), least, hermitian=True) @ g"


def _body(problem: Problem, trees: Sequence[Expression], result: str, dialect: Dialect = NUMPY) -> Iterator[str]:
    """Yields the lines that give names to parameters and columns and return the values of the trees."""
    columns = list(problem.data(0))
    read = set().union(*(tree.names() for tree in trees))
    if any(name in read for name in problem.names):
        yield f"    {_tuple(problem.names)} = params"
    if any(column in read for column in columns):
        yield f"    {_tuple(columns)} = data"
    names = frozenset((*problem.names, *columns))
    speller = Speller(dialect, NUMBERS if dialect in (NUMPY, FLOAT32) else PYTHON, names, names)
    values = [speller.spell(tree) for tree in trees]
    if len(values) == 1:
        yield f"    return {result.format(values[0])}"
        return
    before, after = result.split("{}")
    yield f"    return {before}"
    yield from (f"        {value}," for value in values)
    yield f"    {after}"


def _tuple(names: Sequence[str]) -> str:
    return ", ".join(map(variable, names)) + ("," if len(names) == 1 else "")
