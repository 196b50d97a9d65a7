"""Spells formulas as Python source."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Mapping, Set
from typing import NamedTuple

from lrstudio.core.formula.graph import COMPARISONS, CONSTANTS
from lrstudio.core.formula.parse import JOINED, Call, Expression, Name, Number

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_OPERATORS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}
_TAKEN = frozenset(
    (
        "np math torch jax jnp optax keras ops itertools csv sys"
        " sigmoid softplus chosen square params data loss gradient hessian"
    ).split()
)
"""Names that a script uses itself."""


class Dialect(NamedTuple):
    """How a library spells the operations: the prefix of its functions, those with another name, and a condition."""

    prefix: str
    names: Mapping[str, str] = {}
    condition: str = "{}"

    def function(self, name: str) -> str:
        return self.names.get(name, f"{self.prefix}.{name}")


_ARRAYS = {"atan": "arctan", "min": "minimum", "max": "maximum"}
_OWN = {name: name for name in ("sigmoid", "softplus")}
_OWN |= {name: name for name in JOINED}
_NORM = {"norm": "np.linalg.norm"}
NUMPY = Dialect("np", {name: f"np.{other}" for name, other in _ARRAYS.items()} | _OWN | _NORM)
FLOAT32 = NUMPY._replace(names={**NUMPY.names, "where": "chosen", "square": "square"})
"""float32 weights: NumPy chooses between numbers in float64, and rounds the power of one float32 otherwise than x*x."""
_OF_JAX = {"relu": "jax.nn.relu", "norm": "jnp.linalg.norm"}
JAX = Dialect("jnp", {name: f"jnp.{other}" for name, other in _ARRAYS.items()} | _OWN | _OF_JAX)
KERAS = Dialect("ops", {name: f"ops.{other}" for name, other in _ARRAYS.items()})
_OF_TORCH = {"min": "minimum", "max": "maximum", "relu": "torch.relu", "norm": "torch.linalg.vector_norm"}
TORCH = Dialect("torch", _OF_TORCH | {"softplus": "torch.nn.functional.softplus"}, "torch.as_tensor({})")
_BUILT_IN = {name: name for name in ("abs", "min", "max")}
NUMBERS = Dialect("np", {"atan": "np.arctan"} | _BUILT_IN | _OWN)
"""Numbers of NumPy: what overflows is infinite, what is divided by 0 as well."""
PYTHON = Dialect("math", _BUILT_IN | _OWN | {"sign": "np.sign"})
"""Python's own numbers, which take the precision of the arrays they are combined with."""
_OF_TENSORS = "|".join(f"{name}(" for name in JOINED if name != "norm")
HELPERS: dict[str, str] = {
    "chosen(": '''
def chosen(condition, yes, no):
    """np.where in the precision of the weights."""
    return np.where(condition, yes, no).astype(np.float32)
''',
    "square(": '''
def square(x):
    """x**2, which NumPy rounds otherwise where x is one float32."""
    return x*x
''',
    "sigmoid(": '''
def sigmoid(x):
    """1/(1 + exp(-x)), without an overflow."""
    power = np.exp(-np.abs(x))
    return np.where(x < 0, power, 1.0)/(1 + power)
''',
    "softplus(": '''
def softplus(x):
    """log(1 + exp(x)), without an overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
''',
}
HELPERS[_OF_TENSORS] = '''
def of_tensors(function, x):
    """What a function makes of each matrix and bias, for every weight."""
    parts = [part for layer in layers(x) for part in layer]
    return np.concatenate([np.broadcast_to(function(part), part.shape).ravel() for part in parts])


def tensor_mean(x):
    return of_tensors(lambda part: part.mean(), x)


def row_mean(x):
    return of_tensors(lambda part: part.mean(axis=1, keepdims=True) if part.ndim == 2 else part, x)


def column_mean(x):
    return of_tensors(lambda part: part.mean(axis=0, keepdims=True), x)


def rows(x):
    return of_tensors(lambda part: np.array(1.0*len(part)), x)


def columns(x):
    return of_tensors(lambda part: np.array(1.0*part[0].size), x)


def matrix(x):
    return of_tensors(lambda part: np.array(part.ndim - 1.0), x)


def hidden(x):
    """1 for the weights in the matrix of a hidden layer, else 0."""
    last = sum(part.size for part in layers(x)[-1])
    return np.where(np.arange(x.size) < x.size - last, matrix(x), 0.0)


def orthogonal(x, steps, a, b, c, eps):
    """The matrices after a Newton-Schulz iteration, which brings their singular values near 1."""
    def of_matrix(part):
        if part.ndim < 2:
            return part
        turned = part.shape[0] > part.shape[1]
        short = (part.T if turned else part)/np.maximum(np.linalg.norm(part), eps)
        for _ in range(int(steps)):
            gram = short @ short.T
            short = a*short + (b*gram + c*gram @ gram) @ short
        return short.T if turned else short

    return of_tensors(of_matrix, x)
'''
"""Functions that a script needs where it calls them, in NumPy; several calls have | between them."""


