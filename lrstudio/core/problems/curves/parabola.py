from lrstudio.core.problems.base import Surface


class Parabola(Surface):
    """The smallest problem there is: one weight, one minimum at -1, curvature 2 everywhere."""

    key = "parabola"
    title = "Parabola (w + 1)²"
    loss = "(w + 1)^2"
    names = ("w",)
    start = (5.0,)
    domain = ((-8.0, 6.0),)
    known_minima = ((-1.0,),)
    least = 0.0
