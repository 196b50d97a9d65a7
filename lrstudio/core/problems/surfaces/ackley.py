from lrstudio.core.problems.base import Surface


class Ackley(Surface):
    """Nearly flat and full of dents, with a funnel in the middle (Ackley 1987). At its tip the slope is taken as 0."""

    key = "ackley"
    title = "Ackley"
    loss = "20 + e - 20*exp(-0.2*sqrt((x^2 + y^2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2)"
    names = ("x", "y")
    start = (1.6, -2.4)
    domain = ((-4.0, 4.0), (-4.0, 4.0))
    known_minima = ((0.0, 0.0),)
    least = 0.0
