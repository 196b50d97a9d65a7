"""The problems, in the order of the menu: of one weight, with data, surfaces, your own."""

from lrstudio.core.problems.base import Data, Problem, Surface
from lrstudio.core.problems.classification import Classification
from lrstudio.core.problems.curves.absolute import Absolute
from lrstudio.core.problems.curves.cosine_hills import CosineHills
from lrstudio.core.problems.curves.parabola import Parabola
from lrstudio.core.problems.curves.quartic import Quartic
from lrstudio.core.problems.digits import Digits
from lrstudio.core.problems.formula import Formula
from lrstudio.core.problems.model import Model
from lrstudio.core.problems.network import NetworkProblem, Split
from lrstudio.core.problems.noisy_line import NoisyLine
from lrstudio.core.problems.own_data import OwnData
from lrstudio.core.problems.proportional import Proportional
from lrstudio.core.problems.quadratic import Quadratic
from lrstudio.core.problems.surfaces.ackley import Ackley
from lrstudio.core.problems.surfaces.beale import Beale
from lrstudio.core.problems.surfaces.booth import Booth
from lrstudio.core.problems.surfaces.easom import Easom
from lrstudio.core.problems.surfaces.goldstein_price import GoldsteinPrice
from lrstudio.core.problems.surfaces.himmelblau import Himmelblau
from lrstudio.core.problems.surfaces.levy13 import Levy13
from lrstudio.core.problems.surfaces.matyas import Matyas
from lrstudio.core.problems.surfaces.mccormick import McCormick
from lrstudio.core.problems.surfaces.monkey_saddle import MonkeySaddle
from lrstudio.core.problems.surfaces.plateau import Plateau
from lrstudio.core.problems.surfaces.rastrigin import Rastrigin
from lrstudio.core.problems.surfaces.ravine import Ravine
from lrstudio.core.problems.surfaces.rosenbrock import Rosenbrock
from lrstudio.core.problems.surfaces.saddle import Saddle
from lrstudio.core.problems.surfaces.styblinski_tang import StyblinskiTang
from lrstudio.core.problems.surfaces.three_hump_camel import ThreeHumpCamel
from lrstudio.core.problems.surfaces.two_minima import TwoMinima

PROBLEMS: tuple[type[Problem], ...] = (
    Parabola,
    Quartic,
    Absolute,
    CosineHills,
    Proportional,
    NoisyLine,
    OwnData,
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
    "OwnData",
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
