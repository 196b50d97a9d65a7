"""A network and the examples that it learns."""

from __future__ import annotations

from typing import NamedTuple

from lrstudio.core.array import Array
from lrstudio.core.network.layers import Network


class Split(NamedTuple):
    """Training examples, inputs (m, in) and labels (m,), and validation examples."""

    x: Array
    labels: Array
    other_x: Array
    other_labels: Array


class Classifier(NamedTuple):
    """A network with a head, by its name in HEADS, and its examples."""

    network: Network
    head: str
    split: Split
