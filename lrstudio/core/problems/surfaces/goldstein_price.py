from lrstudio.core.problems.base import Surface


class GoldsteinPrice(Surface):
    """A height of a million beside a deep hole (Goldstein & Price 1971)."""

    key = "goldstein_price"
    title = "Goldstein-Price"
    loss = (
        "(1 + (x + y + 1)^2*(19 - 14*x + 3*x^2 - 14*y + 6*x*y + 3*y^2)) * (30 + (2*x - 3*y)^2*(18 - 32*x + "
        "12*x^2 + 48*y - 36*x*y + 27*y^2))"
    )
    names = ("x", "y")
    start = (-0.4, -0.3)
    domain = ((-2.0, 2.0), (-2.0, 2.0))
    known_minima = ((0.0, -1.0),)
    least = 3.0
