"""The problems, in the order of the menu: of one weight, with data, surfaces, your own."""

from lrstudio.core.declaration import catalogue
from lrstudio.core.problems.base import Data as Data
from lrstudio.core.problems.base import Problem as Problem
from lrstudio.core.problems.base import Surface as Surface
from lrstudio.core.problems.network import NetworkProblem as NetworkProblem

# isort: off
# The order is that of the menu.
from lrstudio.core.problems.curves.parabola import Parabola as Parabola
from lrstudio.core.problems.curves.quartic import Quartic as Quartic
from lrstudio.core.problems.curves.absolute import Absolute as Absolute
from lrstudio.core.problems.curves.cosine_hills import CosineHills as CosineHills
from lrstudio.core.problems.proportional import Proportional as Proportional
from lrstudio.core.problems.noisy_line import NoisyLine as NoisyLine
from lrstudio.core.problems.own_data import OwnData as OwnData
from lrstudio.core.problems.classification import Classification as Classification
from lrstudio.core.problems.digits import Digits as Digits
from lrstudio.core.problems.quadratic import Quadratic as Quadratic
from lrstudio.core.problems.surfaces.ravine import Ravine as Ravine
from lrstudio.core.problems.surfaces.rosenbrock import Rosenbrock as Rosenbrock
from lrstudio.core.problems.surfaces.beale import Beale as Beale
from lrstudio.core.problems.surfaces.booth import Booth as Booth
from lrstudio.core.problems.surfaces.matyas import Matyas as Matyas
from lrstudio.core.problems.surfaces.himmelblau import Himmelblau as Himmelblau
from lrstudio.core.problems.surfaces.mccormick import McCormick as McCormick
from lrstudio.core.problems.surfaces.three_hump_camel import ThreeHumpCamel as ThreeHumpCamel
from lrstudio.core.problems.surfaces.styblinski_tang import StyblinskiTang as StyblinskiTang
from lrstudio.core.problems.surfaces.goldstein_price import GoldsteinPrice as GoldsteinPrice
from lrstudio.core.problems.surfaces.levy13 import Levy13 as Levy13
from lrstudio.core.problems.surfaces.ackley import Ackley as Ackley
from lrstudio.core.problems.surfaces.rastrigin import Rastrigin as Rastrigin
from lrstudio.core.problems.surfaces.easom import Easom as Easom
from lrstudio.core.problems.surfaces.saddle import Saddle as Saddle
from lrstudio.core.problems.surfaces.monkey_saddle import MonkeySaddle as MonkeySaddle
from lrstudio.core.problems.surfaces.two_minima import TwoMinima as TwoMinima
from lrstudio.core.problems.surfaces.plateau import Plateau as Plateau
from lrstudio.core.problems.formula import Formula as Formula
from lrstudio.core.problems.model import Model as Model
# isort: on

PROBLEMS: tuple[type[Problem], ...] = catalogue(globals(), Problem)
