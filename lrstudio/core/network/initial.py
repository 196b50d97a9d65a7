"""The initial weights of a network."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import mark
from lrstudio.core.network.layers import Network
from lrstudio.core.random_numbers import normal, uniform

INITS = (mark("default"), "xavier", "he", mark("small"), mark("large"), mark("zeros"))
"""The names of the initializations: default is that of torch.nn.Linear; small and large are normal with a standard
deviation of 0.01 and 3; with zeros all units of a layer stay equal."""


def initial_weights(network: Network, init: str, seed: int) -> Array:
    """Returns the weights (P,) of a network: U(-1/√in, 1/√in) for W and b by default, otherwise b = 0.

    xavier: W uniform within √(6/(in + out)) (Glorot & Bengio 2010); he: W normal with √(2/in) (He et al. 2015).
    """
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0x77,)))
    w = np.zeros(network.size)
    for (inside, outside), (weights, biases) in zip(pairwise(network.sizes), network.parts, strict=True):
        count, bound = inside * outside, 1 / sqrt(inside)
        match init:
            case "default":
                w[weights], w[biases] = uniform(random, -bound, bound, count), uniform(random, -bound, bound, outside)
            case "xavier":
                width = sqrt(6 / (inside + outside))
                w[weights] = uniform(random, -width, width, count)
            case "he":
                w[weights] = sqrt(2) * bound * normal(random, count)
            case "small" | "large":
                w[weights] = (0.01 if init == "small" else 3.0) * normal(random, count)
    return w
