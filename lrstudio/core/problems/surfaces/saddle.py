from lrstudio.core.problems.base import Surface


class Saddle(Surface):
    """Up one way, down the other: it has no floor, and the start lies nearly on the ridge."""

    key = "saddle"
    title = "Saddle"
    loss = "x^2 - y^2"
    names = ("x", "y")
    start = (1.5, 0.001)
    domain = ((-2.0, 2.0), (-2.0, 2.0))
    known_minima = ()
    least = None
