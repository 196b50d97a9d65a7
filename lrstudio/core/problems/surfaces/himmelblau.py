from lrstudio.core.problems.base import Surface


class Himmelblau(Surface):
    """Four minima with the loss 0: start and rate decide which one a run ends in (Himmelblau 1972)."""

    key = "himmelblau"
    title = "Himmelblau"
    loss = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"
    names = ("x", "y")
    start = (-0.5, -1.0)
    domain = ((-5.5, 5.5), (-5.5, 5.5))
    known_minima = (
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.28318599128617),
        (3.584428340330492, -1.848126526964404),
    )
    least = 0.0
