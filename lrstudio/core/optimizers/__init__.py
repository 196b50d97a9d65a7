"""The optimizers, in the order of the menu."""

from lrstudio.core.declaration import catalogue
from lrstudio.core.optimizers.base import Optimizer as Optimizer

# isort: off
# The order is that of the menu.
from lrstudio.core.optimizers.sgd import SGD as SGD
from lrstudio.core.optimizers.adagrad import Adagrad as Adagrad
from lrstudio.core.optimizers.rmsprop import RMSprop as RMSprop
from lrstudio.core.optimizers.adadelta import Adadelta as Adadelta
from lrstudio.core.optimizers.adam import Adam as Adam
from lrstudio.core.optimizers.adamw import AdamW as AdamW
from lrstudio.core.optimizers.adamax import Adamax as Adamax
from lrstudio.core.optimizers.nadam import NAdam as NAdam
from lrstudio.core.optimizers.radam import RAdam as RAdam
from lrstudio.core.optimizers.rprop import Rprop as Rprop
from lrstudio.core.optimizers.asgd import ASGD as ASGD
from lrstudio.core.optimizers.lion import Lion as Lion
from lrstudio.core.optimizers.schedule_free import ScheduleFreeSGD as ScheduleFreeSGD
from lrstudio.core.optimizers.schedule_free import ScheduleFreeAdamW as ScheduleFreeAdamW
from lrstudio.core.optimizers.joined.adafactor import Adafactor as Adafactor
from lrstudio.core.optimizers.joined.muon import Muon as Muon
from lrstudio.core.optimizers.joined.prodigy import Prodigy as Prodigy
from lrstudio.core.optimizers.newton import Newton as Newton
from lrstudio.core.optimizers.rule import Rule as Rule
# isort: on

OPTIMIZERS: tuple[type[Optimizer], ...] = catalogue(globals(), Optimizer)
DEFAULT_OPTIMIZER: type[Optimizer] = SGD
"""The optimizer of a new run."""
