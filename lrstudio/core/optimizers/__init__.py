"""The optimizers, in the order of the menu."""

from lrstudio.core.optimizers.adadelta import Adadelta
from lrstudio.core.optimizers.adagrad import Adagrad
from lrstudio.core.optimizers.adam import Adam
from lrstudio.core.optimizers.adamax import Adamax
from lrstudio.core.optimizers.adamw import AdamW
from lrstudio.core.optimizers.asgd import ASGD
from lrstudio.core.optimizers.base import Optimizer
from lrstudio.core.optimizers.lion import Lion
from lrstudio.core.optimizers.nadam import NAdam
from lrstudio.core.optimizers.newton import Newton
from lrstudio.core.optimizers.radam import RAdam
from lrstudio.core.optimizers.rmsprop import RMSprop
from lrstudio.core.optimizers.rprop import Rprop
from lrstudio.core.optimizers.rule import Rule
from lrstudio.core.optimizers.sgd import SGD

OPTIMIZERS: tuple[type[Optimizer], ...] = (
    SGD,
    Adagrad,
    RMSprop,
    Adadelta,
    Adam,
    AdamW,
    Adamax,
    NAdam,
    RAdam,
    Rprop,
    ASGD,
    Lion,
    Newton,
    Rule,
)
DEFAULT_OPTIMIZER: type[Optimizer] = SGD
"""The optimizer of a run for which none is chosen."""

__all__ = [
    "ASGD",
    "DEFAULT_OPTIMIZER",
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "NAdam",
    "Newton",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "Rule",
]
