from lrstudio.core.problems.base import Surface


class Matyas(Surface):
    """A long, shallow trough: condition number 25."""

    key = "matyas"
    title = "Matyas"
    loss = "0.26*(x^2 + y^2) - 0.48*x*y"
    names = ("x", "y")
    start = (-8.0, 6.0)
    domain = ((-10.0, 10.0), (-10.0, 10.0))
    known_minima = ((0.0, 0.0),)
    least = 0.0
