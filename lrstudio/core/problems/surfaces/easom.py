from math import pi

from lrstudio.core.problems.base import Surface


class Easom(Surface):
    """A narrow hole in a plain (Easom 1990)."""

    key = "easom"
    title = "Easom"
    loss = "-cos(x)*cos(y)*exp(-(x - pi)^2 - (y - pi)^2)"
    names = ("x", "y")
    start = (2.0, 2.2)
    domain = ((0.0, 6.5), (0.0, 6.5))
    known_minima = ((pi, pi),)
    least = -1.0
