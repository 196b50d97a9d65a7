"""Steps of runs with different batch sizes that are as many epochs or samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

Equal = Literal["steps", "epochs", "samples"]
EQUAL: tuple[Equal, ...] = get_args(Equal)


def pace(size: int, batch_sizes: Sequence[int | None], equal: Equal, steps: int) -> tuple[int, ...]:
    """Returns for each run the fewest steps that are as many epochs or samples as `steps` of the smallest batches.

    An epoch passes once through the `size` data points; its last batch has those that are left. None is all of them.
    """
    batches = [own or size for own in batch_sizes]
    if equal == "steps":
        return (steps,) * len(batches)
    if equal == "epochs":
        most = _per_epoch(size, min(batches))
        return tuple(-(-steps * _per_epoch(size, own) // most) for own in batches)
    epochs, rest = divmod(samples(size, min(batches), steps), size)
    return tuple(epochs * _per_epoch(size, own) - (-rest // own) for own in batches)


def samples(size: int, batch_size: int | None, steps: int) -> int:
    """Returns the number of data points in the batches of so many steps; the last batch of an epoch may be smaller."""
    own = batch_size or size
    epochs, rest = divmod(steps, _per_epoch(size, own))
    return epochs * size + rest * own


def _per_epoch(size: int, batch_size: int) -> int:
    return -(-size // batch_size)
