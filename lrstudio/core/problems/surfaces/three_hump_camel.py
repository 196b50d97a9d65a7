from lrstudio.core.problems.base import Surface


class ThreeHumpCamel(Surface):
    """Three minima, the lowest in the middle."""

    key = "three_hump_camel"
    title = "Three-hump camel"
    loss = "2*x^2 - 1.05*x^4 + x^6/6 + x*y + y^2"
    names = ("x", "y")
    start = (-2.1, 1.5)
    domain = ((-2.6, 2.6), (-2.6, 2.6))
    known_minima = ((0.0, 0.0), (-1.747552345830289, 0.8737761729151445), (1.747552345830289, -0.8737761729151445))
    least = 0.0
