from lrstudio.core.problems.base import Surface


class Rastrigin(Surface):
    """An egg box: a minimum near every whole number (Rastrigin 1974)."""

    key = "rastrigin"
    title = "Rastrigin"
    loss = "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)"
    names = ("x", "y")
    start = (1.6, -2.4)
    domain = ((-4.0, 4.0), (-4.0, 4.0))
    known_minima = ((0.0, 0.0),)
    least = 0.0
