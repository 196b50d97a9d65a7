"""The schedules, in the order of the menu."""

from lrstudio.core.declaration import catalogue
from lrstudio.core.schedules.base import Schedule as Schedule

# isort: off
# The order is that of the menu.
from lrstudio.core.schedules.constant import Constant as Constant
from lrstudio.core.schedules.exponential import Exponential as Exponential
from lrstudio.core.schedules.step import Step as Step
from lrstudio.core.schedules.multistep import MultiStep as MultiStep
from lrstudio.core.schedules.cosine import Cosine as Cosine
from lrstudio.core.schedules.cosine_restarts import CosineRestarts as CosineRestarts
from lrstudio.core.schedules.linear import Linear as Linear
from lrstudio.core.schedules.polynomial import Polynomial as Polynomial
from lrstudio.core.schedules.inverse_sqrt import InverseSqrt as InverseSqrt
from lrstudio.core.schedules.cyclic import Cyclic as Cyclic
from lrstudio.core.schedules.one_cycle import OneCycle as OneCycle
from lrstudio.core.schedules.plateau import Plateau as Plateau
from lrstudio.core.schedules.warmup import Warmup as Warmup
from lrstudio.core.schedules.custom import Custom as Custom
from lrstudio.core.schedules.rule import Rule as Rule
# isort: on

SCHEDULES: tuple[type[Schedule], ...] = catalogue(globals(), Schedule)
Warmup.catalogue = SCHEDULES

DEFAULT_SCHEDULE: type[Schedule] = Constant
"""The schedule of a new run."""
