from lrstudio.core.problems.base import Surface


class StyblinskiTang(Surface):
    """Four minima of different depths (Styblinski & Tang 1990)."""

    key = "styblinski_tang"
    title = "Styblinski-Tang"
    loss = "(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2"
    names = ("x", "y")
    start = (0.5, 1.0)
    domain = ((-5.0, 5.0), (-5.0, 5.0))
    known_minima = (
        (-2.903534027771177, -2.903534027771177),
        (-2.903534027771177, 2.7468027709908367),
        (2.7468027709908367, -2.903534027771177),
        (2.7468027709908367, 2.7468027709908367),
    )
    least = -78.33233140754282
