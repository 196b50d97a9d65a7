from lrstudio.core.problems.base import Surface


class MonkeySaddle(Surface):
    """Flat in the middle, with three ways down and no floor."""

    key = "monkey_saddle"
    title = "Monkey saddle"
    loss = "x^3 - 3*x*y^2"
    names = ("x", "y")
    start = (0.9, 0.05)
    domain = ((-1.5, 1.5), (-1.5, 1.5))
    known_minima = ()
    least = None
