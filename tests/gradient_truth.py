"""Gradients of random formulas beside the truth: dual numbers of 50 digits that enter the taken branch only.

python -m tests.gradient_truth [formulas] [--seed N] [--plain] [--size N]
    10,000 without a number; nested where, min, max, abs and relu whose other branch is often infinite or not a number;
    --plain for formulas without them
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.graph import COMPARISONS
from lrstudio.core.formula.parse import Call, Expression, Name, Number
from lrstudio.core.objective import FormulaObjective

DIGITS = 50
"""Decimal digits of the truth."""
NAMES = "ab"
X = np.array([0.0, 1.5, -0.5, 2.0])
MOST_ERROR, MOST_ALLOWED = 1e-10, 1e-6
"""The error of a gradient that is always allowed, and the most that is where a formula magnifies rounding."""
_NOISE, _TRIALS, _ROUNDINGS = 2.0**-40, 4, 64
"""The rounding of a trial, trials, and how many times the error of float64 a formula may have that magnifies none."""
_SPECIAL = (0.0, 0.0, 1.0, -1.0, 0.5, 2.0, -3.0)
_PLAIN = "sin cos atan exp log log1p sqrt tanh sinh cosh sigmoid softplus".split()
_GATES = "where where where min max abs relu relu".split()


class UnknownTruthError(Exception):
    """The truth is no finite number here, or rounding decides it."""


@dataclass(frozen=True)
class Dual:
    """A value and its derivatives; `is_zero` where the branches taken make it 0 around this point."""

    value: Any
    slopes: tuple[Any, ...]
    is_zero: bool = False


def of_value(value: Any, slope: Any, x: Dual) -> Dual:
    """f(x) from the value of f and its slope at x."""
    if x.is_zero:
        return Dual(value, x.slopes, value == 0)
    return Dual(value, tuple(slope() * part if part else part for part in x.slopes))


def product(x: Dual, y: Dual) -> Dual:
    if x.is_zero or y.is_zero:
        return Dual(mpmath.mpf(0) * x.value * y.value, (mpmath.mpf(0),) * len(NAMES), True)
    return Dual(x.value * y.value, tuple(p * y.value + q * x.value for p, q in zip(x.slopes, y.slopes, strict=True)))


Round = Callable[[Dual], Dual]
"""Rounds the result of an operation."""


def exactly(x: Dual) -> Dual:
    return x


def roughly(chance: random.Random) -> Round:
    """Rounds at random what float64 does not hold, as its own rounding does with another unit."""

    def part(number: Any) -> Any:
        return number if float(number) == number else number * (1 + _NOISE * chance.uniform(-1, 1))

    return lambda x: Dual(part(x.value), tuple(map(part, x.slopes)), x.is_zero)


def evaluated(tree: Expression, names: dict[str, Dual], rounded: Round = exactly) -> Dual:
    """The dual number of a tree; a branch that is not taken is never entered."""
    zero = mpmath.mpf(0)
    nothing = (zero,) * len(NAMES)
    match tree:
        case Number(number):
            return Dual(mpmath.mpf(number), nothing, number == 0)
        case Name(name):
            return names[name]
        case Call("where", (condition, yes, no)):
            return evaluated(yes if evaluated(condition, names, rounded).value != 0 else no, names, rounded)
        case Call("mean", (inner,)):
            rows = [evaluated(inner, names | {"x": Dual(mpmath.mpf(float(x)), nothing)}, rounded) for x in X]
            total = rows[0]
            for row in rows[1:]:
                total = rounded(sum_of(total, row))
            return Dual(total.value / len(X), tuple(part / len(X) for part in total.slopes), total.is_zero)
        case Call("relu", (inner,)):
            x = evaluated(inner, names, rounded)
            return x if compared(">", x.value, zero) else Dual(zero, nothing, True)
        case Call("abs", (inner,)):
            x = evaluated(inner, names, rounded)
            if x.value == 0:
                return Dual(zero, nothing, x.is_zero)
            return x if compared(">", x.value, zero) else Dual(-x.value, tuple(-part for part in x.slopes))
        case Call("min" | "max" as function, args):
            x, y = (evaluated(arg, names, rounded) for arg in args)
            return x if compared("<=" if function == "min" else ">=", x.value, y.value) else y
        case Call(function, args):
            return rounded(checked(applied(function, [evaluated(arg, names, rounded) for arg in args])))
    raise AssertionError(tree)


def sum_of(x: Dual, y: Dual) -> Dual:
    parts = tuple(p + q for p, q in zip(x.slopes, y.slopes, strict=True))
    return Dual(x.value + y.value, parts, x.is_zero and y.is_zero)


def compared(function: str, x: Any, y: Any) -> bool:
    """Raises UnknownTruthError where rounding may decide it."""
    if x != y and abs(x - y) < mpmath.mpf("1e-9") * (1 + abs(x) + abs(y)):
        raise UnknownTruthError
    return bool({"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "==": x == y, "!=": x != y}[function])


def checked(x: Dual) -> Dual:
    """Raises UnknownTruthError for what is no real number, or one that float64 would not hold well."""
    for number in (x.value, *x.slopes):
        if isinstance(number, mpmath.mpc) or not mpmath.isfinite(number) or (number and not 1e-60 < abs(number) < 1e60):
            raise UnknownTruthError
    return x


def applied(function: str, args: list[Dual]) -> Dual:
    x, y = args[0], args[-1]
    value = x.value
    match function:
        case "+":
            return sum_of(x, y)
        case "-":
            return sum_of(x, Dual(-y.value, tuple(-part for part in y.slopes), y.is_zero))
        case "neg":
            return Dual(-value, tuple(-part for part in x.slopes), x.is_zero)
        case "*":
            return product(x, y)
        case "/":
            if not y.value:
                raise UnknownTruthError
            return product(x, of_value(1 / y.value, lambda: -1 / y.value**2, y))
        case "^":
            if value <= 0 and not (value == 0 and y.value > 0) and y.value != int(y.value):
                raise UnknownTruthError
            if value == 0 and (y.value < 1 or any(y.slopes)) and not x.is_zero:
                raise UnknownTruthError
            power = of_value(value**y.value, lambda: y.value * value ** (y.value - 1), x)
            if any(y.slopes):
                grown = tuple(power.value * mpmath.log(value) * part for part in y.slopes)
                return sum_of(power, Dual(mpmath.mpf(0), grown))
            return power
        case _ if function in COMPARISONS:
            holds = compared(function, value, y.value)
            return Dual(mpmath.mpf(holds), (mpmath.mpf(0),) * len(NAMES), not holds)
    if (function in ("log", "sqrt") and value <= 0) or (function == "log1p" and value <= -1):
        if not (function == "sqrt" and value == 0):
            raise UnknownTruthError
        return Dual(value, (mpmath.mpf(0),) * len(NAMES), x.is_zero)
    exp = mpmath.exp
    pairs: dict[str, tuple[Any, Any]] = {
        "sin": (mpmath.sin, mpmath.cos),
        "cos": (mpmath.cos, lambda z: -mpmath.sin(z)),
        "atan": (mpmath.atan, lambda z: 1 / (1 + z * z)),
        "exp": (exp, exp),
        "log": (mpmath.log, lambda z: 1 / z),
        "log1p": (mpmath.log1p, lambda z: 1 / (1 + z)),
        "sqrt": (mpmath.sqrt, lambda z: 1 / (2 * mpmath.sqrt(z))),
        "tanh": (mpmath.tanh, lambda z: 1 / mpmath.cosh(z) ** 2),
        "sinh": (mpmath.sinh, mpmath.cosh),
        "cosh": (mpmath.cosh, mpmath.sinh),
        "sigmoid": (lambda z: 1 / (1 + exp(-z)), lambda z: 1 / ((1 + exp(-z)) * (1 + exp(z)))),
        "softplus": (lambda z: mpmath.log(1 + exp(z)), lambda z: 1 / (1 + exp(-z))),
    }
    if abs(value) > 100 and function not in ("log", "log1p", "sqrt", "atan"):
        raise UnknownTruthError
    outer, slope = pairs[function]
    return of_value(outer(value), lambda: slope(value), x)


def truth(tree: Expression, point: Array) -> tuple[Array, float]:
    """The derivatives, and the error that float64 may have beside them: at least MOST_ERROR, relative to 1 or more.

    A formula of condition number k, by which a rounding of all its operations moves the derivatives, may have
    `_ROUNDINGS` times k times the rounding of float64. Raises UnknownTruthError where a derivative is not finite, a
    branch hangs on rounding, or the error would be above MOST_ALLOWED.
    """
    chance = random.Random(0)
    with mpmath.workdps(DIGITS):
        names = {
            name: Dual(mpmath.mpf(float(number)), tuple(mpmath.mpf(name == other) for other in NAMES))
            for name, number in zip(NAMES, point, strict=True)
        }
        try:
            exact, *trials = (
                np.array([float(part) for part in checked(evaluated(tree, names, each)).slopes])
                for each in (exactly, *(roughly(chance) for _ in range(_TRIALS)))
            )
        except (ZeroDivisionError, OverflowError, ValueError):
            raise UnknownTruthError from None
    condition = max(relative(trial, exact) for trial in trials) / _NOISE
    allowed = max(MOST_ERROR, _ROUNDINGS * condition * 2.0**-53)
    if allowed > MOST_ALLOWED:
        raise UnknownTruthError
    return exact, allowed


def relative(slopes: Array, true: Array) -> float:
    """The largest error of derivatives, relative to those above 1."""
    return float(np.max(np.abs(slopes - true) / np.maximum(1, np.abs(true))))


def formula(chance: random.Random, size: int, gates: bool, data: bool) -> str:
    """A formula of about so many operations."""
    if size <= 1:
        return chance.choice([*NAMES * 3, *(["x"] * 3 if data else []), "0", "1", "2", "0.5"])

    def inner(share: float = 1) -> str:
        return formula(chance, max(1, round((size - 1) * share)), gates, data)

    if gates and chance.random() < 0.4:
        kind = chance.choice(_GATES)
        if kind == "where":
            sign = chance.choice(list(COMPARISONS))
            return f"where({inner(0.2)} {sign} {inner(0.2)}, {inner(0.5)}, {chance.choice(['0', inner(0.4)])})"
        return f"{kind}({inner()})" if kind in ("abs", "relu") else f"{kind}({inner(0.5)}, {inner(0.5)})"
    match chance.randrange(4):
        case 0:
            return f"{chance.choice(_PLAIN)}({inner()})"
        case 1:
            return f"({inner()})^{chance.choice(['2', '3', '0.5', '1.5', '(-1)'])}"
        case _:
            return f"({inner(0.5)} {chance.choice('+-**/')} {inner(0.5)})"


@dataclass
class Found:
    """How many gradients were compared, some of them with a larger error allowed, and the largest share of it.

    `unknown` have no finite derivatives, or hang on rounding.
    """

    compared: int = 0
    magnified: int = 0
    unknown: int = 0
    worst: float = 0.0
    wrong: list[str] = field(default_factory=list)


def compare(count: int, seed: int, *, gates: bool, size: int = 24) -> Found:
    """Compares the gradients of so many random formulas of 3 to `size` operations; some points have zeros."""
    chance, found = random.Random(seed), Found()
    while found.compared < count:
        data = chance.random() < 0.3
        text = formula(chance, chance.randint(3, size), gates, data)
        text = f"mean({text} + 0*x) + {formula(chance, 3, gates, False)}" if data else text
        point = np.array([chance.choice([*_SPECIAL, chance.uniform(-3, 3)]) for _ in NAMES])
        try:
            true, allowed = truth(parse_expression(text), point)
            slopes = computed(text, point, data)
        except (UnknownTruthError, FormulaError):
            found.unknown += 1
            continue
        found.compared += 1
        error = relative(slopes, true)
        found.magnified += allowed > MOST_ERROR
        found.worst = max(found.worst, error / allowed if np.isfinite(error) else np.inf)
        if not error <= allowed:
            found.wrong.append(f"{text} at {point.tolist()}: {slopes.tolist()}, must be {true.tolist()}")
    return found


def computed(text: str, point: Array, data: bool) -> Array:
    objective = FormulaObjective(text, tuple(NAMES), {"x": X} if data else {})
    with np.errstate(all="ignore"):
        return objective.loss_and_gradient(point[None])[1][0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formulas", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--size", type=int, default=24, help="most operations of a formula")
    given = parser.parse_args()
    found = compare(given.formulas, given.seed, gates=not given.plain, size=given.size)
    print(f"{found.compared:,} gradients; {len(found.wrong)} wrong, largest error {found.worst:.2g} of what is allowed")
    print(f"allowed are {MOST_ERROR:g}, and more for {found.magnified:,} formulas that magnify rounding")
    print(f"{found.unknown:,} more formulas have no finite slope there, or hang on rounding")
    print(*found.wrong[:20], sep="\n")
    return int(bool(found.wrong))


if __name__ == "__main__":
    sys.exit(main())
