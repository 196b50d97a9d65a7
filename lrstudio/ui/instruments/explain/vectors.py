"""Converts the lines of an explanation to vectors in the landscape."""

from __future__ import annotations

import numpy as np

from lrstudio.core.formula.typeset import plain_text
from lrstudio.engine.explain.explanation import Explanation
from lrstudio.engine.explain.line import Line
from lrstudio.ui.canvases.landscape.vectors import Kind, Vector


def kinds(explanation: Explanation, dimensions: int) -> dict[str, Kind]:
    """Returns the kind of vector of each line by its key, for a landscape of 1 or 2 dimensions."""
    kinds: dict[str, Kind] = {}
    directions = 0
    for line in explanation.lines if dimensions else ():
        if dimensions == 1:
            if line.role in ("gradient", "step"):
                kinds[line.key] = "tangent" if line.role == "gradient" else "step"
        elif line.role == "direction":
            kinds[line.key] = "other" if directions else "direction"
            directions += 1
        elif line.role != "plain" and (line.role != "scale" or _axis_factors(explanation) is not None):
            kinds[line.key] = line.role
    return kinds


def vectors(explanation: Explanation, dimensions: int) -> list[Vector]:
    """Returns the finite vectors; lines of the same kind share one, except those of kind "other"."""
    by_key, vectors = kinds(explanation, dimensions), list[Vector]()
    seen: set[Kind] = set()
    for line in explanation.lines:
        kind = by_key.get(line.key)
        if kind is not None and (kind not in seen or kind == "other"):
            vectors.append(_vector(explanation, line, kind, dimensions))
            seen.add(kind)
    return [vector for vector in vectors if np.isfinite(vector.delta).all()]


def strong(explanation: Explanation, key: str, dimensions: int) -> str:
    """Returns the key of the vector that the line with this key shares."""
    by_key = kinds(explanation, dimensions)
    if by_key.get(key, "other") == "other":
        return key
    return next(other for other, kind in by_key.items() if kind == by_key[key])


def _vector(explanation: Explanation, line: Line, kind: Kind, dimensions: int) -> Vector:
    if kind == "tangent":
        assert line.vector is not None
        return Vector(line.key, kind, (1.0, float(line.vector[0])), "")
    if dimensions == 1:
        rise = explanation.loss_after - explanation.loss
        return Vector(line.key, kind, (float(explanation.stretch[0]), rise), "")
    if kind == "step":
        return Vector(line.key, kind, _pair(explanation.stretch), "")
    if kind == "scale":
        factors = _axis_factors(explanation)
        assert factors is not None
        return Vector(line.key, kind, _pair(factors), "")
    assert line.vector is not None
    parts = tuple((_pair(-part.vector), f"−{plain_text(part.pieces)}") for part in line.parts)
    finite = all(np.isfinite(delta).all() for delta, _ in parts)
    return Vector(line.key, kind, _pair(-line.vector), f"−{plain_text(line.name[:1])}", parts if finite else ())


def _axis_factors(explanation: Explanation) -> np.ndarray | None:
    """Returns |step / last direction| (2,) along each axis; None if it is not finite or all zero."""
    directions = [line.vector for line in explanation.lines if line.role in ("gradient", "direction")]
    if not directions or directions[-1] is None:
        return None
    with np.errstate(all="ignore"):
        factors: np.ndarray = np.abs(explanation.stretch / directions[-1])[:2]
    return factors if np.isfinite(factors).all() and factors.any() else None


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
