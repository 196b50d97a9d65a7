"""The optimizers, in the order of the menu."""

from lrstudio.core.optimizers.adadelta import Adadelta
from lrstudio.core.optimizers.adagrad import Adagrad
from lrstudio.core.optimizers.adam import Adam
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.rmsprop import RMSprop
from lrstudio.core.optimizers.sgd import SGD

OPTIMIZERS: tuple[type[Optimizer], ...] = (SGD, Adagrad, RMSprop, Adadelta, Adam)

__all__ = ["OPTIMIZERS", "SGD", "Adadelta", "Adagrad", "Adam", "Optimizer", "RMSprop"]
