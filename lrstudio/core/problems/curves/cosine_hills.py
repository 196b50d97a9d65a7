from lrstudio.core.problems.base import Surface


class CosineHills(Surface):
    """Hills on a parabola: large rates jump over them."""

    key = "cosine_hills"
    title = "Cosine hills"
    loss = "w^2/20 + 1 - cos(3*w)"
    names = ("w",)
    start = (5.0,)
    domain = ((-7.0, 7.0),)
    known_minima = ((0.0,),)
    least = 0.0
