"""Labelled runs: what theory says of a run, worked out without looking at how verdicts are given.

On bowls every direction follows in closed form; schedules multiply the factors; signs move by one rate a step; of
other ground the distance from the true minimum, or a long continuation, decides. A label is a set of verdicts where two
are honest; runs that lie on a border have none.
"""

from __future__ import annotations

from tests.verdict_truth import bowls, kinks, noise, surfaces
from tests.verdict_truth.group import Group


def groups() -> list[Group]:
    """All labelled runs, in groups that a sweep runs together."""
    return [group for module in (bowls, kinks, noise, surfaces) for group in module.groups()]
