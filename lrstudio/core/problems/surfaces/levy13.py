from lrstudio.core.problems.base import Surface


class Levy13(Surface):
    """Many waves on a bowl."""

    key = "levy13"
    title = "Lévy 13"
    loss = "sin(3*pi*x)^2 + (x - 1)^2*(1 + sin(3*pi*y)^2) + (y - 1)^2*(1 + sin(2*pi*y)^2)"
    names = ("x", "y")
    start = (-2.3, 3.1)
    domain = ((-5.0, 5.0), (-5.0, 5.0))
    known_minima = ((1.0, 1.0),)
    least = 0.0
