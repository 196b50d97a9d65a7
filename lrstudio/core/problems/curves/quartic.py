from lrstudio.core.problems.base import Surface


class Quartic(Surface):
    """One weight, a shallow minimum and a deep one."""

    key = "quartic"
    title = "Quartic with two minima"
    loss = "(w^2 - 1)^2 + 0.3*w"
    names = ("w",)
    start = (1.6,)
    domain = ((-1.8, 1.8),)
    known_minima = ((-1.0355787140888537,), (0.9601495555191055,))
    least = -0.305428483743916
