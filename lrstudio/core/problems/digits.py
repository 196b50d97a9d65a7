from __future__ import annotations

import numpy as np

from lrstudio.core.datasets.digits import digits
from lrstudio.core.declaration import choice, numbers, param
from lrstudio.core.language import tr
from lrstudio.core.network import ACTIVATIONS, INITS, Network, Split
from lrstudio.core.problems.network import NetworkProblem

SIDE, CLASSES = 8, 10


class Digits(NetworkProblem):
    """1,797 handwritten digits of 8 x 8 pixels, read by a network (UCI, CC BY 4.0)."""

    key = "digits"
    title = "Handwritten digits"
    head = "softmax"
    image_shape = SIDE, SIDE
    usual_batch = 32

    n: int = param(1797, "number of images that are used", 50, 1797, scale="log", label="images")
    hidden: tuple[int, ...] = numbers((32,), "units of the hidden layers", 1, 256, label="hidden units")
    activation: str = choice("relu", tuple(ACTIVATIONS), "what a hidden unit does with its sum")
    init: str = choice("default", INITS, "how the weights begin", label="initial weights")
    train_share: float = param(
        0.8, "share of the images that is trained on; the others measure", 0.05, 0.95, label="training share"
    )

    def check(self) -> None:
        if len(self.hidden) > 3:
            raise ValueError(tr("hidden = {hidden}: at most 3 layers", hidden=self.hidden))

    @property
    def network(self) -> Network:
        return Network((SIDE**2, *self.hidden, CLASSES), self.activation)

    def make_split(self, seed: int) -> Split:
        images, labels = digits()
        order = np.random.default_rng(seed).permutation(len(labels))[: self.n]
        train, other = np.split(order, [round(len(order) * self.train_share)])
        return Split(images[train], labels[train], images[other], labels[other])
