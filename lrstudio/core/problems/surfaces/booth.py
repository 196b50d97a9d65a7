from lrstudio.core.problems.base import Surface


class Booth(Surface):
    """An oblique bowl: condition number 9."""

    key = "booth"
    title = "Booth"
    loss = "(x + 2*y - 7)^2 + (2*x + y - 5)^2"
    names = ("x", "y")
    start = (-6.0, -2.0)
    domain = ((-10.0, 10.0), (-10.0, 10.0))
    known_minima = ((1.0, 3.0),)
    least = 0.0
