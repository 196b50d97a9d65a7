"""Base class of the problems with a network."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.network import Network, NetworkObjective, Split, initial_weights
from lrstudio.core.objective import FLOAT64
from lrstudio.core.problems.base import Data, Problem

_MOST_RECORDED = 6


class NetworkProblem(Problem):
    """Classification by a network; a few of its weights, `names`, are recorded at each step."""

    start = ()
    domain = ()
    lower_bound = 0.0
    has_landscape = has_editable_start = has_numerical_gradient = records_all_parameters = False
    depends_on_seed = is_expensive = True
    metrics = NetworkObjective.metrics
    loss = "mean(cross_entropy)"
    if TYPE_CHECKING:
        init: str

    @classmethod
    def group(cls) -> str:
        return "network"

    @property
    @abstractmethod
    def network(self) -> Network:
        """The layers of the network."""

    @abstractmethod
    def make_split(self, seed: int) -> Split:
        """Returns new training and validation examples."""

    def split(self, seed: int) -> Split:
        """Returns the cached, read-only examples."""
        return _split(self, seed)

    @property
    def drifts(self) -> bool:
        """Whether the inputs change with the step."""
        return self.turn is not None

    def drifted(self, x: Array, step: int) -> Array:
        """Returns the inputs x (m, in) moved to a step."""
        return x

    def inputs(self, seed: int, step: int) -> Array:
        x = self.split(seed).x
        return self.drifted(x, step) if self.drifts else x

    def objective(self, seed: int = 0, dtype: DType = FLOAT64) -> NetworkObjective:
        drift = self.drifted if self.drifts else None
        return NetworkObjective(self.network, self.head, self.split(seed), dtype, drift)

    @property
    def has_data(self) -> bool:
        return True

    @property
    def size(self) -> int:
        return self.network.size

    @cached_property
    def recorded(self) -> Array:
        """The indices of up to six weights and biases of the first and last layers, rising."""
        indices: list[int] = []
        for weights, biases in self.network.parts:
            indices += [weights.start, (weights.start + weights.stop) // 2, biases.start]
        return np.array(sorted(set(indices[: _MOST_RECORDED - 2] + indices[-2:])))

    @cached_property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names of the recorded weights."""
        return tuple(self.network.names[index] for index in self.recorded)

    @property
    def work(self) -> int:
        return 3 * self.size + 20 * sum(self.network.sizes[1:])

    def initial(self, seed: int) -> Array:
        return initial_weights(self.network, self.init, seed)

    def data(self, seed: int) -> Data:
        return {"label": self.split(seed).labels}

    def optimum(self, data: Data) -> None:
        return None


@lru_cache(maxsize=8)
def _split(problem: NetworkProblem, seed: int) -> Split:
    split = problem.make_split(seed)
    for values in split:
        values.flags.writeable = False
    return split
