from lrstudio.core.problems.base import Surface


class Plateau(Surface):
    """Nearly flat far out: gradients vanish where the start is."""

    key = "plateau"
    title = "Plateau"
    loss = "1 - exp(-(x^2 + y^2)/2)"
    names = ("x", "y")
    start = (2.4, 1.8)
    domain = ((-4.0, 4.0), (-4.0, 4.0))
    known_minima = ((0.0, 0.0),)
    least = 0.0
