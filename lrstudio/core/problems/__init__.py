"""The problems, in the order of the menu: of one weight, with data, surfaces, your own."""

from lrstudio.core.problems.absolute import Absolute
from lrstudio.core.problems.ackley import Ackley
from lrstudio.core.problems.base import Data, Problem, Surface
from lrstudio.core.problems.beale import Beale
from lrstudio.core.problems.booth import Booth
from lrstudio.core.problems.classification import Classification
from lrstudio.core.problems.cosine_hills import CosineHills
from lrstudio.core.problems.digits import Digits
from lrstudio.core.problems.easom import Easom
from lrstudio.core.problems.formula import Formula
from lrstudio.core.problems.goldstein_price import GoldsteinPrice
from lrstudio.core.problems.himmelblau import Himmelblau
from lrstudio.core.problems.levy13 import Levy13
from lrstudio.core.problems.matyas import Matyas
from lrstudio.core.problems.mccormick import McCormick
from lrstudio.core.problems.model import Model
from lrstudio.core.problems.monkey_saddle import MonkeySaddle
from lrstudio.core.problems.network import NetworkProblem, Split
from lrstudio.core.problems.noisy_line import NoisyLine
from lrstudio.core.problems.parabola import Parabola
from lrstudio.core.problems.plateau import Plateau
from lrstudio.core.problems.proportional import Proportional
from lrstudio.core.problems.quadratic import Quadratic
from lrstudio.core.problems.quartic import Quartic
from lrstudio.core.problems.rastrigin import Rastrigin
from lrstudio.core.problems.ravine import Ravine
from lrstudio.core.problems.rosenbrock import Rosenbrock
from lrstudio.core.problems.saddle import Saddle
from lrstudio.core.problems.styblinski_tang import StyblinskiTang
from lrstudio.core.problems.three_hump_camel import ThreeHumpCamel
from lrstudio.core.problems.two_minima import TwoMinima

PROBLEMS: tuple[type[Problem], ...] = (
    Parabola,
    Quartic,
    Absolute,
    CosineHills,
    Proportional,
    NoisyLine,
    Classification,
    Digits,
    Quadratic,
    Ravine,
    Rosenbrock,
    Beale,
    Booth,
    Matyas,
    Himmelblau,
    McCormick,
    ThreeHumpCamel,
    StyblinskiTang,
    GoldsteinPrice,
    Levy13,
    Ackley,
    Rastrigin,
    Easom,
    Saddle,
    MonkeySaddle,
    TwoMinima,
    Plateau,
    Formula,
    Model,
)

__all__ = [
    "PROBLEMS",
    "Absolute",
    "Ackley",
    "Beale",
    "Booth",
    "Classification",
    "CosineHills",
    "Data",
    "Digits",
    "Easom",
    "Formula",
    "GoldsteinPrice",
    "Himmelblau",
    "Levy13",
    "Matyas",
    "McCormick",
    "Model",
    "MonkeySaddle",
    "NetworkProblem",
    "NoisyLine",
    "Parabola",
    "Plateau",
    "Problem",
    "Proportional",
    "Quadratic",
    "Quartic",
    "Rastrigin",
    "Ravine",
    "Rosenbrock",
    "Saddle",
    "Split",
    "StyblinskiTang",
    "Surface",
    "ThreeHumpCamel",
    "TwoMinima",
]
