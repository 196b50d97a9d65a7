from lrstudio.core.problems.base import Surface


class Rosenbrock(Surface):
    """A curved, narrow valley: easy to find, hard to follow (Rosenbrock 1960)."""

    key = "rosenbrock"
    title = "Rosenbrock valley"
    loss = "(1 - x)^2 + 100*(y - x^2)^2"
    names = ("x", "y")
    start = (-1.2, 1.0)
    domain = ((-2.0, 2.0), (-1.0, 3.0))
    known_minima = ((1.0, 1.0),)
    least = 0.0
