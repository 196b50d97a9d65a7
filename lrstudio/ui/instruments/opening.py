"""How a run that was found in a sweep or on a map comes into the session."""

from __future__ import annotations

from dataclasses import fields, replace

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MAX_FAMILY, free_color

_SHARED = {item.name for item in fields(Experiment)} - {"runs", "steps", "target_loss", "horizon"}
"""What runs that stand side by side have in common; steps and target are the session's."""


def with_found(session: Experiment, found: Experiment, place: int | None, palette: int) -> Experiment:
    """The session's experiment with the one run of `found` added, or, with a place, in the place of another.

    Where `found` is about another problem, batches, precision, gradient or seed, it takes the place of the
    whole experiment. ValueError where there are too many runs.
    """
    run = found.runs[0].bare()
    if any(getattr(session, name) != getattr(found, name) for name in _SHARED):
        return found.bare()
    if place is not None and place < len(session.runs):
        return session.with_run(place, **(vars(run) | {"color": session.runs[place].color}))
    if any(run == known.bare() for known in session.runs):
        return session
    if len(session.runs) >= MAX_FAMILY:
        raise ValueError(f"there are {len(session.runs)} runs: at most {MAX_FAMILY}")
    added = replace(run, color=free_color(session.runs, palette))
    return replace(session, runs=(*session.runs, added))
