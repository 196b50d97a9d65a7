"""How much of its way a run has left, now and, at its pace, after the planned steps."""

from __future__ import annotations

import numpy as np

from lrstudio.core.analysis.evidence import Evidence
from lrstudio.core.array import Array

SLOW_SHARE = 0.1
"""A run is too slow if more than this share of its way, or of the slowest direction's loss, is left at the end."""


def way_left(evidence: Evidence) -> Array:
    """The share L (R,) of the way from the start's loss to the minimum's that is left; NaN where that is not known."""
    with np.errstate(all="ignore"):
        left: Array = np.maximum(evidence.last - evidence.least, 0) / (evidence.begin - evidence.least)
        return np.where(np.isfinite(left), left, np.nan)


def projected(evidence: Evidence) -> Array:
    """The share L (R,) that will be left after the planned steps, at the pace of the window."""
    heights = evidence.means if evidence.noisy else evidence.heights[[0, -1]]
    ratio = (heights[1] - evidence.least) / (heights[0] - evidence.least)
    return np.asarray(way_left(evidence) * _pace(ratio, evidence.window.span) ** _ahead(evidence))


def far_projected(evidence: Evidence) -> Array:
    """The share F (R,) of the slowest direction's distance that will be left, at the pace of the window; in bowls."""
    pace = _pace(evidence.far / evidence.far_earlier, evidence.steps - evidence.window.starts[0])
    far = evidence.far * np.where(np.isfinite(pace), pace, 1) ** _ahead(evidence)
    return np.asarray(np.where(evidence.bowl, far, np.nan))


def slow_after(evidence: Evidence) -> Array:
    """Whether more than a tenth of L, or of F^2, will be left (R,); where L is not known, whether a tenth was made."""
    ahead, far = projected(evidence), far_projected(evidence) ** 2
    fallen = np.abs(1 - evidence.last / evidence.begin)
    hardly = np.where(np.isfinite(ahead), ahead > SLOW_SHARE, fallen < SLOW_SHARE)
    return np.asarray(hardly | (far > SLOW_SHARE))


def _pace(ratio: Array, span: int) -> Array:
    return np.asarray(np.clip(ratio, 0, 1) ** (1 / max(1, span)))


def _ahead(evidence: Evidence) -> int:
    return max(0, evidence.planned - evidence.steps)
