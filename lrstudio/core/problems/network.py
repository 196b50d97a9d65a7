"""What a problem with a network declares."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.network import Network, NetworkObjective, Split, initial_weights
from lrstudio.core.objective import FLOAT64
from lrstudio.core.problems.base import Data, Problem

_CHOSEN = 6


class NetworkProblem(Problem):
    """Examples are to be told apart by a network. Of its many weights a few are recorded step by step: `names`."""

    head: ClassVar[str]
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
        """The layers."""

    @abstractmethod
    def make_split(self, seed: int) -> Split:
        """Make the examples."""

    def split(self, seed: int) -> Split:
        """The examples; made once and kept. Read only."""
        return _split(self, seed)

    @property
    def drifts(self) -> bool:
        """Whether the inputs change with the step."""
        return False

    def drifted(self, x: Array, step: int) -> Array:
        """The inputs as they are at a step."""
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
        """The indices of some weights: of every layer the first ones and the last, and a bias."""
        indices: list[int] = []
        for weights, biases in self.network.parts:
            indices += [weights.start, (weights.start + weights.stop) // 2, biases.start]
        return np.array(sorted(set(indices[: _CHOSEN - 2] + indices[-2:])))

    @cached_property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The weights that are recorded."""
        return tuple(self.network.names[index] for index in self.recorded)

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