def variable(name: str) -> str:
    """Returns a name of a formula as a Python name that hides nothing a script uses."""
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN or hasattr(builtins, name) else name


class Speller(NamedTuple):
    """Spells what depends on one of the `arrays` in one dialect, the rest in that of `numbers`.

    `names` are those that mean no constant.
    """

    dialect: Dialect
    numbers: Dialect
    arrays: Set[str]
    names: Set[str]

    def is_array(self, tree: Expression) -> bool:
        return not self.arrays.isdisjoint(tree.names())

    def spell(self, tree: Expression) -> str:
        """Returns the source of an expression."""
        return self._spell(tree)[0]

    def _spell(self, tree: Expression) -> tuple[str, int]:
        match tree:
            case Number(value):
                return _number(value), _ATOM if value >= 0 else _SIGN
            case Name(name):
                return f"math.{name}" if name in CONSTANTS and name not in self.names else variable(name), _ATOM
            case Call("neg", (operand,)):
                return f"-{self._within(operand, _PRODUCT)}", _SIGN
            case Call("^", (base, Number(2))) if "square" in self.dialect.names and self.is_array(tree):
                return f"{self.dialect.function('square')}({self.spell(base)})", _ATOM
            case Call("^", (base, exponent)):
                return f"{self._within(base, _ATOM)}**{self._within(exponent, _SIGN)}", _POWER
            case Call("+" | "-" | "*" | "/" as sign, (left, right)):
                level = _OPERATORS[sign]
                between = f" {sign} " if level == _SUM else sign
                return f"{self._within(left, level)}{between}{self._within(right, level + 1)}", level
            case Call():
                return self._call(tree), _ATOM
        raise AssertionError(tree)

    def _within(self, tree: Expression, least: int) -> str:
        text, level = self._spell(tree)
        return text if level >= least else f"({text})"

    def _call(self, tree: Call) -> str:
        """Returns a comparison as 1 or 0, a choice, or a function."""
        function, args, is_array = tree.function, tree.args, self.is_array(tree)
        dialect = self.dialect if is_array else self.numbers
        if function in COMPARISONS:
            truth = self._truth(tree)
            return f"{dialect.function('where')}({truth}, 1.0, 0.0)" if is_array else f"float({truth})"
        if function == "where":
            condition, yes, no = self._truth(args[0]), self.spell(args[1]), self.spell(args[2])
            if self.is_array(args[0]):
                return f"{dialect.function('where')}({dialect.condition.format(condition)}, {yes}, {no})"
            return f"({yes} if {condition} else {no})"
        if function == "relu" and function not in dialect.names:
            return f"{dialect.function('max')}({self.spell(args[0])}, 0.0)"
        return f"{dialect.function(function)}({', '.join(map(self.spell, args))})"

    def _truth(self, tree: Expression) -> str:
        if isinstance(tree, Call) and tree.function in COMPARISONS:
            left, right = map(self.spell, tree.args)
            return f"{left} {tree.function} {right}"
        return f"{self._within(tree, _SUM)} != 0"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def block(text: str) -> list[str]:
    """Returns the lines of a text."""
    return text.strip("\n").split("\n")
