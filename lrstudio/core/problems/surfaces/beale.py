from lrstudio.core.problems.base import Surface


class Beale(Surface):
    """Flat far out, steep at the corners (Beale 1958)."""

    key = "beale"
    title = "Beale"
    loss = "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2"
    names = ("x", "y")
    start = (1.0, 1.0)
    domain = ((-4.5, 4.5), (-4.5, 4.5))
    known_minima = ((3.0, 0.5),)
    least = 0.0
