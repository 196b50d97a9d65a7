from math import pi

from lrstudio.core.problems.base import Surface


class McCormick(Surface):
    """A slanted valley between waves (McCormick 1976)."""

    key = "mccormick"
    title = "McCormick"
    loss = "sin(x + y) + (x - y)^2 - 1.5*x + 2.5*y + 1"
    names = ("x", "y")
    start = (3.0, 3.0)
    domain = ((-3.0, 5.0), (-4.0, 5.0))
    known_minima = ((0.5 - pi / 3, -0.5 - pi / 3),)
    least = -1.9132229549810367
