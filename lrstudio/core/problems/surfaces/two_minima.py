from lrstudio.core.problems.base import Surface


class TwoMinima(Surface):
    """A shallow bowl in front of a deep one: small rates stay in the first."""

    key = "two_minima"
    title = "Two minima"
    loss = "(x^2 - 1)^2 + 0.3*x + y^2/2"
    names = ("x", "y")
    start = (1.7, 1.0)
    domain = ((-2.0, 2.0), (-2.0, 2.0))
    known_minima = ((-1.0355787140888537, 0.0), (0.9601495555191055, 0.0))
    least = -0.305428483743916
