from __future__ import annotations

from functools import cached_property
from math import comb

import numpy as np

from lrstudio.core import elementary
from lrstudio.core.array import Array
from lrstudio.core.dataset import MOST_POWER, Dataset
from lrstudio.core.declaration import choice, param
from lrstudio.core.language import mark, tr
from lrstudio.core.linear_algebra import least_squares, ordered_sum, solve
from lrstudio.core.problems.base import Data, Problem, Units

KINDS = (mark("linear"), mark("polynomial"), mark("logistic"))

EXAMPLE = Dataset(
    title="example",
    names=("hours", "points"),
    columns=(
        np.array([1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 4.5, 5.0, 6.0, 6.5, 7.0, 8.0]),
        np.array([31.0, 28.0, 39.0, 44.0, 41.0, 55.0, 52.0, 63.0, 66.0, 75.0, 71.0, 86.0]),
    ),
)
_NEWTON_STEPS, _REGULARIZATION = 12, 1e-3


class OwnData(Problem):
    """A line, a polynomial or a logistic curve through columns of numbers from a file of your own."""

    key = "data"
    title = "Your own data"

    dataset: Dataset = EXAMPLE  # type: ignore[misc]
    kind: str = choice(
        "linear", KINDS, "what is fitted: a line, a polynomial, or the chance of the second of two words"
    )
    degree: int = param(2, "highest power of a polynomial", 1, MOST_POWER)
    standardize: bool = param(True, "train on columns of mean 0 and deviation 1; results stay in the file's units")

    @classmethod
    def group(cls) -> str:
        return "data"

    @property
    def has_data(self) -> bool:
        return True

    @property
    def points_ahead(self) -> int:
        return len(self.dataset)

    def idle(self) -> frozenset[str]:
        return frozenset() if self.kind == "polynomial" else frozenset(("degree",))

    def check(self) -> None:
        count = len(self.dataset.features)
        if self.kind == "polynomial" and count != 1:
            raise ValueError(tr("kind = 'polynomial': takes one column x, the data has {count}", count=count))
        if self.kind == "logistic" and not self.dataset.binary:
            target = self.dataset.target
            raise ValueError(tr("kind = 'logistic': “{name}” must have two values, imported as 0 and 1", name=target))

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*self._slopes, "b")

    @property
    def start(self) -> tuple[float, ...]:  # type: ignore[override]
        return (0.0,) * len(self.names)

    @property
    def loss(self) -> str:  # type: ignore[override]
        if self.kind == "logistic":  # the cross-entropy, without a logarithm of 0
            return f"mean(softplus((1 - 2*y)*({self._sum})))"
        return f"mean(({self._sum} - y)^2)"

    @property
    def model(self) -> str | None:  # type: ignore[override]
        if len(self.dataset.features) > 1:
            return None
        return f"sigmoid({self._sum})" if self.kind == "logistic" else self._sum

    @property
    def domain(self) -> tuple[tuple[float, float], ...]:  # type: ignore[override]
        """An interval around the (for a logistic curve approximate) minimum that holds the start."""
        best = self.optimum({}) or self._approximate_optimum
        halves = [1.25 * max(abs(value), size) for value, size in zip(best, self._sizes(), strict=True)]
        return tuple((value - half, value + half) for value, half in zip(best, halves, strict=True))

    @property
    def axes(self) -> tuple[str, str]:  # type: ignore[override]
        return self.dataset.features[0], self.dataset.target

    @property
    def axis_units(self) -> Units:  # type: ignore[override]
        (mean, scale), target = self._feature_units()[0], self._target_units()
        return (mean, scale), target

    def data(self, seed: int) -> Data:
        """Returns the training columns (m,); computes the cached factor and shown rows in the same thread."""
        _ = self.dataset.factor, self.dataset.shown
        columns = self.dataset.standard if self.standardize else self.dataset.columns
        target = self.dataset.columns[-1] if self.kind == "logistic" else columns[-1]
        return dict(zip((*self._inputs, "y"), (*columns[:-1], target), strict=True))

    def shown(self, seed: int) -> Data:
        return {"x": self.dataset.shown[0], "y": self.dataset.shown[-1]}

    def optimum(self, data: Data) -> tuple[float, ...] | None:
        """Returns the least-squares solution; None for a logistic curve."""
        if self.kind == "logistic":
            return None
        factor, count = self.dataset.factor, len(self._slopes)
        best = least_squares(factor[:, [*range(count), -2]], factor[:, -1])
        return tuple((best if self.standardize else self._in_file_units(best)).tolist())

    def original_units(self, w: Array) -> Array:
        """Returns the parameters (..., P) of the same model in the units of the file."""
        return self._in_file_units(w) if self.standardize else np.asarray(w, float)

    def equation(self, w: Array) -> str:
        """Returns the model's equation in the units of the file, with its parameters w (P,)."""
        *slopes, bias = self.original_units(w).tolist()
        if self.kind == "polynomial":
            x = self.axes[0] if self.axes[0].isidentifier() else f"({self.axes[0]})"
            words = [self.axes[0], *(f"{x}^{power}" for power in range(2, self.degree + 1))]
        else:
            words = list(self.dataset.features)
        text = "".join(f"{_signed(slope)}·{word}" for slope, word in zip(slopes, words, strict=True))
        text = text + _signed(bias)
        text = text.removeprefix(" + ") if text.startswith(" + ") else "-" + text.removeprefix(" - ")
        if self.kind != "logistic":
            return f"{self.dataset.target} = {text}"
        return f"P({self.dataset.target} = {(*self.dataset.words, '0', '1')[1]}) = sigmoid({text})"

    @cached_property
    def _approximate_optimum(self) -> tuple[float, ...]:
        """An approximate minimum of a logistic curve by Newton's method, regularized for separable classes."""
        pairs = zip(self.dataset.shown[:-1], self.dataset.means, self.dataset.scales, strict=False)
        columns = np.stack(
            [(column - mean) / scale for column, mean, scale in pairs] + [self.dataset.shown[-1] * 0 + 1]
        )
        w = np.zeros(len(columns))
        for _ in range(_NEWTON_STEPS):
            chance = elementary.sigmoid(ordered_sum(w[:, None] * columns, 0))
            slope = (columns * (chance - self.dataset.shown[-1])).mean(axis=1) + _REGULARIZATION * w
            hessian = (columns[:, None] * (chance * (1 - chance)) * columns).mean(axis=2)
            w = w - solve(hessian + _REGULARIZATION * np.eye(len(w)), slope)
        return tuple((w if self.standardize else self._in_file_units(w)).tolist())

    @property
    def _slopes(self) -> tuple[str, ...]:
        count = self.degree if self.kind == "polynomial" else len(self.dataset.features)
        if self.kind != "polynomial" and count == 1:
            return ("w",)
        return tuple(f"w{index}" for index in range(1, count + 1))

    @property
    def _inputs(self) -> tuple[str, ...]:
        count = len(self.dataset.features)
        return ("x",) if count == 1 else tuple(f"x{index}" for index in range(1, count + 1))

    @property
    def _sum(self) -> str:
        if self.kind == "polynomial":
            powers = ["x" if power == 1 else f"x^{power}" for power in range(1, self.degree + 1)]
        else:
            powers = list(self._inputs)
        terms = [f"{slope}*{power}" for slope, power in zip(self._slopes, powers, strict=True)]
        return " + ".join([*terms, "b"])

    def _sizes(self) -> list[float]:
        """Returns a typical magnitude of each parameter."""
        if self.standardize:
            return [1.0] * len(self.names)
        scale = self.dataset.scales[-1] if self.kind != "logistic" else 1.0
        if self.kind == "polynomial":
            powers = elementary.power(self.dataset.scales[0], np.arange(1, self.degree + 1))
            return [*(scale / powers).tolist(), scale]
        features = list(zip(self.dataset.means, self.dataset.scales, strict=True))[:-1]
        far = max(abs(mean) / size for mean, size in features) if self.kind == "logistic" else 0.0
        return [*(scale / size for _, size in features), scale * (1 + far)]

    def _feature_units(self) -> list[tuple[float, float]]:
        """Returns offset and scale of each feature that training removes."""
        pairs = list(zip(self.dataset.means, self.dataset.scales, strict=True))[:-1]
        return pairs if self.standardize else [(0.0, 1.0)] * len(pairs)

    def _target_units(self) -> tuple[float, float]:
        if not self.standardize or self.kind == "logistic":
            return 0.0, 1.0
        return self.dataset.means[-1], self.dataset.scales[-1]

    def _in_file_units(self, w: Array) -> Array:
        """Returns the parameters (..., P) for the file's columns from those for standardised columns."""
        w = np.asarray(w, float)
        pairs = list(zip(self.dataset.means, self.dataset.scales, strict=True))
        offset, scale = (0.0, 1.0) if self.kind == "logistic" else pairs[-1]
        with np.errstate(over="ignore", invalid="ignore"):
            if self.kind == "polynomial":
                raw = ordered_sum(w[..., None] * _expanded(*pairs[0], self.degree), -2)
            else:
                means, scales = np.array(pairs[:-1]).T
                slopes = w[..., :-1] / scales
                raw = np.concatenate([slopes, w[..., -1:] - (slopes * means).sum(axis=-1, keepdims=True)], axis=-1)
            raw = scale * raw
            raw[..., -1] += offset
        return raw


def _expanded(mean: float, scale: float, degree: int) -> Array:
    """Returns the powers 1, ..., degree, 0 of (x - mean) / scale as rows of coefficients of the same powers of x."""
    matrix = np.zeros((degree + 1, degree + 1))
    exponents = np.arange(degree + 1)
    shifts, factors = elementary.power(-mean, exponents), elementary.power(scale, exponents)
    for power in range(degree + 1):
        for below in range(power + 1):
            matrix[power - 1, below - 1] = comb(power, below) * shifts[power - below] / factors[power]
    return matrix


def _signed(value: float) -> str:
    return f" {'-' if value < 0 else '+'} {abs(value):.5g}"
