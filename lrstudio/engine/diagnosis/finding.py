"""A finding of a diagnosis: what holds of a run, how sure that is, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from lrstudio.core.record import dataclass

Key = Literal[
    "cannot_tell", "range_test", "diverged", "overfitting", "warmup_short", "oscillating", "plateau_ended",
    "warmup_long", "ended_early", "too_slow", "noise_floor", "plateau", "good",
]  # fmt: skip
KEYS: tuple[Key, ...] = get_args(Key)


@dataclass(frozen=True)
class Finding:
    """A finding with how sure it is, from 0.5 (as likely as not) to 1, the sentence's key and the numbers behind it."""

    key: Key
    sure: float
    reason: str
    numbers: Mapping[str, float]


def sure(*margins: float) -> float:
    """Returns how sure a finding is from the factors by which its measures pass their bounds: the least counts.

    0.5 at the bound, 0.8 at twice and 0.94 at four times the bound.
    """
    least = max(min(margins), 1e-9)
    return float(min(0.99, 1 / (1 + 1 / (least * least))))
