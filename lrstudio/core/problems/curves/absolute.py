from lrstudio.core.problems.base import Surface


class Absolute(Surface):
    """A kink at the minimum: a constant rate never comes to rest. At 0 the slope is taken as 0."""

    key = "absolute"
    title = "|w|"
    loss = "abs(w)"
    names = ("w",)
    start = (3.3,)
    domain = ((-4.0, 4.0),)
    known_minima = ((0.0,),)
    least = 0.0
