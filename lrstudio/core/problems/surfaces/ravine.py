from lrstudio.core.problems.base import Surface


class Ravine(Surface):
    """A long valley with steep walls: condition number 100."""

    key = "ravine"
    title = "Ravine"
    loss = "x^2/20 + 5*y^2"
    names = ("x", "y")
    start = (-9.0, 0.8)
    domain = ((-10.0, 10.0), (-2.0, 2.0))
    known_minima = ((0.0, 0.0),)
    least = 0.0
