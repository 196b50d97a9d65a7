"""From the lines of an explanation to what is drawn of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lrstudio.core.formula.typeset import plain_text
from lrstudio.engine.explain.explanation import Explanation
from lrstudio.engine.explain.line import Line
from lrstudio.ui.canvases.landscape.vectors import Kind, Vector


def kinds(explanation: Explanation, dimensions: int) -> dict[str, Kind]:
    """How each line is drawn over so many axes, by its key; lines without a vector are left out."""
    made: dict[str, Kind] = {}
    directions = 0
    for line in explanation.lines if dimensions else ():
        if dimensions == 1:
            if line.role in ("gradient", "step"):
                made[line.key] = "tangent" if line.role == "gradient" else "step"
        elif line.role == "direction":
            made[line.key] = "other" if directions else "direction"
            directions += 1
        elif line.role != "plain" and (line.role != "scale" or _stretched(explanation) is not None):
            made[line.key] = line.role
    return made


def vectors(explanation: Explanation, dimensions: int) -> list[Vector]:
    """What is drawn; lines that stand for one vector share it."""
    made: list[Vector] = []
    seen: set[Kind] = set()
    for line, kind in _drawn(explanation, kinds(explanation, dimensions)):
        if kind not in seen or kind == "other":
            made.append(_vector(explanation, line, kind, dimensions))
        seen.add(kind)
    return [vector for vector in made if np.isfinite(vector.delta).all()]


def strong(explanation: Explanation, key: str, dimensions: int) -> str:
    """The key of the vector that a line stands for."""
    known = kinds(explanation, dimensions)
    if key not in known or known[key] == "other":
        return key
    return next(other for other, kind in known.items() if kind == known[key])


def _drawn(explanation: Explanation, known: dict[str, Kind]) -> Iterable[tuple[Line, Kind]]:
    return [(line, known[line.key]) for line in explanation.lines if line.key in known]


def _vector(explanation: Explanation, line: Line, kind: Kind, dimensions: int) -> Vector:
    if kind == "tangent":
        assert line.vector is not None
        return Vector(line.key, kind, (1.0, float(line.vector[0])), "")
    if dimensions == 1:
        rise = explanation.loss_after - explanation.loss
        return Vector(line.key, kind, (float(explanation.stretch[0]), rise), "")
    if kind == "step":
        return Vector(line.key, kind, _pair(explanation.stretch), "")
    name = plain_text(line.name[:1])
    if kind == "scale":
        stretched = _stretched(explanation)
        assert stretched is not None
        return Vector(line.key, kind, _pair(stretched), "")
    assert line.vector is not None
    parts = tuple((_pair(-part.vector), f"−{plain_text(part.pieces)}") for part in line.parts)
    known = all(np.isfinite(delta).all() for delta, _ in parts)
    return Vector(line.key, kind, _pair(-line.vector), f"−{name}", parts if known else ())


def _stretched(explanation: Explanation) -> np.ndarray | None:
    """How far one unit of the last direction is taken along each axis; None where that cannot be said."""
    pointed = [line.vector for line in explanation.lines if line.role in ("gradient", "direction")]
    if not pointed or pointed[-1] is None:
        return None
    with np.errstate(all="ignore"):
        stretched: np.ndarray = np.abs(explanation.stretch / pointed[-1])[:2]
    return stretched if np.isfinite(stretched).all() and stretched.any() else None


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
