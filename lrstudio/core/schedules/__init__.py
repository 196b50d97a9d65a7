"""The schedules, in the order of the menu."""

from lrstudio.core.declaration import catalogue
from lrstudio.core.schedules.base import Schedule as Schedule
from lrstudio.core.schedules.stages.composed import Composed

# isort: off
# The order is that of the menu.
from lrstudio.core.schedules.constant import Constant as Constant
from lrstudio.core.schedules.decays.exponential import Exponential as Exponential
from lrstudio.core.schedules.decays.step import Step as Step
from lrstudio.core.schedules.decays.multistep import MultiStep as MultiStep
from lrstudio.core.schedules.decays.cosine import Cosine as Cosine
from lrstudio.core.schedules.cycles.cosine_restarts import CosineRestarts as CosineRestarts
from lrstudio.core.schedules.decays.linear import Linear as Linear
from lrstudio.core.schedules.decays.polynomial import Polynomial as Polynomial
from lrstudio.core.schedules.decays.inverse_sqrt import InverseSqrt as InverseSqrt
from lrstudio.core.schedules.decays.inverse_time import InverseTime as InverseTime
from lrstudio.core.schedules.cycles.cyclic import Cyclic as Cyclic
from lrstudio.core.schedules.cycles.one_cycle import OneCycle as OneCycle
from lrstudio.core.schedules.following.plateau import Plateau as Plateau
from lrstudio.core.schedules.following.greedy import Greedy as Greedy
from lrstudio.core.schedules.stages.constant_lr import ConstantLR as ConstantLR
from lrstudio.core.schedules.stages.warmup import Warmup as Warmup
from lrstudio.core.schedules.stages.warmup_stable_decay import WarmupStableDecay as WarmupStableDecay
from lrstudio.core.schedules.stages.sequence import Sequence as Sequence
from lrstudio.core.schedules.stages.product import Product as Product
from lrstudio.core.schedules.own.custom import Custom as Custom
from lrstudio.core.schedules.own.rule import Rule as Rule
# isort: on

SCHEDULES: tuple[type[Schedule], ...] = catalogue(globals(), Schedule)
Composed.catalogue = SCHEDULES

DEFAULT_SCHEDULE: type[Schedule] = Constant
"""The schedule of a new run."""
